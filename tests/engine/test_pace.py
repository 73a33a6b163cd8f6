"""Many debates at an endpoint that bears few at a time: all of them end well, and it is hardly asked in vain."""

import asyncio
from typing import Any

from tests.conftest import Serve, Server
from tests.engine.test_debate import of
from tests.fakes.script import Gate, Pace, Say, Script, refuse
from tests.fakes.upstream import FakeUpstream
from tests.web.wire import PATIENCE

DEBATES, BEARS = 40, 4
# A debate of one round: three speeches.
SPEECHES = 3 * DEBATES


class Narrow:
    """An endpoint that bears four requests at a time. It answers none until all have asked."""

    def __init__(self, fake: FakeUpstream, headers: dict[str, str]) -> None:
        self.refused = list[int]()  # numbers of requests
        self.all_asked = asyncio.Event()
        self._fake = fake
        self._headers = headers

    def script(self, body: dict[str, Any]) -> Script:
        number = len(self._fake.requests)
        if self._fake.open > BEARS:
            self.refused.append(number)
            return [Gate(self.all_asked), refuse(429, "too many at a time", headers=self._headers)]
        return [Gate(self.all_asked), Pace(100), Say("One two three.")]


class Sleepers:
    """Pauses that last until the test lets them pass; then they take no time."""

    def __init__(self) -> None:
        self.seconds = list[float]()
        self.over = asyncio.Event()
        self._came = asyncio.Condition()

    async def pause(self, seconds: float) -> None:
        async with self._came:
            self.seconds.append(seconds)
            self._came.notify_all()
        await self.over.wait()

    async def came(self, number: int) -> None:
        async with self._came:
            await self._came.wait_for(lambda: len(self.seconds) >= number)


async def begun(server: Server, number: int = DEBATES) -> list[dict[str, Any]]:
    bodies = [{"topic": f"Topic {n}", "rounds": 1} for n in range(number)]
    return [(await server.json("POST", "/api/debates", json=body))[1] for body in bodies]


async def told(server: Server, started: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    return [await server.events(one["events"]) for one in started]


def check(narrow: Narrow, debates: list[list[dict[str, Any]]]) -> None:
    assert [events[-1]["reason"] for events in debates] == ["completed"] * DEBATES
    errors = [error for events in debates for error in of(events, "agent_error")]
    assert {(error["code"], error["retrying"]) for error in errors} == {("upstream_busy", True)}
    assert len(errors) == len(narrow.refused), "each of them is in a log"
    assert len(narrow.refused) <= DEBATES - BEARS + SPEECHES // BEARS


async def test_forty_debates_at_an_endpoint_that_bears_four_at_a_time_all_end_well(
    serve: Serve, fake: FakeUpstream
) -> None:
    narrow = Narrow(fake, {})
    fake.script = narrow.script
    async with asyncio.timeout(PATIENCE), serve(max_running=DEBATES) as server:
        started = await begun(server)
        await fake.asked(DEBATES)
        narrow.all_asked.set()
        check(narrow, await told(server, started))


async def test_nobody_asks_before_retry_after_is_over(serve: Serve, fake: FakeUpstream) -> None:
    narrow, sleepers = Narrow(fake, {"Retry-After": "7"}), Sleepers()
    fake.script = narrow.script
    async with asyncio.timeout(PATIENCE), serve(max_running=DEBATES, pause=sleepers.pause) as server:
        started = await begun(server)
        await fake.asked(DEBATES)
        narrow.all_asked.set()
        await sleepers.came(DEBATES - BEARS + 1)  # the next speech of one that was served waits, too

        # All have asked once, and now one has been asked to wait who had not been refused.
        assert sleepers.seconds == [7.0] * (DEBATES - BEARS + 1)
        assert len(fake.requests) == DEBATES
        sleepers.over.set()
        check(narrow, await told(server, started))


async def test_stopping_a_debate_that_waits_for_its_place_acts_at_once_and_costs_nothing(
    serve: Serve, fake: FakeUpstream
) -> None:
    sleepers = Sleepers()
    fake.play([refuse(429)])
    async with asyncio.timeout(PATIENCE), serve(pause=sleepers.pause) as server:
        [refused] = await begun(server, 1)
        await sleepers.came(1)
        [waits] = await begun(server, 1)
        await sleepers.came(2)

        assert (await server.json("POST", f"/api/debates/{waits['id']}/stop"))[0] == 200
        events = await server.events(waits["events"])
        [end] = of(events, "agent_end")
        assert (end["finish_reason"], end["usage"]["input"], end["usage"]["output"]) == ("stopped", 0, 0)
        assert len(fake.requests) == 1
        sleepers.over.set()
        assert (await server.events(refused["events"]))[-1]["reason"] == "completed"
