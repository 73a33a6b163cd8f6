"""Viewers own nothing: many are one upstream call, and none slows, costs or ends what is not its own."""

import asyncio
import random
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import orjson
from aiohttp import web

from debate_server.house import opened
from debate_server.log import frames as fr
from debate_server.log.log import Log
from debate_server.web.app import make_app, serving
from debate_server.web.problems import Handler
from tests.conftest import Server, settings_for
from tests.fakes.script import Gate, Say
from tests.fakes.upstream import FakeUpstream
from tests.integration.viewer import Sse, over, view

WORDS = " ".join(f"word{number}" for number in range(40))
# A long speech comes in pieces, each when the healthy viewer has had the one before. One piece is less than the
# server keeps for a viewer before it waits for it (64 KiB), all of them are far more than the kernel takes.
PIECE = "word " * 10_000
TOKEN = 2_000
PIECES = 20
BOUND = 64 * 1024 + 2 * len(PIECE)
# What has not come after so many seconds does not come.
PATIENCE = 60


def lines(log: Log, debate: str) -> list[bytes]:
    return [fr.line(block) for batch in log.committed(debate, 0) for block in fr.split(batch)]


async def started(server: Server, topic: str = "Who owns what?") -> tuple[str, int, str]:
    """A debate of three turns: its id, the server's port, and the path of its events."""
    _, told = await server.json("POST", "/api/debates", json={"topic": topic, "rounds": 1})
    return told["id"], urlsplit(server.address).port or 0, told["events"]


async def test_a_hundred_viewers_of_one_debate_are_one_upstream_call_a_turn(server: Server, fake: FakeUpstream) -> None:
    held = asyncio.Event()
    fake.play([Say(WORDS, finish=None), Gate(held), Say("and out")])
    debate, port, path = await started(server)
    readers = [Sse() for _ in range(100)]
    heard = [asyncio.Event() for _ in readers]

    def listen(number: int) -> asyncio.Task[None]:
        def saw(event: bytes) -> None:
            if b"word39" in event:
                heard[number].set()

        return asyncio.create_task(view(port, path, readers[number], saw=saw))

    viewers = [listen(number) for number in range(100)]
    await asyncio.gather(*(event.wait() for event in heard))
    assert (len(fake.requests), fake.open) == (1, 1)
    held.set()
    await asyncio.gather(*viewers)
    assert len(fake.requests) == 3
    truth = lines(server.house.log, debate)
    assert all(reader.events == truth for reader in readers)


async def test_whoever_leaves_disturbs_no_other_viewer_and_not_the_debate(server: Server, fake: FakeUpstream) -> None:
    rng = random.Random(1)
    held = asyncio.Event()
    fake.play([Say(WORDS, finish=None), Gate(held), Say(WORDS)], [Say(WORDS)])
    debate, port, path = await started(server)
    readers = [Sse() for _ in range(30)]
    leaving = {number: rng.randint(1, 80) for number in rng.sample(range(30), 20)}

    async def watch(number: int) -> None:
        """Leaves the hard way, in the middle of whatever it does, once it has read so many events."""
        task = asyncio.current_task()
        assert task is not None

        def saw(event: bytes) -> None:
            if orjson.loads(event)["seq"] == leaving.get(number):
                task.cancel()
                held.set()

        await view(port, path, readers[number], saw=saw)

    ended = await asyncio.gather(*(watch(number) for number in range(30)), return_exceptions=True)
    assert [isinstance(how, asyncio.CancelledError) for how in ended] == [number in leaving for number in range(30)]
    truth = lines(server.house.log, debate)
    assert b'"reason":"completed"' in truth[-1]
    for number, reader in enumerate(readers):
        assert reader.events == truth[: len(reader.events)]
        assert over(reader) or number in leaving
    assert len(fake.requests) == 3


@dataclass
class Watched:
    """The server's end of the connection that says it is stuck."""

    transport: asyncio.Transport | None = None
    came: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def held(self) -> int:
        """The bytes that the server keeps for it."""
        return self.transport.get_write_buffer_size() if self.transport is not None else 0


@asynccontextmanager
async def watched(fake: FakeUpstream, folder: Path) -> AsyncIterator[tuple[Server, Watched]]:
    """A server that tells how a stuck viewer fares there."""
    stuck = Watched()

    @web.middleware
    async def watch(request: web.Request, handler: Handler) -> web.StreamResponse:
        if "X-Stuck" not in request.headers:
            return await handler(request)
        assert isinstance(request.transport, asyncio.Transport)
        stuck.transport = request.transport
        stuck.came.set()
        try:
            return await handler(request)
        finally:
            stuck.left.set()

    settings = settings_for(fake, folder, heartbeat=0.1, write_deadline=0.3, max_speech=2 * PIECES * len(PIECE))
    async with opened(settings) as house:
        app = make_app(settings, house.log, house.upstream, house.runner)
        app.middlewares.append(watch)
        async with serving(app) as address, aiohttp.ClientSession(address) as session:
            yield Server(address, house, session), stuck


async def test_a_viewer_that_never_reads_costs_little_and_is_dropped_and_comes_back_by_its_cursor(
    fake: FakeUpstream, tmp_path: Path
) -> None:
    gates = [asyncio.Event() for _ in range(PIECES)]
    pieces = [step for gate in gates for step in (Gate(gate), Say(PIECE, size=TOKEN, finish=None))]
    dropped = asyncio.Event()
    fake.play([*pieces, Gate(dropped), Say("and out")])
    async with asyncio.timeout(PATIENCE), watched(fake, tmp_path) as (server, stuck):
        debate, port, path = await started(server)
        deaf = socket.socket()
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        deaf.connect(("127.0.0.1", port))
        deaf.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nX-Stuck: 1\r\n\r\n".encode())
        await stuck.came.wait()

        costs, reader = [0], Sse()

        def saw(event: bytes) -> None:
            costs.append(stuck.held)
            piece, token = divmod(orjson.loads(event)["seq"] - 2, len(PIECE) // TOKEN)  # two events come before words
            if token == 0 and piece < PIECES:
                gates[piece].set()

        healthy = asyncio.create_task(_to_the_end(port, path, reader, saw))
        await stuck.left.wait()
        assert stuck.transport is not None
        assert stuck.transport.is_closing()
        assert not healthy.done()
        dropped.set()
        await healthy

        truth = lines(server.house.log, debate)
        assert reader.events == truth
        assert 0 < max(costs) < BOUND
        returned = await _rest_of(deaf)
        assert len(returned.events) < len(truth)
        await _to_the_end(port, path, returned)
        assert returned.events == truth
        assert len(fake.requests) == 3


async def _to_the_end(port: int, path: str, reader: Sse, saw: Callable[[bytes], object] = lambda _: None) -> None:
    """Come back by cursor, should the machine be so slow that even this viewer is dropped."""
    while not over(reader):
        with suppress(ConnectionError):
            await view(port, path, reader, {"Last-Event-ID": reader.cursor} if reader.cursor else {}, saw=saw)


async def _rest_of(deaf: socket.socket) -> Sse:
    """What the kernel has for a viewer that starts to read after all: whole chunks of a chunked body, and a cut."""
    deaf.setblocking(False)
    reader, writer = await asyncio.open_connection(sock=deaf)
    body = b""
    try:
        await reader.readuntil(b"\r\n\r\n")
        while size := int(await reader.readline(), 16):
            body += await reader.read(size)
            await reader.readexactly(2)
    except (asyncio.IncompleteReadError, ConnectionError, ValueError):
        pass
    finally:
        writer.close()
    found = Sse()
    found.feed(body)
    found.cut()
    return found
