"""A disk that is full in mid-debate: nothing is shown that is not kept, what is there is served, and it recovers."""

import asyncio

import pytest

from tests.conftest import Serve, Server
from tests.fakes.script import Gate, Say
from tests.fakes.upstream import FakeUpstream


def fill(server: Server) -> None:
    """From here on the log's file cannot grow."""
    write = server.house.log._store._write
    write.execute(f"PRAGMA max_page_count = {write.execute('PRAGMA page_count').fetchone()[0]}")


def make_room(server: Server) -> None:
    server.house.log._store._write.execute("PRAGMA max_page_count = 1000000")


async def test_a_full_disk_ends_debates_serves_what_there_is_and_heals(server: Server, fake: FakeUpstream) -> None:
    whole = await server.debate(rounds=1)
    held = asyncio.Event()
    fake.play([Say("Kept.", finish=None), Gate(held), Say("x" * 300_000, size=50_000)])
    _, started = await server.json("POST", "/api/debates", json={"topic": "Full", "rounds": 1})
    async with server.session.get(started["events"]) as stream:
        while b"Kept." not in await stream.content.readline():
            pass
        fill(server)
        held.set()
        rest = await stream.read()
    assert b"log_unavailable" in rest
    assert b"xxx" not in rest
    assert b'"done"' not in rest

    async with server.session.get("/healthz") as response:
        health = await response.json()
        assert (response.status, health["status"]) == (503, "degraded")
        assert "Make room" in health["reason"]
        assert response.headers["Retry-After"]
    async with server.session.post("/api/debates", json={"topic": "x" * 2_000, "rounds": 1}) as response:
        problem = await response.json(content_type=None)
        assert (response.status, problem["code"]) == (503, "log_unavailable")
        assert response.headers["Retry-After"]
    assert await server.events(f"/api/debates/{whole[0]['debate']}/events") == whole
    asked = len(fake.requests)

    make_room(server)
    for _ in range(2):  # as housekeeping does once a second, to find that there is room and to end what was lost
        server.house.log.writer.tidy()
        await server.house.log.commit()

    ended = await server.events(started["events"])
    assert [event["type"] for event in ended[-3:]] == ["agent_end", "error", "done"]
    assert [event["seq"] for event in ended] == list(range(1, len(ended) + 1))
    assert [event["content"] for event in ended if event["type"] == "token"] == ["Kept."]
    assert (ended[-3]["content"], ended[-3]["finish_reason"]) == ("Kept.", "cut_off")
    assert (await server.json("GET", "/healthz"))[1]["status"] == "ok"
    assert len(fake.requests) == asked
    assert (await server.debate(rounds=1))[-1]["reason"] == "completed"


@pytest.mark.parametrize("spoilt", [b"data: {\nid: x.1\n\n", b"no frame\n\n", b"data: {}\nid: x.y\n\n", b"\0"])
async def test_a_log_that_cannot_be_read_is_told_and_what_can_be_is_served(server: Server, spoilt: bytes) -> None:
    bad, good = await server.debate(rounds=1), await server.debate(rounds=1)
    store = server.house.log._store
    with store.transaction():
        store._write.execute("UPDATE segment SET frames = ? WHERE debate = 1", (spoilt,))

    for path in ("", "/export.md", "/export.json", "/export.html"):
        status, problem = await server.json("GET", f"/api/debates/{bad[0]['debate']}{path}")
        assert (status, problem["code"]) == (503, "log_unavailable"), path
        assert "damaged" in problem["detail"]
    assert await server.events(f"/api/debates/{good[0]['debate']}/events") == good


async def test_an_idle_server_finds_room_again_and_a_refused_start_keeps_no_place(
    serve: Serve, fake: FakeUpstream
) -> None:
    async with serve(max_running=1, max_queued=1) as server:
        held = asyncio.Event()
        fake.play([Say("One", finish=None), Gate(held)])
        _, running = await server.json("POST", "/api/debates", json={"topic": "Runs", "rounds": 1})
        await fake.asked()
        fill(server)
        for _ in range(3):
            refused = await server.json("POST", "/api/debates", json={"topic": "x" * 2_000, "rounds": 1})
            assert (refused[0], refused[1]["code"]) == (503, "log_unavailable")

        make_room(server)
        server.house.log.writer.tidy()
        await server.house.log.commit()

        assert (await server.json("GET", "/healthz"))[0] == 200
        status, waiting = await server.json("POST", "/api/debates", json={"topic": "Waits", "rounds": 1})
        assert status == 202, waiting
        held.set()
        assert (await server.events(waiting["events"]))[-1]["reason"] == "completed"
        assert (await server.events(running["events"]))[-1]["type"] == "done"
