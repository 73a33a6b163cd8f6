"""The record of a run: what the log has is what the output had."""

import asyncio
from pathlib import Path

import orjson

from debate_server.commands.read import Archive
from debate_server.runs.record import record
from debate_server.runs.scoring.marking import Marking
from tests.conftest import Serve, Server
from tests.fakes.script import Gate, Say, refuse
from tests.fakes.upstream import FakeUpstream
from tests.runs.holding.held import QUICK, WORDS, mine, planned


def recorded(folder: Path) -> list[dict[str, object]]:
    """The results of the only run in the log, as an output would have them."""
    archive = Archive(folder)
    [run] = archive.runs(9)
    return [orjson.loads(orjson.dumps(one)) for one in record(archive.of_run(run.id), archive.transcript)]


async def test_it_has_the_results_that_the_output_has(server: Server, fake: FakeUpstream, tmp_path: Path) -> None:
    """One went well, one failed twice, one failed and then went well."""
    fake.play(WORDS, [refuse(400)], [refuse(400)], [refuse(400)], WORDS)
    held = mine(server, tmp_path, planned(3))
    await held(again=True, at_once=1)
    assert held.told("status", "attempt") == [("completed", 1), ("failed", 2), ("completed", 2)]
    assert recorded(tmp_path / "data") == held.results


async def test_what_attempts_have_cost_and_what_was_marked_is_in_it(
    server: Server, fake: FakeUpstream, tmp_path: Path
) -> None:
    fake.play(WORDS, [refuse(400)], WORDS, WORDS, [Say("Answer: yes")])
    held = mine(server, tmp_path, planned(1, QUICK, score="judge", answer="Paris"), Marking(""))
    await held(again=True)
    [result] = held.results
    assert (result["attempt"], result["correct"], result["usage"]["output"]) == (2, True, 3 * 3)
    assert recorded(tmp_path / "data") == [result]


async def test_what_is_underway_is_not_in_it(serve: Serve, fake: FakeUpstream, tmp_path: Path) -> None:
    fake.play(WORDS, [Gate(asyncio.Event())])
    async with serve() as server:
        holding = asyncio.ensure_future(mine(server, tmp_path, planned(2))(at_once=1))
        await fake.asked(2)
        assert [one["entry"] for one in recorded(tmp_path / "data")] == ["1/single"]
        holding.cancel()
        await asyncio.wait([holding])
