"""A run that was cut or left: what was underway goes on, and is paid for once."""

import asyncio
from pathlib import Path
from typing import Any

from debate_server.core.run import Run
from debate_server.house import opened
from debate_server.runs.holding.hold import Holding
from debate_server.runs.holding.output import Output
from debate_server.runs.holding.venue import Here
from tests.conftest import Serve, Server, no_pause, settings_for
from tests.fakes.script import Gate, Say, Script, Stall
from tests.fakes.upstream import FakeUpstream
from tests.runs.holding.held import PRICED, QUICK, WORDS, cost, mine, planned


async def test_a_debate_that_a_server_ended_goes_on_and_only_what_was_not_said_is_paid_for(
    serve: Serve, fake: FakeUpstream, tmp_path: Path
) -> None:
    fake.play(WORDS, [Say("But I", finish=None), Gate(asyncio.Event())])
    async with serve() as server:
        held = mine(server, tmp_path, planned(1, QUICK))
        holding = asyncio.ensure_future(held())
        await fake.asked(2)
        holding.cancel()
        await asyncio.wait([holding])
    async with serve(on_restart="end") as server:
        [before] = (await server.json("GET", "/api/debates"))[1]["debates"]
        assert before["reason"] == "interrupted"
        held = mine(server, tmp_path, planned(1, QUICK))
        assert (await held()).done == 1
        assert held.told("status", "attempt") == [("completed", 2)]
        assert len(fake.requests) == 2 + 2
        [result] = held.results
        _, last = await server.json("GET", f"/api/debates/{result['debate']}")
        assert last["parent"] == before["id"]


async def test_one_that_is_paused_goes_on_when_the_run_does(serve: Serve, fake: FakeUpstream, tmp_path: Path) -> None:
    release = asyncio.Event()
    fake.play([Gate(release), *WORDS])
    async with serve() as server:
        held = mine(server, tmp_path, planned(1, QUICK))
        holding = asyncio.ensure_future(held())
        debate = await held.debate(fake)
        pausing = asyncio.ensure_future(server.house.runner.pause(debate))
        await asyncio.sleep(0)
        release.set()
        await pausing
        holding.cancel()
        await asyncio.wait([holding])
    async with serve() as server:
        held = mine(server, tmp_path, planned(1, QUICK))
        standing = await held()
        assert held.told("status", "attempt", "debate") == [("completed", 1, debate)]
        assert standing.spent.output == held.results[0]["usage"]["output"]
        assert len(fake.requests) == 3


async def test_one_that_was_paused_for_too_long_goes_on_all_the_same(
    serve: Serve, fake: FakeUpstream, tmp_path: Path
) -> None:
    """Whoever left it to come back did not mean to end it; whoever stops one does."""
    async with serve() as server:
        held = mine(server, tmp_path, planned(1, QUICK))
        fake.play([Gate(release := asyncio.Event()), *WORDS])
        holding = asyncio.ensure_future(held())
        debate = await held.debate(fake)
        leaving = asyncio.ensure_future(held.holding.leave())
        await asyncio.sleep(0)
        release.set()
        await asyncio.gather(leaving, holding)
    async with serve(max_pause=0.1) as server:
        await server.house.runner.ended(debate)
        assert server.house.log.row(debate).reason == "stopped"
        held = mine(server, tmp_path, planned(1, QUICK))
        assert (await held()).failures == {}
        assert held.told("status", "attempt") == [("completed", 2)]
    assert len(fake.requests) == 3


async def test_what_comes_to_its_end_while_a_run_is_left_is_written(
    server: Server, fake: FakeUpstream, tmp_path: Path
) -> None:
    release = asyncio.Event()
    fake.script = lambda _: [Gate(release), *WORDS]
    held = mine(server, tmp_path, planned(5))
    holding = asyncio.ensure_future(held(at_once=2))
    await fake.asked(2)
    leaving = asyncio.ensure_future(held.holding.leave())
    await asyncio.sleep(0)
    release.set()
    await leaving
    assert (await holding).done == len(held.results) == len(fake.requests) == 2


