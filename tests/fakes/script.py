"""What a fake upstream does with one request: a script, which is a list of steps, played in order.

``[Say("one two three")]`` is a whole speech. A speech that breaks in the middle is
``[Say("one two", finish=None), Reset()]``; one that the test holds is ``[Say("one", finish=None), Gate(event),
Say("two")]``. A script that ends without a finish reason is a stream that just ends.
"""

import asyncio
import re
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson
from aiohttp import web

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]


class Reply:
    """One answer on its way: what steps write to. The stream begins with the first byte that is sent."""

    def __init__(self, request: web.Request, body: dict[str, Any], *, clock: Clock, sleep: Sleep) -> None:
        self.body = body
        self.clock = clock
        self.sleep = sleep
        self.answer: web.StreamResponse | None = None  # once something is sent
        self.broken = False  # we cut the connection ourselves
        self.pace: Pace | None = None
        self.wire = Wire()
        self._request = request

    async def begin(self) -> web.StreamResponse:
        if self.answer is None:
            self.answer = web.StreamResponse(headers={"Content-Type": self.wire.content_type})
            if self.wire.gzip:
                self.answer.enable_compression(web.ContentCoding.gzip)
            await self.answer.prepare(self._request)
        return self.answer

    async def write(self, data: bytes) -> None:
        answer = await self.begin()
        size = self.wire.piece or len(data)
        for start in range(0, len(data), size):
            await answer.write(data[start : start + size])

    async def event(self, content: object) -> None:
        data = content if isinstance(content, bytes) else orjson.dumps(content)
        await self.write(b"data: " + data + self.wire.newline * 2)

    async def delta(self, delta: Mapping[str, Any] | None, finish: str | None = None) -> None:
        await self.event(
            {
                "id": "chatcmpl-fake",
                "object": "chat.completion.chunk",
                "model": self.body.get("model"),
                "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
            }
        )

    @property
    def transport(self) -> asyncio.Transport:
        transport = self._request.transport
        assert isinstance(transport, asyncio.Transport)
        return transport


class Step(Protocol):
    async def play(self, reply: Reply) -> None: ...


Script = Sequence[Step]


@dataclass(frozen=True)
class Wire:
    """How the bytes of this answer look, from here on: ``piece`` bytes a write, compressed unasked, other line ends."""

    newline: bytes = b"\n"
    piece: int = 0
    gzip: bool = False
    content_type: str = "text/event-stream"

    async def play(self, reply: Reply) -> None:
        reply.wire = self


@dataclass
class Pace:
    """Says so many tokens a second from here on, on a fixed schedule: one that is late does not delay the next.

    ``stamp`` gives the text put before each token, such as the time at which it is sent.
    """

    tokens_per_second: float
    stamp: Callable[[], str] | None = None
    _next: float | None = None

    async def play(self, reply: Reply) -> None:
        reply.pace = Pace(self.tokens_per_second, self.stamp, reply.clock())

    async def token(self, reply: Reply, token: str) -> str:
        assert self._next is not None
        self._next += 1 / self.tokens_per_second
        await reply.sleep(max(0.0, self._next - reply.clock()))
        return token if self.stamp is None else self.stamp() + token


@dataclass(frozen=True)
class Say:
    """Words of a speech, a token a word (or ``size`` characters), and how it ends: ``finish`` None leaves it open.

    ``usage`` None leaves it out, although it was asked for; the default counts the tokens sent.
    """

    text: str
    size: int | None = None
    finish: str | None = "stop"
    usage: dict[str, Any] | None = field(default_factory=lambda: {"prompt_tokens": 7})
    marked: bool = True  # ends with [DONE]

    def tokens(self) -> list[str]:
        if self.size is None:
            return re.findall(r"\s*\S+|\s+", self.text)
        return [self.text[start : start + self.size] for start in range(0, len(self.text), self.size)]

    async def play(self, reply: Reply) -> None:
        tokens = self.tokens()
        for token in tokens:
            await reply.delta({"content": await reply.pace.token(reply, token) if reply.pace else token})
        if self.finish is None:
            return
        await reply.delta({}, self.finish)
        wanted = (reply.body.get("stream_options") or {}).get("include_usage")
        if wanted and self.usage is not None:
            await reply.event({"choices": [], "usage": {"completion_tokens": len(tokens)} | self.usage})
        if self.marked:
            await reply.event(b"[DONE]")


