"""``debate formats``, and a debate in a format of one's own, by its name or by its file."""

from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from debate_server.formats import Formats
from tests.commands.conftest import Cli
from tests.commands.test_run import beside, both
from tests.fakes.upstream import FakeUpstream
from tests.formats.test_formats import MINE


def kept(debate: Cli, name: str, text: str) -> Path:
    """A file in the person's own folder."""
    folder = debate.home / ".config" / "debate-server" / "formats"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    return folder / name


async def test_the_list_has_what_ships_and_ones_own_and_says_what_is_left_out(debate: Cli) -> None:
    mine = kept(debate, "mine.toml", MINE)
    bad = kept(debate, "bad.toml", MINE.replace("speakers", "speaker"))
    ran = await debate("formats")
    lines = ran.out.splitlines()
    assert ran.code == 0
    assert [line.split()[0] for line in lines[1:]] == sorted([*Formats().all(), "mine"])
    shown = {words[0]: words[1:] for words in map(str.split, lines)}
    assert shown["mine"] == ["1", "1", "One", "agent.", f"({mine})"]
    assert shown["classic"][:3] == ["2+", "3", "An"]
    assert ran.err.startswith(f"{bad}, line 14: rounds[0].speaker: there is no such key; did you mean speakers?")
    rows = {row["name"]: row for row in (await debate("formats", "--json")).events}
    assert rows["mine"]["file"] == str(mine)
    assert (rows["classic"]["file"], rows["classic"]["seats"]) == (None, ["Optimist", "Skeptic", "Moderator"])


async def test_a_format_is_shown_as_its_file_has_it_and_what_was_changed_is_checked(debate: Cli) -> None:
    shown = await debate("formats", "show", "classic")
    assert (shown.code, shown.err, shown.out) == (0, "", Formats().files["classic"].text)
    kept(debate, "classic.toml", MINE)
    assert (await debate("formats", "show", "classic")).out == MINE
    good, bad = debate.home / "mine.toml", debate.home / "bad.toml"
    good.write_text(MINE)
    bad.write_text(MINE.replace('name = "mine"\ntitle =', 'name = "bad"\ntitel =').replace('"Ann"]', '"Eve"]'))
    assert (await debate("formats", "check", "mine.toml")).out == "mine.toml: ok\n"
    checked = await debate("formats", "check", "mine.toml", "bad.toml", "nowhere.toml")
    assert (checked.code, checked.err) == (1, "")
    assert [line.partition("; ")[0] for line in checked.out.splitlines()] == [
        "mine.toml: ok",
        "bad.toml, line 3: titel: there is no such key",
        "bad.toml: title: it is missing.",
        "nowhere.toml cannot be read: No such file or directory.",
    ]
    [row] = (await debate("formats", "check", "bad.toml", "--json")).events
    assert (row["file"], row["ok"], len(row["wrong"])) == ("bad.toml", False, 2)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["formats", "show", "nope"],                    2, "Choose one of: "),
        (["formats", "show"],                            2, "NAME"),
        (["formats", "check"],                           2, "FILE"),
        (["formats", "--formats", "nowhere"],            2, "formats is 'nowhere'; it must be a folder"),
        (["run", "x", "--format", "bad"],                2, "rounds[0].speaker: there is no such key"),
        (["run", "x", "--format", "./bad"],              2, "bad cannot be read: No such file"),
        (["run", "x", "--format", "nowhere.toml"],       2, "nowhere.toml cannot be read: No such file"),
    ],
)  # fmt: skip
async def test_what_cannot_be_meant_is_named(debate: Cli, words: list[str], code: int, said: str) -> None:
    kept(debate, "bad.toml", MINE.replace("speakers", "speaker").replace('"mine"', '"bad"'))
    ran = await debate(*words)
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err


async def test_a_server_tells_once_what_is_left_out_and_serves(debate: Cli) -> None:
    bad = kept(debate, "bad.toml", "name = ")
    async with debate.serve() as (server, _):
        server.process.terminate()
        ran = await server.end()
    assert ran.code == 0
    assert ran.err.count(f"{bad} is not TOML: ") == 1


@both
async def test_a_debate_is_held_in_a_format_of_ones_own(debate: Cli, fake: FakeUpstream, through: bool) -> None:
    kept(debate, "mine.toml", MINE)
    other = debate.home / "other.toml"
    other.write_text('extends = "mine"\nname = "other"\nmanners = "Whisper."\n')
    async with AsyncExitStack() as stack:
        await beside(stack, debate, through)
        for asked, name, said in (("mine", "mine", "Speak."), ("other.toml", "other", "Whisper.")):
            ran = await debate("run", "Ready?", "--format", asked, "--json")
            assert (ran.code, ran.err, ran.events[0]["format"]) == (0, "", name)
            assert [event["agent"] for event in ran.events if event["type"] == "agent_end"] == ["Ann"]
            assert said in str(fake.requests[-1].body["messages"])


async def test_a_folder_that_the_server_does_not_have_is_refused(debate: Cli, fake: FakeUpstream) -> None:
    (debate.home / "own").mkdir()
    (debate.home / "own" / "mine.toml").write_text(MINE)
    assert (await debate("run", "x", "--format", "mine", "--formats", "own")).code == 0
    asked = len(fake.requests)
    async with debate.serve():
        ran = await debate("run", "x", "--format", "mine", "--formats", "own")
    assert (ran.code, ran.out) == (2, "")
    assert "--formats cannot be had here" in ran.err
    assert len(fake.requests) == asked
