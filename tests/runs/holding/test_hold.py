"""A run in this process: what has come of its debates before, by whatever hand, and what they cost."""

import asyncio
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest

from debate_server.core.errors import LogUnavailable
from debate_server.core.run import Begin, Run
from debate_server.house import opened
from debate_server.runs.holding.hold import Holding, Standing
from debate_server.runs.holding.output import Output, OutputLost
from debate_server.runs.holding.venue import Here
from debate_server.runs.items.shape import Item
from debate_server.runs.orders.product import Chosen, Planned, Product
from debate_server.runs.scoring.marking import Marking
from tests.conftest import Serve, Server, no_pause, settings_for
from tests.fakes.script import Gate, Say, Script, Stall, refuse
from tests.fakes.upstream import FakeUpstream
from tests.web.test_full_disk import fill, make_room

SINGLE = Chosen("single", "single", [("Speaker", "alone")])
QUICK = Chosen("quick", "quick", [("Optimist", "for"), ("Skeptic", "against"), ("Moderator", "chair")])
WORDS: Script = [Say("So it is.")]
PRICED = [{"id": "fake-chat", "pricing": {"prompt": "0", "completion": "0.01"}}]


def planned(count: int, chosen: Chosen = SINGLE, **fields: Any) -> list[Planned]:
    """The debates on so many topics."""
    product = Product(chosen=[chosen], formats={}, score=fields.pop("score", None))
    items = [Item(id=str(n), line=n, topic=f"Is {n} so?", **fields) for n in range(1, count + 1)]
    return [one for item in items for one in product.of(item)]


@dataclass
class Held:
    """A run of those debates at a server, held as often as one likes."""

    server: Server
    path: Path
    debates: list[Planned]
    marking: Marking | None = None
    budget: float | None = None
    holding: Holding = field(init=False)

    async def __call__(self, *, again: bool = False, at_once: int = 4) -> Standing:
        house = self.server.house
        venue = Here(house.log, house.upstream, house.runner, pause=no_pause)
        run = Run(asked="a", source="a.txt", total=len(self.debates), formats=("single",), budget_usd=self.budget)
        state = await venue.open(run)
        with Output(self.path, state.id, again=again) as output:
            self.holding = Holding(
                venue, state, output, at_once=at_once, again=again, marking=self.marking, pause=no_pause
            )
            await self.holding.hold(lambda: self.debates)
        return self.holding.standing

    @property
    def results(self) -> list[dict[str, Any]]:
        """What the output has, by item."""
        found = [orjson.loads(line) for line in self.path.read_bytes().splitlines()]
        return sorted(found, key=lambda one: one["item"])

    def told(self, *names: str) -> list[tuple[Any, ...]]:
        return [tuple(one[name] for name in names) for one in self.results]

    async def debate(self, fake: FakeUpstream, number: int = 1) -> str:
        """The debate that is being held, once so many speeches were asked for."""
        await fake.asked(number)
        [debate] = self.holding.underway
        return debate


def mine(server: Server, tmp_path: Path, debates: list[Planned], marking: Marking | None = None) -> Held:
    return Held(server, tmp_path / "out.ndjson", debates, marking)


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


async def test_what_was_over_before_is_told_from_what_is_held_here(
    server: Server, fake: FakeUpstream, tmp_path: Path
) -> None:
    fake.play(WORDS, [refuse(400)], WORDS, WORDS, WORDS)
    first = await mine(server, tmp_path, planned(2))(at_once=1)
    assert (first.done, first.passed) == (2, 0)
    more = await mine(server, tmp_path, planned(3))()  # those two are in the file
    assert (more.done, more.passed) == (3, 2)
    (tmp_path / "out.ndjson").unlink()  # they are in the log alone
    again = await mine(server, tmp_path, planned(3))(again=True)
    assert (again.done, again.passed) == (3, 2)


async def test_one_that_is_stopped_by_hand_is_a_failure_and_held_again_where_that_is_asked_for(
    server: Server, fake: FakeUpstream, tmp_path: Path
) -> None:
    held = mine(server, tmp_path, planned(1))
    fake.play([Gate(asyncio.Event())])
    holding = asyncio.ensure_future(held())
    debate = await held.debate(fake)
    await server.json("POST", f"/api/debates/{debate}/stop")
    assert list((await holding).failures) == ["1/single"]
    assert held.told("status", "attempt", "correct") == [("stopped", 1, None)]
    assert list((await held()).failures) == ["1/single"]
    assert len(fake.requests) == 1
    assert list((await held(again=True)).failures) == []
    assert held.told("status", "attempt") == [("completed", 2)]


async def test_one_that_was_deleted_fails_and_the_others_are_held(
    server: Server, fake: FakeUpstream, tmp_path: Path
) -> None:
    fake.script = lambda _: WORDS
    held = mine(server, tmp_path, planned(3))
    await held()
    await server.json("DELETE", f"/api/debates/{held.results[1]['debate']}")
    held.path.unlink()
    assert list((await held()).failures) == ["2/single"]
    assert held.told("status") == [("completed",), ("failed",), ("completed",)]
    assert held.results[1]["error"]["code"] == "gone"
    assert len(fake.requests) == 3
    assert list((await held(again=True)).failures) == []
    assert held.told("status") == [("completed",)] * 3
    assert len(fake.requests) == 4


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