@dataclass(frozen=True)
class Think:
    """Reasoning beside the speech, in the field that most servers use for it, or in another."""

    text: str
    key: str = "reasoning_content"

    async def play(self, reply: Reply) -> None:
        for token in Say(self.text).tokens():
            await reply.delta({self.key: token})


@dataclass(frozen=True)
class Event:
    """One event, whatever it says."""

    content: object

    async def play(self, reply: Reply) -> None:
        await reply.event(self.content)


@dataclass(frozen=True)
class Raw:
    """Bytes of the stream, as they are: to garble it."""

    data: bytes

    async def play(self, reply: Reply) -> None:
        await reply.write(self.data)


@dataclass(frozen=True)
class Gate:
    """Goes on when the test sets the event; what was said before is on its way by then."""

    event: asyncio.Event

    async def play(self, reply: Reply) -> None:
        await self.event.wait()


class Stall:
    """Sends nothing more, not even the headers where nothing was sent, until the other side has enough."""

    async def play(self, reply: Reply) -> None:
        await asyncio.Event().wait()


@dataclass(frozen=True)
class Forever:
    """The same step, over and over, until the other side has enough: ``Forever(KeepAlive())``."""

    step: Step
    pause: float = 0.0

    async def play(self, reply: Reply) -> None:
        while True:
            await self.step.play(reply)
            await asyncio.sleep(self.pause)


class KeepAlive:
    """A comment: bytes, but no word."""

    async def play(self, reply: Reply) -> None:
        await reply.write(b": keepalive" + reply.wire.newline * 2)


class Begin:
    """Sends the headers, and nothing yet."""

    async def play(self, reply: Reply) -> None:
        await reply.begin()


class Drop:
    """Closes the connection without the end of the body."""

    async def play(self, reply: Reply) -> None:
        reply.broken = True
        reply.transport.close()


class Truncate:
    """Closes the connection in the middle of a chunk of the body."""

    async def play(self, reply: Reply) -> None:
        await reply.begin()
        reply.broken = True
        reply.transport.write(b'40\r\ndata: {"choices":[{"del')
        reply.transport.close()


@dataclass(frozen=True)
class Bare:
    """Bytes in the place of an answer, its head included, and the end of the connection."""

    data: bytes

    async def play(self, reply: Reply) -> None:
        reply.broken = True
        reply.transport.write(self.data)
        reply.transport.close()


class Reset:
    """Resets the connection (RST)."""

    async def play(self, reply: Reply) -> None:
        reply.broken = True
        bare: socket.socket = reply.transport.get_extra_info("socket")
        bare.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        reply.transport.abort()


@dataclass(frozen=True)
class Answer:
    """A whole answer that is no stream: a refusal, a page, a redirect."""

    status: int = 200
    body: object = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    async def play(self, reply: Reply) -> None:
        data = self.body if isinstance(self.body, bytes) else orjson.dumps(self.body)
        kind = {} if isinstance(self.body, bytes) else {"Content-Type": "application/json"}
        reply.answer = web.Response(status=self.status, body=data, headers={**kind, **self.headers})


def refuse(status: int, message: str = "no", *, headers: Mapping[str, str] | None = None, **more: str) -> Answer:
    """A refusal as OpenAI words it; ``more`` is ``param``, ``code`` …"""
    return Answer(status, {"error": {"message": message, "type": "invalid_request_error", **more}}, headers or {})


HTML = Answer(200, b"<!doctype html><title>It works!</title>", {"Content-Type": "text/html; charset=utf-8"})
