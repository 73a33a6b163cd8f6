"""Requests that went wrong on their way, each made of a seed: valid ones for every route, with their request line,
headers, length, chunks, body or bytes spoilt, and ids that no debate has.

``ask`` sends one over a socket of its own, ``fault`` says what is wrong with an answer. The suite and the soak are
these with other numbers.
"""

import asyncio
import random
import re
import socket
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from tests.web.spoilers import GARBLERS, SPOILERS, START, Request
from tests.web.spoilt import BAD_IDS

WORDS: Final = b'{"content":"And the cost?"}'
RUN: Final = b'{"asked":"a1","source":"towns.txt","total":2,"formats":["classic"],"budget_usd":1.5}'
BEGIN: Final = b'{"start":{"topic":"Why?"},"entry":{"name":"1/classic","item":"1","format":"classic","attempt":1}}'
# Method, path as the application has it, query, body.
ROUTES: Final = (
    ("POST", "/api/debate", "", START),
    ("GET", "/api/debate", "topic=Why+not%3F&rounds=1&run=a%20key&agents=Skeptic=fake-chat", b""),
    ("POST", "/api/debates", "", START),
    ("GET", "/api/debates", "limit=5&before={debate}&find=why&state=failed", b""),
    ("GET", "/api/debates/{debate}", "", b""),
    ("GET", "/api/debates/{debate}/events", "since=3", b""),
    ("GET", "/api/debates/{debate}/messages", "since=2026-01-31T12:00:00Z", b""),
    ("POST", "/api/debates/{debate}/messages", "", WORDS),
    ("POST", "/api/debates/{debate}/pause", "", b""),
    ("POST", "/api/debates/{debate}/resume", "", b""),
    ("POST", "/api/debates/{debate}/stop", "", b'{"turn":1}'),
    ("POST", "/api/debates/{debate}/fork", "", b'{"turn":2,"topic":"Why?","agents":[{"name":"Skeptic","model":"m"}]}'),
    ("POST", "/api/debates/{debate}/retry", "", b""),
    ("GET", "/api/debates/{debate}/export.{kind}", "", b""),
    ("DELETE", "/api/debates/{debate}", "", b""),
    ("GET", "/api/events", "after={debate}.3&after={debate}.0", b""),
    ("POST", "/api/runs", "", RUN),
    ("GET", "/api/runs", "limit=5&before={run}", b""),
    ("GET", "/api/runs/{run}", "", b""),
    ("GET", "/api/runs/{run}/debates", "", b""),
    ("POST", "/api/runs/{run}/debates", "", BEGIN),
    ("POST", "/api/estimate", "", START),
    ("GET", "/api/formats", "", b""),
    ("GET", "/api/models", "", b""),
    ("GET", "/openapi.json", "", b""),
    ("GET", "/healthz", "", b""),
    ("GET", "/metrics", "", b""),
    ("GET", "/", "topic=Why", b""),
    ("GET", "/d/{debate}", "", b""),
    ("GET", "/runs", "", b""),
    ("GET", "/runs/{run}", "", b""),
    ("GET", "/static/{name}", "", b""),
    ("GET", "/favicon.ico", "", b""),
)
_NAMING: Final = [route for route in ROUTES if route[1].startswith("/api/debates/{debate}")]
NO_DEBATE: Final = "0123456789bc"

# An answer's head, where one begins.
_HEAD: Final = re.compile(rb"HTTP/\d\.\d (\d{3}) [^\r\n]*\r\n(.*?)\r\n\r\n", re.DOTALL)


@dataclass(frozen=True)
class Case:
    """Bytes for one connection, written piece by piece, and how the other side leaves it: ``end`` is "wait" (for the
    server to close), "half" (nothing more comes from here) or "reset" (nobody reads)."""

    pieces: tuple[bytes, ...]
    end: str = "wait"

    @property
    def sent(self) -> bytes:
        return b"".join(self.pieces)


