"""The formats that there are: what ships, and beside it a folder of a person's own, whatever is in it."""

import os
from pathlib import Path

import pytest

from debate_server.core.errors import FormatError, InvalidRequest, SettingsError
from debate_server.formats import MOST_BYTES, Formats
from tests.conftest import Serve

MINE = """
name = "mine"
title = "Mine"
about = "One agent. And no other."
manners = "Speak."

[[agents]]
name = "Ann"
side = "for"
persona = "You are Ann."

[[rounds]]
name = "Opening"
speakers = ["Ann"]
task = "Open on {topic}."
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "formats"
    made.mkdir()
    return made


def error(folder: Path, name: str) -> str:
    with pytest.raises(FormatError) as caught:
        Formats(str(folder)).get(name)
    return caught.value.message


@pytest.mark.parametrize("there", [True, False])
def test_a_folder_that_is_empty_or_not_there_leaves_what_ships(folder: Path, there: bool) -> None:
    if not there:
        folder.rmdir()
    formats = Formats(str(folder))
    assert list(formats.all()) == list(Formats().all())
    assert "classic" in formats.all()
    assert {file.path for file in formats.files.values()} == {None}


def test_a_file_in_the_folder_is_a_format_beside_those_that_ship(folder: Path) -> None:
    (folder / "mine.toml").write_text(MINE)
    (folder / "mine.toml~").write_text("left by an editor")
    formats = Formats(str(folder))
    assert formats.get("mine").title == "Mine"
    assert list(formats.all()) == sorted([*Formats().all(), "mine"])
    assert formats.files["mine"].path == folder / "mine.toml"
    assert not formats.broken()


def test_one_of_a_persons_own_goes_before_a_shipped_one_of_its_name(folder: Path) -> None:
    (folder / "classic.toml").write_text(MINE.replace('"mine"', '"classic"'))
    formats = Formats(str(folder))
    assert formats.get("classic").title == "Mine"
    assert formats.all() == Formats().all() | {"classic": formats.get("classic")}  # also those that extend it


def test_it_may_extend_one_that_ships_and_another_of_its_folder(folder: Path) -> None:
    (folder / "short.toml").write_text('extends = "classic"\nname = "short"\ntitle = "Short"\ndefault_rounds = 1\n')
    (folder / "shorter.toml").write_text('extends = "short"\nname = "shorter"\n')
    shorter, classic = Formats(str(folder)).get("shorter"), Formats().get("classic")
    assert (shorter.title, shorter.default_rounds) == ("Short", 1)
    assert shorter.rounds == classic.rounds


def test_a_broken_one_is_left_out_and_who_asks_for_it_is_told_why(folder: Path) -> None:
    (folder / "mine.toml").write_text(MINE)
    (folder / "classic.toml").write_text(MINE.replace("speakers", "speaker").replace('"mine"', '"classic"'))
    formats = Formats(str(folder))
    assert "classic" not in formats.all()
    assert "mine" in formats.all()
    assert list(formats.broken()) == ["classic"]
    assert error(folder, "classic").startswith(f"{folder / 'classic.toml'}, line 14: rounds[0].speaker: there is no")


def test_a_name_that_no_file_has_is_answered_with_those_there_are(folder: Path) -> None:
    (folder / "mine.toml").write_text(MINE)
    (folder / "bad.toml").write_text("")
    with pytest.raises(InvalidRequest, match=r"Choose one of: classic, .*mine") as caught:
        Formats(str(folder)).get("yours")
    assert "bad" not in caught.value.message


# What is in the file "mine.toml", or makes it, and what is said of it after its path.
FILES = {
    "empty":         (b"", ": name: it is missing."),
    "not utf-8":     (MINE.encode().replace(b"Ann.", b"Ann\xff."), ", line 10: there is a byte that is not UTF-8;"),
    "not toml":      (MINE.replace('"for"', "for").encode(), " is not TOML: Invalid value (at line 9,"),
    "too long":      (b"#" * (MOST_BYTES + 1), f" has {MOST_BYTES + 1} bytes; expected at most {MOST_BYTES}."),
    "too deep":      (b"x = " + b"[" * 100_000, " is not TOML that can be read: it is nested too deeply."),
    "a long number": (b"x = " + b"1" * 100_000, " is not TOML: Exceeds the limit"),
    "another name":  (MINE.replace('"mine"', '"yours"').encode(), ", line 2: name: 'yours'; expected 'mine', as its"),
    "a folder":      (Path.mkdir, " is no file; expected one in TOML."),
    "a pipe":        (os.mkfifo, " is no file; expected one in TOML."),
    "a stray link":  (lambda path: path.symlink_to("nowhere"), " cannot be read: No such file"),
}  # fmt: skip


@pytest.mark.parametrize(("made", "said"), FILES.values(), ids=FILES)
def test_what_is_no_format_s_file_is_named_and_stops_no_other(folder: Path, made: object, said: str) -> None:
    path = folder / "mine.toml"
    if callable(made):
        made(path)
    else:
        assert isinstance(made, bytes)
        path.write_bytes(made)
    assert error(folder, "mine").startswith(f"{path}{said}")
    assert list(Formats(str(folder)).all()) == list(Formats().all())


def test_a_file_that_cannot_be_had_cannot_be_extended(folder: Path) -> None:
    (folder / "mine.toml").write_text(MINE.replace('name = "mine"', 'name = "mine"\nextends = "base"'))
    (folder / "base.toml").write_bytes(b"\xff")
    path = folder / "mine.toml"
    assert error(folder, "mine").startswith(f"{path}, line 3: extends: {folder / 'base.toml'}, line 1: there is a byte")
    (folder / "base.toml").write_text('extends = "nope"')
    assert error(folder, "mine").startswith(f"{path}, line 3: extends (mine → base → nope): there is no format 'nope'")


def test_a_folder_that_is_none_is_a_setting_that_is_wrong(folder: Path) -> None:
    (folder / "file").touch()
    with pytest.raises(SettingsError, match="cannot be read: Not a directory"):
        Formats(str(folder / "file"))


async def test_the_server_offers_and_holds_a_persons_own_and_refuses_a_broken_one(serve: Serve, folder: Path) -> None:
    (folder / "mine.toml").write_text(MINE)
    (folder / "bad.toml").write_text("")
    async with serve(formats=str(folder)) as server:
        _, told = await server.json("GET", "/api/formats")
        names = [format_["name"] for format_ in told["formats"]]
        assert "mine" in names
        assert "bad" not in names
        events = await server.debate(format="mine")
        assert [event["agent"] for event in events if event["type"] == "agent_end"] == ["Ann"]
        status, problem = await server.json("POST", "/api/debates", json={"topic": "x", "format": "bad"})
    assert (status, problem["code"]) == (422, "invalid_format")
    assert problem["detail"].startswith(f"{folder / 'bad.toml'}: name: it is missing.")
