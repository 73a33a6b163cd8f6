"""The output of a run: every result once, whatever became of the process that wrote them."""

import os
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from debate_server.core.errors import InvalidRequest
from debate_server.core.events import Usage
from debate_server.core.run import Entry
from debate_server.core.transcript import Transcript
from debate_server.runs.holding.output import Output, OutputLost
from debate_server.runs.outcome import outcome
from debate_server.runs.result import Result


def result(name: str, status: str = "completed") -> Result:
    entry = Entry(name=name, item=name, format="single")
    return replace(outcome("r1", entry, Transcript(topic="Why?"), "", Usage(), marked=None), status=status)


def names(path: Path) -> list[str]:
    return [orjson.loads(line)["entry"] for line in path.read_bytes().splitlines()]


async def test_what_is_in_the_file_is_known_and_half_a_line_is_taken_off(tmp_path: Path) -> None:
    path = tmp_path / "out.ndjson"
    with Output(path, "r1", again=False) as output:
        await output.write(result("a"))
        await output.write(result("b", "failed"))
        assert list(output.failed) == ["b"]
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:40])
    with Output(path, "r1", again=False) as output:
        assert [output.has(name) for name in "abc"] == [True, True, False]
        assert list(output.failed) == ["b"]
        await output.write(result("c"))
    assert names(path) == ["a", "b", "c"]


async def test_what_is_to_be_held_again_is_taken_off(tmp_path: Path) -> None:
    path = tmp_path / "out.ndjson"
    with Output(path, "r1", again=False) as output:
        for name, status in (("a", "failed"), ("b", "completed"), ("c", "interrupted")):
            await output.write(result(name, status))
    with Output(path, "r1", again=True) as output:
        assert [output.has(name) for name in "abc"] == [False, True, False]
        assert list(output.failed) == []
    assert names(path) == ["b"]
    assert os.listdir(tmp_path) == ["out.ndjson"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b'{"run":"r2","entry":"a","status":"completed"}\n', "another run"),
        (b'{"topic":"Why?"}\n', "line 1 is no result"),
        (b"Once upon a time\n", "line 1 is no result"),
        (b"[]\n", "line 1 is no result"),
    ],
)
def test_another_files_lines_are_refused_and_left_alone(tmp_path: Path, line: bytes, told: str) -> None:
    path = tmp_path / "out.ndjson"
    path.write_bytes(line)
    for again in (False, True):
        with pytest.raises(InvalidRequest, match=told):
            Output(path, "r1", again=again)
    assert path.read_bytes() == line
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.ndjson"]


async def test_two_commands_do_not_write_to_one_file(tmp_path: Path) -> None:
    path = tmp_path / "out.ndjson"
    with Output(path, "r1", again=False), pytest.raises(InvalidRequest, match="Another command writes to"):
        Output(path, "r1", again=False)
    with Output(path, "r1", again=False) as output:
        await output.write(result("a"))
    assert names(path) == ["a"]


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none" / "out.ndjson"):
        with pytest.raises(InvalidRequest, match="Choose another --out"):
            Output(path, "r1", again=False)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only Linux has a device that is always full")
async def test_a_full_disk_is_told_of() -> None:
    with Output(Path("/dev/full"), "r1", again=False) as output, pytest.raises(OutputLost, match="No space left"):
        await output.write(result("a"))


async def test_of_what_is_not_asked_for_nothing_is_said_and_nothing_taken_off(tmp_path: Path) -> None:
    path = tmp_path / "out.ndjson"
    with Output(path, "r1", again=False) as output:
        for name in "abc":
            await output.write(result(name, "failed"))
    with Output(path, "r1", again=False, only={"a", "d"}) as output:
        assert list(output.failed) == ["a"]
    with Output(path, "r1", again=True, only={"a", "d"}) as output:
        assert [output.has(name) for name in "abc"] == [False, True, True]
    assert names(path) == ["b", "c"]


async def test_a_file_stays_what_it_was_for_others_when_failures_are_taken_off(tmp_path: Path) -> None:
    real, link = tmp_path / "real.ndjson", tmp_path / "link.ndjson"
    link.symlink_to(real)
    (tmp_path / "link.ndjson.new").write_text("mine")
    with Output(link, "r1", again=False) as output:
        await output.write(result("a"))
        await output.write(result("b", "failed"))
    real.chmod(0o600)
    with Output(link, "r1", again=True):
        pass
    assert (link.is_symlink(), names(real), real.stat().st_mode & 0o777) == (True, ["a"], 0o600)
    assert (tmp_path / "link.ndjson.new").read_text() == "mine"
    assert sorted(os.listdir(tmp_path)) == ["link.ndjson", "link.ndjson.new", "real.ndjson"]
