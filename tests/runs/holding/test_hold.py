"""A run in this process: what has come of its debates before, by whatever hand, and what they cost."""

import asyncio
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from debate_server.core.errors import LogUnavailable
from debate_server.core.run import Begin, Run
from debate_server.runs.holding.hold import Holding
from debate_server.runs.holding.output import Output, OutputLost
from debate_server.runs.holding.venue import Here
from debate_server.runs.items.shape import Item
from debate_server.runs.orders.product import Product
from debate_server.runs.scoring.marking import Marking
from tests.conftest import Serve, Server, no_pause
from tests.fakes.script import Gate, Say, Script, refuse
from tests.fakes.upstream import FakeUpstream
from tests.runs.holding.held import PRICED, QUICK, SINGLE, WORDS, Held, cost, mine, planned
from tests.web.test_full_disk import fill, make_room


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
    for attempt in (2, 3):  # and again
        await server.json("DELETE", f"/api/debates/{held.results[1]['debate']}")
        held.path.unlink()
        assert list((await held(again=True)).failures) == []
        assert held.results[1]["attempt"] == attempt + 1


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