async def test_debates_of_different_models_are_no_more_at_a_time_than_those_of_one(
    server: Server, fake: FakeUpstream, tmp_path: Path
) -> None:
    most, full = 0, asyncio.Event()

    def script(_: dict[str, Any]) -> Script:
        nonlocal most
        most = max(most, len(holding.underway))
        if fake.open == 2:
            full.set()
        return [Gate(full), *WORDS]

    fake.script = script
    product = Product(chosen=[SINGLE], formats={}, models=("one", "other"))
    debates = [one for n in range(4) for one in product.of(Item(id=str(n), line=n, topic=f"Is {n} so?"))]
    house = server.house
    venue = Here(house.log, house.upstream, house.runner, pause=no_pause)
    state = await venue.open(Run(asked="a", source="a.txt", total=8, formats=("single",)))
    with Output(tmp_path / "out.ndjson", state.id, again=False) as output:
        holding = Holding(venue, state, output, at_once=2, again=False, pause=no_pause)
        await holding.hold(lambda: debates, {one.models for one in debates})
    assert (holding.standing.done, most) == (8, 2)


async def test_a_model_that_fails_does_not_keep_the_others_waiting(
    server: Server, fake: FakeUpstream, tmp_path: Path
) -> None:
    """What is to be done after a failure is waited for until all that goes well has been held."""
    fake.models = ["good", "bad"]
    asked, all_good, done = Counter[str](), asyncio.Event(), asyncio.Event()

    def script(body: dict[str, Any]) -> Script:
        asked[body["model"]] += 1
        if asked["good"] == 20:
            all_good.set()
        return [refuse(400)] if body["model"] == "bad" else WORDS

    fake.script = script
    product = Product(chosen=[SINGLE], formats={}, models=("good", "bad"))
    debates = [one for n in range(20) for one in product.of(Item(id=str(n), line=n, topic=f"Is {n} so?"))]

    async def pause(seconds: float) -> None:
        await done.wait()

    house = server.house
    venue = Here(house.log, house.upstream, house.runner, pause=no_pause)
    state = await venue.open(Run(asked="a", source="a.txt", total=40, formats=("single",)))
    with Output(tmp_path / "out.ndjson", state.id, again=False) as output:
        holding = Holding(venue, state, output, at_once=4, again=False, pause=pause)
        task = asyncio.ensure_future(holding.hold(lambda: debates, {one.models for one in debates}))
        async with asyncio.timeout(30):
            await all_good.wait()
        assert holding.standing.left > 0
        done.set()
        await task
    assert [name for name in holding.standing.failures if "good" in name] == []


async def test_an_endpoint_that_has_enough_for_now_slows_a_run_down_and_all_of_it_is_held(
    serve: Serve, fake: FakeUpstream, tmp_path: Path
) -> None:
    waited = list[float]()

    async def pause(seconds: float) -> None:
        waited.append(seconds)

    refused = set[str]()

    def script(body: dict[str, Any]) -> Script:
        """Each third topic is refused once."""
        number = int(re.findall(r"Is (\d+) so", str(body["messages"]))[-1])
        if number % 3 or str(number) in refused:
            return WORDS
        refused.add(str(number))
        return [refuse(429, headers={"Retry-After": "7"})]

    fake.script = script
    async with serve(pause=pause) as server:
        held = mine(server, tmp_path, planned(12))
        standing = await held(at_once=12)
    assert (standing.done, list(standing.failures), standing.left) == (12, [], 0)
    assert held.told("status") == [("completed",)] * 12
    assert 7.0 in waited
    assert len(fake.requests) == 12 + len(refused) == 16


async def test_what_fails_is_held_again_once_at_the_end_of_the_same_command(
    server: Server, fake: FakeUpstream, tmp_path: Path
) -> None:
    order = list[str]()

    def script(body: dict[str, Any]) -> Script:
        number = str(body["messages"]).partition(" so?")[0][-1]
        order.append(number)
        return [refuse(400)] if number == "1" or (number == "2" and order.count("2") == 1) else WORDS

    fake.script = script
    held = mine(server, tmp_path, planned(4))
    standing = await held(again=True, at_once=1)
    assert order == ["1", "2", "3", "4", "1", "2"]
    assert (standing.done, list(standing.failures)) == (4, ["1/single"])
    assert held.told("item", "status", "attempt") == [
        ("1", "failed", 2), ("2", "completed", 2), ("3", "completed", 1), ("4", "completed", 1)
    ]  # fmt: skip


def cost(tokens: int) -> dict[str, int]:
    return {"prompt_tokens": 7, "completion_tokens": tokens}


