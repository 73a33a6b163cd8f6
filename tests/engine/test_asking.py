"""What is asked of the upstream, and when: nothing before it is on disk, again after a pause, in the line's order."""

import asyncio
import sqlite3
from contextlib import suppress
from pathlib import Path

import pytest

from debate_server.core.plan import Start
from debate_server.house import opened
from tests.conftest import Serve, Server, Time, settings_for, until
from tests.engine.test_debate import of
from tests.fakes.script import Gate, Say, Stall, refuse
from tests.fakes.upstream import FakeUpstream
from tests.web.wire import PATIENCE


def fill_disk(server: Server) -> None:
    """From here on the disk is full, to the last free page."""
    write = server.house.log._store._write
    write.execute("CREATE TABLE filler (x)")
    write.execute("PRAGMA max_page_count = 1")
    with suppress(sqlite3.OperationalError):
        while True:
            write.execute("INSERT INTO filler VALUES (zeroblob(500))")


async def test_an_attempt_that_is_not_on_disk_asks_nothing_of_the_upstream(serve: Serve, fake: FakeUpstream) -> None:
    fake.play([Stall()])
    async with serve(max_running=1) as server:
        first, second = [
            (await server.json("POST", "/api/debates", json={"topic": topic}))[1]["id"] for topic in ("One", "Two")
        ]
        await fake.asked()
        fill_disk(server)
        ended = asyncio.create_task(server.house.runner.ended(second))
        assert (await server.json("POST", f"/api/debates/{first}/stop"))[0] == 503
        async with asyncio.timeout(PATIENCE):
            await asyncio.wait([ended])
        assert len(fake.requests) == 1


async def test_a_retry_waits_as_long_as_the_upstream_wants(fake: FakeUpstream, tmp_path: Path) -> None:
    waited = list[float]()

    async def pause(seconds: float) -> None:
        waited.append(seconds)

    fake.play([refuse(503)], [refuse(503, headers={"Retry-After": "7"})])
    time = Time(pause)
    async with opened(settings_for(fake, tmp_path), pause=time.pause, clock=time.clock) as house:
        debate = await house.runner.start(Start(topic="Wait?", rounds=1), detached=True)
        await house.runner.ended(debate)
    assert waited == [1.0, 7.0]
    assert len(fake.requests) == 5


async def test_an_upstream_that_wants_more_than_a_minute_has_said_no(server: Server, fake: FakeUpstream) -> None:
    fake.play([refuse(503, headers={"Retry-After": "61"})])
    events = await server.debate(rounds=1)
    assert [event["retrying"] for event in of(events, "agent_error")] == [False]
    assert (events[-1]["reason"], len(fake.requests)) == ("failed", 1)


async def test_what_a_stopped_speech_cost_is_estimated(server: Server, fake: FakeUpstream) -> None:
    fake.play([Say("I was just", finish=None), Stall()])
    _, started = await server.json("POST", "/api/debates", json={"topic": "Stop?"})
    asked = await fake.asked()
    async with server.session.get(started["events"]) as response:
        await until(response, b"just")
        await server.json("POST", f"/api/debates/{started['id']}/stop")
    [end] = of(await server.events(started["events"]), "agent_end")
    assert end["usage"]["estimated"] is True
    assert end["usage"]["output"] > 0
    assert end["usage"]["input"] > len(str(asked.body["messages"])) // 10


async def test_time_in_line_is_not_running_time(serve: Serve, fake: FakeUpstream) -> None:
    fake.script = lambda _: [Stall()]
    async with serve(max_running=1, debate_timeout=1) as server:
        bodies = [{"topic": topic} for topic in ("One", "Two")]
        _, second = [(await server.json("POST", "/api/debates", json=body))[1] for body in bodies]
        [end] = of(await server.events(second["events"]), "agent_end")
    assert end["ms"] > 900


async def test_debates_in_line_begin_in_their_order(serve: Serve, fake: FakeUpstream) -> None:
    fake.play([Gate(held := asyncio.Event()), Say("x")])
    topics = ["One", "Two", "Three", "Four"]
    async with serve(max_running=1) as server:
        bodies = [{"topic": topic, "rounds": 1} for topic in topics]
        started = [(await server.json("POST", "/api/debates", json=body))[1] for body in bodies]
        held.set()
        for one in started:
            await server.events(one["events"])
    heard = [next(topic for topic in topics if topic in str(asked.body["messages"])) for asked in fake.requests]
    assert heard == [topic for topic in topics for _ in range(3)]


@pytest.mark.parametrize("what", ["start", "message"])
async def test_what_is_answered_is_on_disk(server: Server, fake: FakeUpstream, tmp_path: Path, what: str) -> None:
    fake.script = lambda _: [Stall()]
    _, started = await server.json("POST", "/api/debates", json={"topic": "Kept?"})
    await fake.asked()
    fill_disk(server)
    path, body = {
        "start": ("/api/debates", {"topic": "x" * 2000}), "message": (started["messages"], {"content": "x" * 4000})
    }[what]  # fmt: skip
    codes = [(await server.json("POST", path, json=body))[0] for _ in range(5)]
    assert codes[1:] == [503] * 4  # the first may find room that was just given back


async def test_a_bug_of_ours_ends_its_debate_and_says_so(serve: Serve, fake: FakeUpstream) -> None:
    fake.play([Gate(held := asyncio.Event()), Say("x")])
    async with serve(max_running=1) as server:
        bodies = [{"topic": topic, "rounds": 1} for topic in ("One", "Two")]
        _, second = [(await server.json("POST", "/api/debates", json=body))[1] for body in bodies]
        del server.house.runner._courses[second["id"]].floor.plan
        held.set()
        async with asyncio.timeout(PATIENCE):
            events = await server.events(second["events"])
    assert [(event["type"], event.get("code")) for event in events[1:]] == [("error", "internal"), ("done", None)]
