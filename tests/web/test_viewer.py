"""One viewer between the log's flush and its connection."""

import asyncio
import gc
import socket
from operator import attrgetter
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from debate_server.core.events import DebateStart, Done, Token, Usage
from debate_server.house import opened
from debate_server.log.naming import new_id
from debate_server.web.app import make_app, serving
from debate_server.web.framing import Framing
from debate_server.web.stream import view
from debate_server.web.viewer import SLICE_BYTES, Viewer
from tests.conftest import Serve, Server, settings_for
from tests.fakes.script import Gate, Say, Stall, refuse
from tests.fakes.upstream import FakeUpstream
from tests.web.wire import PATIENCE, get, sent


async def begun(server: Server) -> str:
    """A debate that only the test speaks in."""
    debate = new_id()
    server.house.log.create(DebateStart(debate, "Topic", "classic", 1, ()), b"{}")
    await server.house.log.commit()
    return debate


async def test_the_flush_itself_writes_to_a_viewer_that_has_read_all(server: Server) -> None:
    debate = await begun(server)
    place = urlsplit(server.address)
    viewer = socket.create_connection((place.hostname, place.port))
    viewer.setblocking(False)
    viewer.sendall(get(f"/api/debates/{debate}/events"))
    loop, seen = asyncio.get_running_loop(), b""
    async with asyncio.timeout(PATIENCE):
        while b"debate_start" not in seen:
            seen += await loop.sock_recv(viewer, 65_536)
    server.house.log.append(debate, Token("Optimist", 1, "At once."))
    server.house.log.writer._slow = False  # as the first commit leaves it on a machine with nothing else to do
    server.house.log.writer.flush()
    assert b"At once." in viewer.recv(65_536)  # no other task has run
    viewer.close()


async def test_a_viewer_that_breaks_in_the_flush_harms_no_other_and_not_the_log(server: Server) -> None:
    log, debate = server.house.log, await begun(server)
    path = f"/api/debates/{debate}/events"
    async with sent(server, get(path, "Accept: application/x-ndjson")) as broken, sent(server, get(path)) as healthy:
        await broken.until(b"debate_start")
        await healthy.until(b"debate_start")
        log._tails[debate].pending.append(b"no frame, and so no line of JSON\n\n")
        log.append(debate, Token("Optimist", 1, "On."))
        async with asyncio.timeout(PATIENCE):
            await log.commit()
        assert b"On." in await healthy.chunk()
        with pytest.raises(ValueError, match="invalid literal"):  # cut, without the last chunk
            await broken.rest()
        log.append(debate, Token("Optimist", 1, "And on."))
        assert b"And on." in await healthy.until(b"And on.")


async def test_nothing_of_a_viewer_that_left_stays(server: Server, fake: FakeUpstream) -> None:
    fake.play([Say("one", finish=None), Stall()])
    _, started = await server.json("POST", "/api/debates", json={"topic": "x"})
    for path in (started["events"], f"/api/events?after={started['id']}.0"):
        async with sent(server, get(path)) as wire:
            await wire.until(b"one")
    async with asyncio.timeout(PATIENCE):
        while any(isinstance(thing, Viewer) for thing in gc.get_objects()):
            await asyncio.sleep(0)
            gc.collect()
    assert not server.house.log._tails[started["id"]].bells


async def test_what_shows_nothing_does_not_hold_up_what_comes_after(server: Server, fake: FakeUpstream) -> None:
    done = (await server.debate(rounds=1))[0]["debate"]
    fake.play([refuse(500)], [Stall()])
    _, started = await server.json("POST", "/api/debates", json={"topic": "x"})
    await fake.asked(5)  # its fourth event begins the second attempt, of which plain text says nothing
    asked = get(f"/api/events?after={started['id']}.3&after={done}.0", "Accept: text/plain")
    async with sent(server, asked) as wire, asyncio.timeout(10):  # at 30 s housekeeping would ring
        await wire.until(b"held to its end")


async def test_a_long_replay_lets_others_have_their_turn(server: Server) -> None:
    log, debate = server.house.log, await begun(server)
    for _ in range(40):
        log.append(debate, Token("Optimist", 1, "x" * SLICE_BYTES))
        log._tails[debate].seal = True
        log.writer.flush()
    log.append(debate, Done("completed", Usage()))
    log.writer.flush()
    turns, whole = 0, asyncio.Event()

    async def others() -> None:
        nonlocal turns
        while not whole.is_set():
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(others())
    async with server.session.get(f"/api/debates/{debate}/events") as response:
        await response.read()
    whole.set()
    await counting
    assert turns > 40


@pytest.mark.parametrize("accept", ["text/event-stream", "application/x-ndjson", "text/plain"])
async def test_http_1_0_is_closed_at_the_end_though_it_would_be_kept(server: Server, accept: str) -> None:
    debate = (await server.debate(rounds=1))[0]["debate"]
    asked = get(f"/api/debates/{debate}/events", f"Accept: {accept}").replace(b"HTTP/1.1", b"HTTP/1.0")
    async with sent(server, asked.replace(b"Connection: close", b"Connection: keep-alive")) as wire:
        async with asyncio.timeout(5):
            assert await wire.rest()
        assert wire.headers.get("connection", "close") == "close"


