"""Viewers of the test's own: they read the bytes of a stream as these come, and know where they are when it is cut.

A reader makes events of bytes and keeps them as the lines of JSON that they are; ``answer`` asks once, over a
connection of its own, and hands on every piece of the body as it arrives.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson


class Reader(Protocol):
    """``events`` are the lines of JSON that it has; ``cursor`` is what it names when it comes back ("": nothing)."""

    accept: str
    events: list[bytes]
    cursor: str

    def feed(self, data: bytes) -> None: ...

    def cut(self) -> None:
        """The connection is over; what is not whole is lost."""


@dataclass
class Sse:
    """Reads a GET stream as the standard says: an event, and its id, count once its blank line has come."""

    accept = "text/event-stream"
    events: list[bytes] = field(default_factory=list)
    cursor: str = ""
    _part: bytes = b""
    _data: list[bytes] = field(default_factory=list)
    _id: str = ""

    def feed(self, data: bytes) -> None:
        *lines, self._part = (self._part + data).split(b"\n")
        for line in lines:
            self.line(line)

    def line(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        match name:
            case b"data":
                self._data.append(value)
            case b"id":
                self._id = value.decode()
            case b"" if not line:
                self.dispatch()
            case b"" | b"retry":
                pass
            case _:
                raise AssertionError(f"a line that no event has: {line!r}")

    def dispatch(self) -> None:
        if self._data:
            self.events.append(b"\n".join(self._data))
            self._data = []
        self.cursor = self._id or self.cursor

    def cut(self) -> None:
        self._part, self._data, self._id = b"", [], ""


@dataclass
class HastySse(Sse):
    """Stores an id as it reads the line, as some clients do; what came before it is what it takes for the event."""

    def line(self, line: bytes) -> None:
        super().line(line)
        if line.startswith(b"id:"):
            self.dispatch()


@dataclass
class NdJson:
    """A line is an event; where it is, it knows from the last whole one."""

    accept = "application/x-ndjson"
    events: list[bytes] = field(default_factory=list)
    cursor: str = ""
    _part: bytes = b""

    def feed(self, data: bytes) -> None:
        *lines, self._part = (self._part + data).split(b"\n")
        for line in filter(None, lines):
            self.events.append(line)
            self.cursor = str(orjson.loads(line)["seq"])

    def cut(self) -> None:
        self._part = b""


def over(reader: Reader) -> bool:
    """Whether it has seen the end."""
    return bool(reader.events) and reader.events[-1].startswith(b'{"type":"done"')


@dataclass
class Answer:
    """An answer underway: its head is read, its body comes by ``pieces``."""

    status: int
    headers: dict[str, str]  # by names in lower case
    _reader: asyncio.StreamReader

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body as it comes, chunked or not. Raises ConnectionError where it is cut before its end."""
        if "content-length" in self.headers:
            async for piece in self._exactly(int(self.headers["content-length"])):
                yield piece
        elif self.headers.get("transfer-encoding") == "chunked":
            while size := int(await self._line(), 16):
                async for piece in self._exactly(size):
                    yield piece
                assert await self._line() == b""
            assert await self._line() == b""

    async def read(self) -> bytes:
        return b"".join([piece async for piece in self.pieces()])

    async def _exactly(self, size: int) -> AsyncIterator[bytes]:
        while size:
            piece = await self._reader.read(size)
            if not piece:
                raise ConnectionError("The body was cut.")
            size -= len(piece)
            yield piece

    async def _line(self) -> bytes:
        line = await self._reader.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionError("The answer was cut.")
        return line[:-2]

    async def head(self) -> None:
        self.status = int((await self._line()).split()[1])
        while line := (await self._line()).decode():
            name, _, value = line.partition(": ")
            self.headers[name.lower()] = value


@asynccontextmanager
async def answer(port: int, path: str, headers: Mapping[str, str] | None = None) -> AsyncIterator[Answer]:
    """Ask, on a connection that is closed afterwards. Raises ConnectionError where it is cut or cannot be made."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        fields = {"Host": "localhost", "Connection": "close"} | dict(headers or {})
        lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
        writer.write("\r\n".join(lines).encode())
        received = Answer(0, {}, reader)
        await received.head()
        yield received
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def view(
    port: int,
    path: str,
    reader: Reader,
    headers: Mapping[str, str] | None = None,
    *,
    saw: Callable[[bytes], object] = lambda _: None,
) -> None:
    """Read a stream to its end, or to where it is cut: then raises ConnectionError. ``saw`` is told each event."""
    try:
        async with answer(port, path, {"Accept": reader.accept} | dict(headers or {})) as received:
            assert received.status in (200, 204), (received.status, path, headers, await received.read())
            async for piece in received.pieces():
                known = len(reader.events)
                reader.feed(piece)
                for event in reader.events[known:]:
                    saw(event)
    finally:
        reader.cut()


def parsed(events: list[bytes]) -> list[dict[str, Any]]:
    return [orjson.loads(event) for event in events]
