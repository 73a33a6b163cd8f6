"""Pause and resume: a debate waits for a person, without a place, for as long as it takes."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from debate_server.core.errors import NotRunning
from debate_server.log.store import FILE
from tests.conftest import Serve, Server
from tests.fakes.script import Gate, Say, Stall
from tests.fakes.upstream import FakeUpstream

Events = list[dict[str, Any]]


async def begun(server: Server, fake: FakeUpstream, **fields: Any) -> tuple[str, asyncio.Event]:
    """The address of a debate whose next speech has begun, and what lets that speech come to its end."""
    gate, number = asyncio.Event(), len(fake.requests) + 1
    fake.play([Say("I was", finish=None), Gate(gate), Say(" heard.")])
    _, started = await server.json("POST", "/api/debates", json={"topic": "Wait?", "rounds": 1} | fields)
    await fake.asked(number)
    return f"/api/debates/{started['id']}", gate


async def asked_to_pause(server: Server, address: str) -> asyncio.Task[None]:
    """A person has asked for a pause, and waits for it."""
    pausing = asyncio.create_task(server.house.runner.pause(address.rpartition("/")[2]))
    await asyncio.sleep(0)
    assert not pausing.done()
    return pausing


async def paused(server: Server, fake: FakeUpstream, **fields: Any) -> str:
    """The address of a debate that is paused after its first speech."""
    address, gate = await begun(server, fake, **fields)
    pausing = await asked_to_pause(server, address)
    gate.set()
    await pausing
    return address


async def polled(server: Server, address: str) -> Events:
    events: Events = (await server.json("GET", f"{address}/messages"))[1]["messages"]
    return events


def types(events: Events) -> list[str]:
    return [event["type"] for event in events if event["type"] not in ("token", "thinking")]


async def test_a_pause_waits_for_the_speech_underway_and_what_is_said_meanwhile_is_heard(
    server: Server, fake: FakeUpstream
) -> None:
    address = await paused(server, fake)
    assert types(await polled(server, address)) == ["debate_start", "agent_end", "paused"]
    assert (await server.json("POST", f"{address}/pause"))[1]["status"] == "paused"
    assert (await server.json("GET", address))[1]["status"] == "paused"
    assert (await server.json("POST", f"{address}/messages", json={"content": "What of costs?"}))[0] == 202
    assert len(fake.requests) == 1

    for _ in range(2):
        status, told = await server.json("POST", f"{address}/resume")
        assert (status, told["status"]) == (200, "running")
    events = await server.events(f"{address}/events")

    assert types(events)[2:7] == ["agent_end", "paused", "message", "resumed", "agent_start"]
    assert [event["by"] for event in events if event["type"] in ("paused", "resumed")] == ["person", "person"]
    assert "What of costs?" in str(fake.requests[1].body["messages"])
    assert (events[-1]["reason"], len(fake.requests)) == ("completed", 3)


async def test_who_resumes_before_the_speech_is_over_has_it_go_on_as_if_nothing_had_been(
    server: Server, fake: FakeUpstream
) -> None:
    address, gate = await begun(server, fake)
    pausing = await asked_to_pause(server, address)

    assert (await server.json("POST", f"{address}/resume"))[1]["status"] == "running"
    await pausing
    assert (await server.json("GET", address))[1]["status"] == "running"
    gate.set()

    events = await server.events(f"{address}/events")
    assert not {"paused", "resumed"} & set(types(events))
    assert events[-1]["reason"] == "completed"


async def test_a_paused_debate_gives_its_place_to_another_and_waits_for_one_when_it_goes_on(
    serve: Serve, fake: FakeUpstream
) -> None:
    async with serve(max_running=1, max_queued=0) as server:
        address = await paused(server, fake)
        other, gate = await begun(server, fake)

        assert (await server.json("POST", f"{address}/resume"))[0] == 200
        assert len(fake.requests) == 2, "all places are taken"
        gate.set()
        first, second = [await server.events(f"{one}/events") for one in (other, address)]

    assert [first[-1]["reason"], second[-1]["reason"]] == ["completed", "completed"]
    assert len(fake.requests) == 6


async def test_a_debate_that_waits_in_line_can_be_paused_there(serve: Serve, fake: FakeUpstream) -> None:
    async with serve(max_running=1) as server:
        first, gate = await begun(server, fake)
        _, started = await server.json("POST", "/api/debates", json={"topic": "Two", "rounds": 1})
        second = f"/api/debates/{started['id']}"
        assert (await server.json("POST", f"{second}/pause"))[1]["status"] == "paused"
        gate.set()
        await server.events(f"{first}/events")
        assert (types(await polled(server, second)), len(fake.requests)) == (["debate_start", "paused"], 3)

        await server.json("POST", f"{second}/resume")
        events = await server.events(f"{second}/events")

    assert types(events)[:4] == ["debate_start", "paused", "resumed", "agent_start"]
    assert events[-1]["reason"] == "completed"


async def test_one_that_goes_on_before_its_place_is_free_keeps_its_place_in_line(
    serve: Serve, fake: FakeUpstream
) -> None:
    async with serve(max_running=1) as server:
        _, gate = await begun(server, fake)
        ids = [(await server.json("POST", "/api/debates", json={"topic": "x", "rounds": 1}))[1]["id"] for _ in "12"]
        for act in ("pause", "resume"):
            await server.json("POST", f"/api/debates/{ids[0]}/{act}")
        gate.set()
        two, three = [await server.events(f"/api/debates/{debate}/events") for debate in ids]
    assert two[-1]["created"] <= next(event for event in three if event["type"] == "agent_end")["created"]
    assert types(two)[:4] == ["debate_start", "paused", "resumed", "agent_start"]


async def test_a_paused_debate_is_stopped_at_once(server: Server, fake: FakeUpstream) -> None:
    address = await paused(server, fake)
    status, told = await server.json("POST", f"{address}/stop")
    assert (status, told["status"], told["reason"]) == (200, "done", "stopped")
    assert types(await server.events(f"{address}/events"))[-2:] == ["paused", "done"]
    for act in ("pause", "resume"):
        status, problem = await server.json("POST", f"{address}/{act}")
        assert (status, problem["code"]) == (409, "not_running")
    assert (await server.json("POST", "/api/debates/nope/pause"))[1]["code"] == "unknown_debate"


async def test_a_pause_that_the_debate_did_not_live_to_see_says_so(server: Server, fake: FakeUpstream) -> None:
    fake.play([Say("One.")], [Say("Two.")])
    gate = asyncio.Event()
    fake.play([Gate(gate), Say("So.")])
    _, started = await server.json("POST", "/api/debates", json={"topic": "Late?", "rounds": 1})
    await fake.asked(3)
    pausing = await asked_to_pause(server, f"/api/debates/{started['id']}")
    gate.set()
    with pytest.raises(NotRunning, match="came to its end before it could pause"):
        await pausing
    assert (await server.events(started["events"]))[-1]["reason"] == "completed"


async def test_a_pause_outlasts_a_restart(serve: Serve, fake: FakeUpstream) -> None:
    async with serve() as server:
        address = await paused(server, fake)
    async with serve(resume_within=0, on_restart="end") as server:
        assert (await server.json("GET", address))[1]["status"] == "paused"
        await server.json("POST", f"{address}/messages", json={"content": "Still there?"})
        assert len(fake.requests) == 1
        await server.json("POST", f"{address}/resume")
        events = await server.events(f"{address}/events")
    assert types(events)[2:7] == ["agent_end", "paused", "message", "resumed", "agent_start"]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert (events[-1]["reason"], len(fake.requests)) == ("completed", 3)


async def test_a_pause_ends_where_it_lasts_too_long_and_is_no_running_time(serve: Serve, fake: FakeUpstream) -> None:
    async with serve(debate_timeout=1, max_pause=1.1) as server:
        address = await paused(server, fake)
        events = await server.events(f"{address}/events")
    assert types(events)[-2:] == ["paused", "done"]
    assert (events[-1]["reason"], events[-1]["message"]) == ("stopped", "It was paused for too long (--max-pause).")


async def test_what_it_ran_before_the_pause_counts(server: Server, fake: FakeUpstream) -> None:
    address = await paused(server, fake)
    fake.play([Stall()])
    course = server.house.runner._courses[address.rpartition("/")[2]]
    assert 0 < course._ran < 3600
    course._ran += 3600
    await server.json("POST", f"{address}/resume")
    events = await server.events(f"{address}/events")
    assert [event.get("code") for event in events[-2:]] == ["debate_timeout", None]


async def test_a_day_of_pause_is_over_though_the_server_was_restarted_in_it(
    serve: Serve, fake: FakeUpstream, tmp_path: Path
) -> None:
    async with serve() as server:
        addresses = [await paused(server, fake) for _ in range(2)]
    with closing(sqlite3.connect(tmp_path / "data" / FILE, isolation_level=None)) as log:
        log.execute("UPDATE segment SET at = at - 86401 WHERE debate = 1")
        log.execute("UPDATE segment SET at = at - 80000 WHERE debate = 2")
    async with serve() as server:
        assert (await server.events(f"{addresses[0]}/events"))[-1]["reason"] == "stopped"
        assert (await server.json("GET", addresses[1]))[1]["status"] == "paused"


async def test_a_paused_debate_that_nobody_watches_goes_on_waiting(serve: Serve, fake: FakeUpstream) -> None:
    async with serve(grace=0) as server:
        address = await paused(server, fake, detached=False)
        async with server.session.get(f"{address}/events") as viewer:
            await server.json("POST", f"{address}/resume")
            assert b'"reason":"completed"' in await viewer.read()


async def test_whoever_has_it_go_on_has_looked_in(server: Server, fake: FakeUpstream) -> None:
    address = await paused(server, fake, detached=False)
    server.house.runner.audience._seen[address.rpartition("/")[2]] -= 1000
    await server.json("POST", f"{address}/resume")
    await server.house.runner.ended(address.rpartition("/")[2])
    assert (await server.json("GET", address))[1]["reason"] == "completed"