async def test_what_was_underway_at_a_kill_goes_on_so_many_at_a_time_as_are_asked_for(
    serve: Serve, fake: FakeUpstream, tmp_path: Path
) -> None:
    fake.script = lambda _: [Stall()]
    async with serve() as server:
        holding = asyncio.ensure_future(mine(server, tmp_path, planned(6))(at_once=6))
        await fake.asked(4)  # as many as are begun at first
        holding.cancel()
        await asyncio.wait([holding])
    most = 0

    def script(_: dict[str, Any]) -> Script:
        nonlocal most
        most = max(most, fake.open)
        return WORDS

    fake.script = script
    async with opened(settings_for(fake, tmp_path / "data"), pause=no_pause) as house:
        venue = Here(house.log, house.upstream, house.runner, pause=no_pause)
        state = await venue.open(Run(asked="a", source="a.txt", total=6, formats=("single",)))
        with Output(tmp_path / "out.ndjson", state.id, again=False) as output:
            one = Holding(venue, state, output, at_once=1, again=False, pause=no_pause)
            await one.hold(lambda: planned(6))
    assert (one.standing.done, most) == (6, 1)


async def test_a_run_takes_up_its_own_debates_alone_and_those_that_were_paused_for_long(
    serve: Serve, fake: FakeUpstream, tmp_path: Path
) -> None:
    """What else was cut waits for a server: it is not asked for in the name of a run that will end before it."""
    fake.script = lambda _: [Stall()]
    async with serve() as server:
        its = mine(server, tmp_path, planned(1))
        holding = asyncio.ensure_future(its())
        await server.json("POST", "/api/debates", json={"topic": "Another?", "format": "single"})
        await fake.asked(2)
        [debate] = its.holding.underway
    holding.cancel()
    await asyncio.gather(holding, return_exceptions=True)
    fake.script = lambda _: WORDS
    async with opened(settings_for(fake, tmp_path / "data", max_pause=0.1), pause=no_pause) as house:
        house.runner.take_up_one(debate)
        await house.runner.ended(debate)
        assert [row.status for row in house.log.live()] == ["running"]
    assert len(fake.requests) == 3


async def test_a_debate_that_goes_on_needs_no_more_than_what_is_left_of_its_worst_case(
    serve: Serve, fake: FakeUpstream, tmp_path: Path
) -> None:
    """The budget reaches for one debate at its worst, and a speech of it was paid for before the server was ended."""
    fake.models = PRICED
    fake.play([Say("For.", usage=cost(400))], [Stall()])
    fake.script = lambda _: [Say("Against.", usage=cost(1))]
    async with serve() as server:
        one = mine(server, tmp_path, planned(1, QUICK))
        venue = Here(server.house.log, server.house.upstream, server.house.runner)
        worst = (await venue.estimate(one.debates[0].start)).most.usage.cost_usd
        assert worst is not None
        one.budget = worst * 1.01
        holding = asyncio.ensure_future(one())
        await fake.asked(2)
    holding.cancel()
    await asyncio.gather(holding, return_exceptions=True)
    async with serve() as server:
        again = mine(server, tmp_path, one.debates)
        again.budget = one.budget
        standing = await again()
    assert (standing.done, standing.troubles) == (1, {})


async def test_whoever_waits_for_a_turn_has_none_once_a_run_is_left(
    server: Server, fake: FakeUpstream, tmp_path: Path
) -> None:
    release = asyncio.Event()
    fake.script = lambda _: [Gate(release), *WORDS]
    held = mine(server, tmp_path, planned(8))
    holding = asyncio.ensure_future(held(at_once=8))
    await fake.asked(4)  # as many as are begun at first
    leaving = asyncio.ensure_future(held.holding.leave())
    await asyncio.sleep(0)
    release.set()
    await asyncio.gather(leaving, holding)
    assert (len(fake.requests), len(held.results)) == (4, 4)


async def test_one_that_is_paused_for_too_long_while_it_is_held_is_no_loss(
    serve: Serve, fake: FakeUpstream, tmp_path: Path
) -> None:
    fake.play([Gate(release := asyncio.Event()), *WORDS])
    async with serve(max_pause=0.1) as server:
        held = mine(server, tmp_path, planned(1, QUICK))
        holding = asyncio.ensure_future(held())
        debate = await held.debate(fake)
        pausing = asyncio.ensure_future(server.house.runner.pause(debate))
        await asyncio.sleep(0)
        release.set()
        await pausing
        standing = await holding
    assert held.told("status", "attempt") == [("completed", 2)]
    assert len(fake.requests) == 3
    assert standing.spent.output == held.results[0]["usage"]["output"]
