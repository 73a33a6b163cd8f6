"""Starts that are made once, debates that nobody watches, and debates that are deleted."""

import asyncio
from typing import Any

import pytest

from tests.conftest import Serve, Server
from tests.fakes.script import Gate, Say, Stall
from tests.fakes.upstream import FakeUpstream

KEYED = {"headers": {"Idempotency-Key": "monday"}}


async def start(server: Server, **options: Any) -> tuple[int, Any]:
    return await server.json("POST", "/api/debates", **({"json": {"topic": "Once?", "rounds": 1}} | options))


async def test_the_same_key_is_the_same_debate_also_after_a_restart(serve: Serve, fake: FakeUpstream) -> None:
    async with serve() as server:
        first = await start(server, **KEYED)
        assert await start(server, **KEYED) == first
        await server.events(first[1]["events"])
    async with serve() as server:
        assert await start(server, **KEYED) == first
    assert len(fake.requests) == 3


async def test_two_starts_at_once_under_one_key_are_one_debate(server: Server, fake: FakeUpstream) -> None:
    started = await asyncio.gather(*(start(server, **KEYED) for _ in range(10)))
    assert len({answer["id"] for _, answer in started}) == 1
    await server.events(started[0][1]["events"])
    assert len(fake.requests) == 3


async def test_another_body_under_the_same_key_is_refused(server: Server) -> None:
    await start(server, **KEYED)
    status, problem = await start(server, **KEYED, json={"topic": "Twice?"})
    assert (status, problem["code"]) == (422, "key_reused")


async def test_the_key_of_a_deleted_debate_makes_no_other(server: Server, fake: FakeUpstream) -> None:
    _, started = await start(server, **KEYED)
    await server.events(started["events"])
    assert (await server.json("DELETE", f"/api/debates/{started['id']}"))[0] == 204
    status, problem = await start(server, **KEYED)
    assert (status, problem["code"]) == (410, "gone")
    assert len(fake.requests) == 3


async def test_a_get_names_its_start_by_run(server: Server, fake: FakeUpstream) -> None:
    address = "/api/debate?topic=Once&rounds=1&run=r1"
    assert await server.events(address) == await server.events(address)
    assert len(fake.requests) == 3


@pytest.mark.parametrize("key", ["", "x" * 201])
async def test_a_key_that_is_none_is_refused(server: Server, key: str) -> None:
    status, problem = await start(server, headers={"Idempotency-Key": key})
    assert (status, problem["field"]) == (422, "Idempotency-Key")


async def test_a_deleted_debate_is_gone_from_everywhere(server: Server) -> None:
    events = await server.debate(rounds=1)
    address = f"/api/debates/{events[0]['debate']}"
    assert (await server.json("DELETE", address))[0] == 204
    for path in ("", "/events", "/messages", "/messages?since=3", "/events?since=3", "/export.md"):
        status, problem = await server.json("GET", address + path)
        assert (status, problem["code"]) in ((404, "unknown_debate"), (404, "unknown_cursor"))
    assert (await server.json("DELETE", address))[0] == 404
    assert (await server.json("GET", "/api/debates"))[1] == {"debates": []}


async def test_a_debate_that_runs_is_not_deleted(server: Server, fake: FakeUpstream) -> None:
    fake.play([Stall()])
    _, started = await start(server)
    await fake.asked()
    status, problem = await server.json("DELETE", f"/api/debates/{started['id']}")
    assert (status, problem["code"]) == (409, "still_running")


async def start_unwatched(server: Server, *, detached: bool) -> list[dict[str, Any]]:
    """A debate that nobody watches until it is over: its events."""
    _, started = await start(server, json={"topic": "Alone?", "rounds": 1, "detached": detached})
    await server.house.runner.ended(started["id"])
    return await server.events(started["events"])


async def test_a_debate_that_nobody_watches_stops_at_the_end_of_its_turn_and_says_so(
    serve: Serve, fake: FakeUpstream
) -> None:
    async with serve(grace=0) as server:
        events = await start_unwatched(server, detached=False)
    assert [event["type"] for event in events[-2:]] == ["agent_end", "done"]
    assert events[-2]["finish_reason"] == "stop"
    assert (events[-1]["reason"], events[-1]["message"]) == ("stopped", "Nobody was watching any more.")
    assert len(fake.requests) == 1


async def test_a_detached_debate_runs_to_its_end_unwatched(serve: Serve) -> None:
    async with serve(grace=0) as server:
        assert (await start_unwatched(server, detached=True))[-1]["reason"] == "completed"


async def test_within_the_grace_time_a_debate_goes_on_unwatched(serve: Serve) -> None:
    async with serve(grace=3600) as server:
        assert (await start_unwatched(server, detached=False))[-1]["reason"] == "completed"


@pytest.mark.parametrize("watch", ["events", "messages"])
async def test_a_debate_that_is_watched_or_polled_goes_on(serve: Serve, fake: FakeUpstream, watch: str) -> None:
    gates = [asyncio.Event() for _ in range(3)]
    for gate in gates:
        fake.play([Gate(gate), Say("So be it.")])
    async with serve(grace=3600 if watch == "messages" else 0) as server:
        _, started = await start(server, json={"topic": "Watched?", "rounds": 1, "detached": False})
        async with server.session.get(started[watch]):
            for number, gate in enumerate(gates, 1):
                await fake.asked(number)
                gate.set()
            await server.house.runner.ended(started["id"])
        assert (await server.events(started["events"]))[-1]["reason"] == "completed"