def valid(rng: random.Random, debate: str) -> Request:
    """A request that is as it should be, on any route. The debate is not deleted."""
    method, path, query, body = rng.choice(ROUTES)
    named = NO_DEBATE if method == "DELETE" else debate
    target = path.format(debate=named, run=named, kind=rng.choice(("md", "json", "html")), name="app.js")
    filled = query.format(debate=named, run=named)
    headers = (b"Host: localhost", *((b"Connection: close",) if rng.random() < 0.9 else ()))
    return Request(method.encode(), f"{target}{'?' * bool(filled)}{filled}".encode(), headers=headers, body=body)


def case(seed: int, debate: str) -> Case:
    """A malformed request, or several on one connection; by chance it may still be a valid one."""
    rng = random.Random(seed)
    request = valid(rng, debate)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        request = rng.choice(SPOILERS)(rng, request)
    data = request.wire()
    if rng.random() < 0.3:
        data = rng.choice(GARBLERS)(rng, data, valid(rng, debate).wire())
    pieces: tuple[bytes, ...] = (data,)
    if rng.random() < 0.2 and len(data) > 1:
        at = rng.randrange(1, len(data))
        pieces = (data[:at], data[at:])
    return Case(pieces, rng.choice(("wait", "wait", "wait", "wait", "half", "reset")))


def bad_id(seed: int, debate: str) -> Case:
    """A request that is as it should be, but for an id that no debate has: in the path, in a query or in a cursor."""
    rng = random.Random(seed)
    id_ = rng.choice(BAD_IDS)(rng)
    headers: tuple[bytes, ...] = (b"Host: localhost", b"Connection: close")
    method, path, query, body = rng.choice(_NAMING)
    target = path.format(debate="\0", kind=rng.choice(("md", "json", "html"))).encode().replace(b"\0", id_)
    match rng.randrange(20):
        case 0:
            method, target, query, body = "GET", b"/api/debates?before=" + id_, "", b""
        case 1:
            method, target, query, body = "GET", b"/api/debates/%b/events?since=%b.3" % (debate.encode(), id_), "", b""
        case 2:
            method, target, query, body = "GET", b"/api/debate?topic=Why", "", b""
            headers = (*headers, b"Last-Event-ID: %b.3" % id_)
    filled = query.format(debate=debate).encode()
    return Case((Request(method.encode(), target + b"?" * bool(filled) + filled, headers=headers, body=body).wire(),))


class _Asking(asyncio.Protocol):
    """Collects what comes back on a connection, until it is closed."""

    def __init__(self) -> None:
        self.answer = b""
        self.closed = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        self.answer += data

    def connection_lost(self, _: Exception | None) -> None:
        self.closed.set_result(None)


async def ask(port: int, case: Case, leave: Callable[[], Awaitable[object]]) -> bytes:
    """Send a case; all that came back until the server closed, or until it is time to ``leave``: it may wait for the
    rest of what was sent."""
    transport, asking = await asyncio.get_running_loop().create_connection(_Asking, "127.0.0.1", port)
    leaving = asyncio.ensure_future(leave())
    try:
        for piece in case.pieces:
            transport.write(piece)
            await asyncio.sleep(0)
        if case.end == "reset":
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return b""
        if case.end == "half":
            with suppress(OSError):  # closed already
                transport.write_eof()
        await asyncio.wait({asking.closed, leaving}, return_when=asyncio.FIRST_COMPLETED)
        return asking.answer
    finally:
        leaving.cancel()
        transport.abort()


def fault(answer: bytes) -> str:
    """What no answer may be; empty where nothing is wrong with this one. None at all is an answer too."""
    if answer and not _HEAD.match(answer):
        return "what came back is no HTTP"
    if b"Traceback" in answer or b'File "' in answer:
        return "a traceback"
    for head in _HEAD.finditer(answer):
        status, headers = int(head[1]), head[2].lower()
        if status >= 500 and not (status == 503 and b"retry-after: " in headers):
            return f"{status} from the server"
        if status >= 400 and b"content-type: application/problem+json" not in headers:
            return f"{status} without a problem"
    return ""


def status(answer: bytes) -> int:
    """The status of the (first) answer; 0 where none came."""
    head = _HEAD.match(answer)
    return int(head[1]) if head else 0
