"""What goes wrong with a request: a part of it, its method, target, headers, length, chunks or body, or its bytes.

Each takes the source of chance first, and gives the request, or the bytes, anew.
"""

import gzip
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from tests.web.spoilt import BAD_LINES, BAD_QUERIES, BAD_STRINGS, junk, spoilt_json

START: Final = b'{"topic":"Why not?","rounds":1}'


@dataclass(frozen=True)
class Request:
    """A request in parts, each as it goes out. ``framed`` False: the body's length is whatever the headers say."""

    method: bytes
    target: bytes
    version: bytes = b"HTTP/1.1"
    headers: tuple[bytes, ...] = (b"Host: localhost",)
    body: bytes = b""
    framed: bool = True

    def wire(self) -> bytes:
        length = (b"Content-Length: %d" % len(self.body),) if self.framed and self.body else ()
        line = b" ".join(filter(None, (self.method, self.target, self.version)))
        return b"\r\n".join((line, *self.headers, *length, b"", self.body))


# Of a part of a request.


def _method(rng: random.Random, request: Request) -> Request:
    methods = (b"HEAD", b"PUT", b"OPTIONS", b"CONNECT", b"TRACE", b"PATCH", b"GET", b"POST", b"get", b"", b"G\x00T")
    return replace(request, method=rng.choice((*methods, b"X" * 9_000, b"PRI", b"G(T", junk(rng, 8))))


def _version(rng: random.Random, request: Request) -> Request:
    versions = (
        b"HTTP/1.0", b"HTTP/0.9", b"HTTP/2.0", b"HTTP/9.9", b"", b"HTTP/1.1 ", b"http/1.1", b"HTTP/1.", b"HTTX/1.1",
    )  # fmt: skip
    return replace(request, version=rng.choice((*versions, b"HTTP/" + b"1" * 5_000, junk(rng, 8))))


def _target(rng: random.Random, request: Request) -> Request:
    path, mark, query = request.target.partition(b"?")
    cut = rng.randrange(len(path) + 1)
    path = rng.choice((
        path[:cut], path[:cut] + rng.choice(BAD_STRINGS) + path[cut:], b"/" + path, path + b"/", path + b"/../..", b"*",
        b"http://localhost" + path, b"http://[::1" + path, b"//evil.example" + path, b"http://a:b" + path, b"\\" + path,
        path.replace(b"/", b"%2f"), path.upper(), b"x" * rng.choice((9_000, 70_000)), b"localhost:443", path[1:],
    ))  # fmt: skip
    return replace(request, target=path + mark + query)


def _query(rng: random.Random, request: Request) -> Request:
    """Other values for what it asks, or more that it asks."""
    path, _, query = request.target.partition(b"?")
    other = b"&".join(pair.partition(b"=")[0] + b"=" + rng.choice(BAD_STRINGS) for pair in query.split(b"&"))
    added = b"&".join(rng.choice(BAD_QUERIES) + rng.choice(BAD_STRINGS) for _ in range(rng.choice((1, 1, 3, 300))))
    return replace(request, target=path + b"?" + rng.choice((other, other, query + b"&" + added, added)))


def _header(rng: random.Random, request: Request) -> Request:
    names = (
        b"Host", b"Origin", b"Accept", b"Last-Event-ID", b"Idempotency-Key", b"Content-Type", b"Cookie", b"Expect",
        b"If-None-Match", b"Range", b"Sec-Fetch-Site", b"Sec-Fetch-Mode", b"Accept-Encoding", b"X-Forwarded-Proto",
        b"Access-Control-Request-Method", b"If-Modified-Since", b"Purpose", b"Authorization", b"Connection", b"Upgrade",
        b"TE", b"Content-Encoding", b"Transfer-Encoding", b"Forwarded", b"Content-Length",
    )  # fmt: skip
    line = rng.choice(names) + b": " + rng.choice(BAD_STRINGS)
    whole = rng.choice((line, line, line, rng.choice(BAD_LINES), b"%b" % junk(rng, 30)))
    place = rng.randrange(len(request.headers) + 1)
    rest = request.headers if rng.random() < 0.9 else request.headers[1:]  # without its Host
    return replace(request, headers=(*rest[:place], whole, *rest[place:]))


def _many_headers(rng: random.Random, request: Request) -> Request:
    more = rng.choice(((b"X: y",) * 200, (b"X: " + b"y" * 70_000,), (b"Host: localhost",), (b"Cookie: a=b",) * 100))
    return replace(request, headers=(*request.headers, *more))