async def test_a_failed_logs_last_word_names_the_last_event_a_viewer_has(server: Server, fake: FakeUpstream) -> None:
    held = asyncio.Event()
    fake.play([Say("one", finish=None), Gate(held), Say("x" * 100_000, size=100_000)])
    _, started = await server.json("POST", "/api/debates", json={"topic": "x"})
    async with sent(server, get(started["events"])) as wire:
        await wire.until(b"one")
        server.house.log._store._write.execute("PRAGMA max_page_count = 1")
        held.set()
        ids = [line for line in (await wire.rest()).split(b"\n") if line.startswith(b"id: ")]
    assert ids[-1] == ids[-2]


async def test_no_heartbeat_comes_while_there_are_words(serve: Serve) -> None:
    heartbeat, longest = 0.5, 1.0
    async with serve(heartbeat=heartbeat) as server, asyncio.timeout(PATIENCE):
        while longest >= heartbeat:  # until the machine gives us a moment without such a silence
            longest, body = await spoken_to(server, 2.4 * heartbeat)
    assert b"\n:" not in body


async def spoken_to(server: Server, seconds: float) -> tuple[float, bytes]:
    """The longest silence of a debate that speaks all the time, and what a viewer got of it."""
    log, debate, loop = server.house.log, await begun(server), asyncio.get_running_loop()
    async with sent(server, get(f"/api/debates/{debate}/events")) as wire:
        await wire.until(b"debate_start")
        longest, last = 0.0, loop.time()
        enough = last + seconds
        while last < enough:
            log.append(debate, Token("Optimist", 1, "word "))
            await log.commit()
            longest, last = max(longest, loop.time() - last), loop.time()
        log.append(debate, Done("completed", Usage()))
        return longest, await wire.rest()


async def test_a_viewer_of_many_debates_takes_a_place_too(serve: Serve, fake: FakeUpstream) -> None:
    fake.play([Stall()])
    async with serve(max_viewers=1) as server, sent(server, get("/api/debate?topic=x")) as wire:
        debate = wire.headers["location"].rpartition("/")[2]
        async with sent(server, get(f"/api/events?after={debate}.0")) as refused:
            assert (await refused.problem())["code"] == "full"


@pytest.mark.parametrize(("polls", "reason"), [(True, "completed"), (False, "stopped")])
async def test_who_polls_is_watching(server: Server, fake: FakeUpstream, polls: bool, reason: str) -> None:
    now = 0.0
    server.house.runner.audience._clock = lambda: now
    gates = [asyncio.Event() for _ in range(3)]
    for gate in gates:
        fake.play([Gate(gate), Say("So be it.")])
    body = {"topic": "Polled?", "rounds": 1, "detached": False}
    _, started = await server.json("POST", "/api/debates", json=body)
    async with asyncio.timeout(PATIENCE):
        for number, gate in enumerate(gates[: 3 if polls else 2], 1):
            await fake.asked(number)
            now += 100  # of the 120 s of grace
            if polls:
                await server.json("GET", started["messages"])
            gate.set()
        await server.house.runner.ended(started["id"])
    assert (await server.events(started["events"]))[-1]["reason"] == reason


async def test_every_object_of_many_names_its_debate_once(server: Server) -> None:
    debate = (await server.debate('data: {"type":"x"}', rounds=1))[0]["debate"]
    async with sent(server, get(f"/api/events?after={debate}.0", "Accept: application/x-ndjson")) as wire:
        found = (await wire.rest()).splitlines()
    assert [line.count(b'"debate":') for line in found] == [1] * len(found)


async def test_every_bad_cursor_is_told(server: Server) -> None:
    told = await server.events("/api/events?after=one.1&after=two.2")
    assert [(event["code"], event["debate"]) for event in told] == [
        ("unknown_cursor", "one"),
        ("unknown_cursor", "two"),
    ]


async def test_a_viewer_that_does_not_take_a_heartbeat_is_dropped(fake: FakeUpstream, tmp_path: Path) -> None:
    left, debate = asyncio.Event(), new_id()

    async def loud(request: web.Request) -> web.StreamResponse:
        try:
            return await view(request, Framing("text/plain", attrgetter("frames"), b":" * 8_000_000), {debate: 0})
        finally:
            left.set()

    settings = settings_for(fake, tmp_path, heartbeat=0.1, write_deadline=0.3)
    async with opened(settings) as house:
        house.log.create(DebateStart(debate, "Topic", "classic", 1, ()), b"{}")
        await house.log.commit()
        app = make_app(settings, house.log, house.upstream, house.runner)
        app.router.add_get("/loud", loud)
        async with serving(app) as address, asyncio.timeout(10):  # at 30 s housekeeping would ring
            deaf = socket.create_connection(("127.0.0.1", urlsplit(address).port or 0))
            deaf.sendall(get("/loud"))
            await left.wait()
            deaf.close()
