"""A bad network: a TCP proxy that cuts, resets, splits and holds back what a server sends, by a seeded schedule.

Every connection has a schedule of its own, made of the proxy's seed and the connection's number, so that a seed
tells the whole story again as far as the server sends the same pieces.
"""

import asyncio
import random
import socket
import struct
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, Self

# Where a connection ends, in bytes of the answer: in its head, soon after it, or anywhere.
HEAD, SOON, ANYWHERE = 450, 2_000, 10_000
# So many bytes before the end (or from the beginning) come one by one, where they come one by one.
SINGLE = 200
READ_BYTES = 65_536


@dataclass
class Schedule:
    """What becomes of one connection: it ends after ``bytes`` of the answer (None: the server ends it) with FIN or
    RST; how large the pieces are, and which of them wait."""

    rng: random.Random
    bytes: int | None
    end: Literal["cut", "reset"]
    pieces: Literal["as they come", "single bytes", "random"]
    held: float

    @classmethod
    def of(cls, seed: int, connection: int, cuts: int) -> Self:
        rng = random.Random(f"{seed}.{connection}")
        place = rng.randint(0, rng.choice((HEAD, SOON, SOON, ANYWHERE)))
        return cls(
            rng,
            place if connection < cuts else None,
            rng.choice(("cut", "reset")),
            rng.choice(("as they come", "single bytes", "random")),
            rng.choice((0.0, 0.1, 0.3)),
        )

    def size(self, passed: int) -> int:
        """The size of the next piece, when so many bytes have passed."""
        if self.pieces == "random":
            return self.rng.randint(1, 400)
        if self.pieces == "single bytes":
            start = 0 if self.bytes is None else max(0, self.bytes - SINGLE)
            if start <= passed < start + SINGLE:
                return 1
            return start - passed if passed < start else READ_BYTES
        return READ_BYTES

    def left(self, passed: int) -> int:
        """How many more bytes may pass."""
        return READ_BYTES if self.bytes is None else self.bytes - passed


class Proxy:
    """Passes connections on to a port of 127.0.0.1. The first ``cuts`` of them are cut. An async context manager."""

    def __init__(self, to: int, seed: int, cuts: int) -> None:
        self.port = 0
        self.connections = 0
        self._to = to
        self._seed = seed
        self._cuts = cuts
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Waits for the connections: whoever made them has closed them by now."""
        self._server.close()
        await asyncio.gather(*self._tasks)
        await self._server.wait_closed()

    @property
    def spent(self) -> bool:
        """Whether all that was to be cut has been."""
        return self.connections > self._cuts

    def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        schedule = Schedule.of(self._seed, self.connections, self._cuts)
        self.connections += 1
        task = asyncio.create_task(self._pass(schedule, reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _pass(self, schedule: Schedule, asking: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        """One connection, both ways, until either side or the schedule ends it."""
        answering, server = await asyncio.open_connection("127.0.0.1", self._to)
        ways = [
            asyncio.create_task(_forward(asking, server)),
            asyncio.create_task(_answer(schedule, answering, client)),
        ]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        ended = await asyncio.gather(*ways, return_exceptions=True)
        for writer in (client, server):
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
        assert all(how is None or isinstance(how, asyncio.CancelledError) for how in ended), ended


async def _forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while piece := await reader.read(READ_BYTES):
            writer.write(piece)
            await writer.drain()


async def _answer(schedule: Schedule, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    passed, waiting = 0, b""
    with suppress(ConnectionError):
        while piece := await reader.read(READ_BYTES):
            waiting += piece
            while waiting and schedule.left(passed):
                size = min(schedule.size(passed), schedule.left(passed), len(waiting))
                writer.write(waiting[:size])
                passed, waiting = passed + size, waiting[size:]
                await writer.drain()
                if schedule.rng.random() < schedule.held:
                    break  # the rest waits for what comes next
                await asyncio.sleep(0)  # the other side may read it alone
            if not schedule.left(passed):
                if schedule.end == "reset":
                    _reset(writer)
                return
        writer.write(waiting)
        await writer.drain()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with RST."""
    bare: socket.socket = writer.get_extra_info("socket")
    bare.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