def _length(rng: random.Random, request: Request) -> Request:
    body = request.body or START
    told = rng.choice((
        b"-1", b"+31", b"0x1f", b"1e3", b"", b" ", b"31, 31", b"9" * 30, b"9" * 5_000, "²".encode(), b"65537",
        b"31\x00", b"%d" % (len(body) - 1), b"%d" % (len(body) + 1), b"99999999", b"0",
    ))  # fmt: skip
    doubled = (b"Content-Length: %d" % len(body),) if rng.random() < 0.2 else ()
    headers = (*request.headers, b"Content-Length: " + told, *doubled)
    return replace(request, headers=headers, body=body, framed=False)


def _chunks(rng: random.Random, request: Request) -> Request:
    body = request.body or START
    size = b"%x" % len(body)
    whole = size + b"\r\n" + body + b"\r\n0\r\n\r\n"
    rest = whole[len(size) :]
    chunks = rng.choice((
        whole, b"zz" + whole, b"-" + whole, b"+" + whole, b"0x" + whole, b"f" * 17 + whole, b"\r\n" + whole, whole * 2,
        b"", whole.replace(b"\r\n", b"\n"), whole[:-2], whole[:-7], size + b";" + b"x" * 70_000 + rest, b"1\r\n" * 5000,
        size + b";a=b" + rest, size + b"\r\n" + body + b"0\r\n\r\n", whole[:-2] + b"X: y\r\n\r\n", whole[:-2] + b"\0\r",
        b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n",
    ))  # fmt: skip
    odd = (b"gzip, chunked", b"chunked, chunked", b"gzip", b"identity", b"\x0bchunked")
    coding = rng.choice(odd) if rng.random() < 0.5 else b"chunked"
    also = (b"Content-Length: 5",) if rng.random() < 0.15 else ()
    headers = (*request.headers, b"Transfer-Encoding: " + coding, *also)
    return replace(request, headers=headers, body=chunks, framed=False)


def _bodied(request: Request) -> Request:
    """The request, or a start where it had no body."""
    return request if request.body else replace(request, method=b"POST", target=b"/api/debates", body=START)


def _body(rng: random.Random, request: Request) -> Request:
    bodied = _bodied(request)
    return replace(bodied, body=spoilt_json(rng, bodied.body))


def _packed(rng: random.Random, request: Request) -> Request:
    coding = rng.choice((b"gzip", b"br", b"deflate", b"zstd", b"gzip, gzip", b"nonsense"))
    to = rng.choice((request, _bodied(request)))  # where it is of no use, or is read
    bomb = gzip.compress(b" " * 1_000_000 + START)
    return replace(
        to, headers=(*to.headers, b"Content-Encoding: " + coding), body=rng.choice((to.body, junk(rng, 40), bomb))
    )


SPOILERS: Final[Sequence[Callable[[random.Random, Request], Request]]] = (
    _method, _version, _target, _query, _query, _header, _header, _header, _many_headers, _length, _chunks, _chunks,
    _body, _body, _packed,
)  # fmt: skip


# Of the bytes of a request, whatever they mean.


def _flip(rng: random.Random, data: bytes, _: bytes) -> bytes:
    spoilt = bytearray(data)
    for _n in range(rng.randint(1, 5)):
        spoilt[rng.randrange(len(spoilt))] = rng.randrange(256)
    return bytes(spoilt)


def _cut(rng: random.Random, data: bytes, _: bytes) -> bytes:
    return data[: rng.randrange(len(data))]


def _doubled(rng: random.Random, data: bytes, _: bytes) -> bytes:
    start, end = sorted(rng.randrange(len(data) + 1) for _n in range(2))
    return data[:end] + data[start:]


def _inserted(rng: random.Random, data: bytes, _: bytes) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.choice((b"\r\n", b"\n", b"\r", b"\x00", b" ", b"\r\n\r\n", junk(rng, 20))) + data[at:]


def _followed(rng: random.Random, data: bytes, other: bytes) -> bytes:
    """Pipelined: more of it, valid or not, on the same connection."""
    kept = data.replace(b"Connection: close\r\n", b"")
    return kept + rng.choice((kept * 3, other, junk(rng, 200), b"\r\n\r\n", b"\x16\x03\x01\x02\x00\x01"))


def _preceded(rng: random.Random, data: bytes, _: bytes) -> bytes:
    before = (b"\r\n", b"\r\n" * 50, b" ", b"\x00", b"\x16\x03\x01\x02\x00\x01", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    return rng.choice(before) + data


GARBLERS: Final[Sequence[Callable[[random.Random, bytes, bytes], bytes]]] = (
    _flip, _flip, _cut, _doubled, _inserted, _followed, _followed, _preceded,
)  # fmt: skip