async def test_what_attempts_have_cost_is_added_up(server: Server, fake: FakeUpstream, tmp_path: Path) -> None:
    """A token costs a cent. The first attempt is cut by the second speaker's refusal."""
    fake.models = PRICED
    fake.play([Say("For.", usage=cost(100))], [refuse(400)])
    held = mine(server, tmp_path, planned(1, QUICK))
    assert (await held()).spent.cost_usd == pytest.approx(1.0)
    assert held.results[0]["usage"]["cost_usd"] == pytest.approx(1.0)
    fake.play([Say("Against.", usage=cost(20))], [Say("So.", usage=cost(3))])
    standing = await held(again=True)
    [result] = held.results
    assert standing.spent.output == result["usage"]["output"] == 123
    assert standing.spent.cost_usd == pytest.approx(1.23)
    assert result["usage"]["cost_usd"] == pytest.approx(1.23)
    assert (await held()).spent.cost_usd == pytest.approx(1.23)


async def test_a_marking_is_in_what_the_run_has_cost_and_not_in_what_the_debate_has(
    server: Server, fake: FakeUpstream, tmp_path: Path
) -> None:
    fake.models = PRICED
    fake.play([Say("It is Paris.", usage=cost(100))], [Say("It is.\nAnswer: yes", usage=cost(20))])
    held = mine(server, tmp_path, planned(1, score="judge", answer="Paris"), Marking(""))
    assert (await held()).spent.cost_usd == pytest.approx(1.2)
    [result] = held.results
    assert (result["correct"], result["usage"]["cost_usd"]) == (True, pytest.approx(1.0))
    [run] = (await server.json("GET", "/api/runs"))[1]["runs"]
    assert run["usage"]["cost_usd"] == pytest.approx(1.2)


async def test_a_marking_that_was_deleted_or_failed_is_held_again_and_the_debate_is_not(
    server: Server, fake: FakeUpstream, tmp_path: Path
) -> None:
    fake.play(WORDS, [refuse(400)], [Say("Answer: yes")], [Say("Answer: no")])
    held = mine(server, tmp_path, planned(1, score="judge", answer="Paris"), Marking(""))
    standing = await held()  # there is no result without a mark, and the next time it is asked for again
    assert (held.results, standing.left) == ([], 1)
    assert [trouble for trouble in standing.troubles if trouble.startswith("Some answers could not be marked")]
    assert (await held()).left == 0
    assert held.told("correct", "attempt") == [(True, 1)]
    held.path.unlink()
    _, listed = await server.json("GET", "/api/debates?find=Right")
    await server.json("DELETE", f"/api/debates/{listed['debates'][0]['id']}")
    await held()
    assert held.told("correct", "attempt") == [(False, 1)]
    assert len(fake.requests) == 4


async def test_a_full_disk_in_mid_run_is_told_and_it_goes_on_once_there_is_room(
    server: Server, fake: FakeUpstream, tmp_path: Path
) -> None:
    asked = 0

    def script(_: dict[str, Any]) -> Script:
        nonlocal asked
        asked += 1
        if asked == 3:
            fill(server)
        return [Say("x" * 200_000, size=50_000)] if asked == 3 else WORDS

    fake.script = script
    held = mine(server, tmp_path, planned(6))
    with pytest.raises(LogUnavailable, match="Make room"):
        await held(at_once=1)
    assert (held.holding.standing.done, held.holding.standing.left) == (2, 4)
    assert held.told("status") == [("completed",)] * 2

    make_room(server)
    for _ in range(2):
        server.house.log.writer.tidy()
        await server.house.log.commit()
    standing = await held(again=True)
    assert (standing.done, list(standing.failures)) == (6, [])
    assert held.told("status") == [("completed",)] * 6
    assert len(fake.requests) == 7


async def test_an_output_that_is_full_is_told_and_the_same_goes_on_in_another(
    server: Server, fake: FakeUpstream, tmp_path: Path
) -> None:
    fake.script = lambda _: WORDS
    held = mine(server, tmp_path, planned(3))
    full = Held(server, Path("/dev/full"), held.debates)
    with pytest.raises(OutputLost, match="/dev/full cannot be written: No space left"):
        await full(at_once=1)
    assert full.holding.standing.left == 3
    assert (await held()).done == 3
    assert held.told("status") == [("completed",)] * 3
    assert len(fake.requests) == 3


async def test_where_there_is_no_room_it_waits_until_there_is(serve: Serve, fake: FakeUpstream, tmp_path: Path) -> None:
    fake.script = lambda _: WORDS
    waited = list[float]()

    async with serve(max_running=1, max_queued=0) as server:
        release = asyncio.Event()
        fake.play([Gate(release), *WORDS])
        _, other = await server.json("POST", "/api/debates", json={"topic": "Another?", "format": "single"})
        await fake.asked()

        async def pause(seconds: float) -> None:
            waited.append(seconds)
            release.set()
            await server.house.runner.ended(other["id"])

        house = server.house
        venue = Here(house.log, house.upstream, house.runner, pause=pause)
        run = await venue.open(Run(asked="a", source="a.txt", total=1, formats=("single",)))
        [one] = planned(1)
        begun = await venue.begin(run.id, Begin(start=one.start, entry=one.entry))
        assert (await venue.ended(begun))[0].reason == "completed"
    assert waited == [30]


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
