"""HTTP as bytes on a socket, for what HTTP libraries normalise or hide."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import orjson

from tests.conftest import Server

# What has not come by then, such as an end after heartbeat upon heartbeat, does not come at all.
PATIENCE = 60


@dataclass
class Wire:
    """One request's answer, read chunk by chunk. ``body`` is what has been read of it so far."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    status: int
    headers: dict[str, str]  # by names in lower case
    body: bytes = field(default=b"", init=False)
    ended: bool = field(default=False, init=False)

    @property
    def policy(self) -> dict[str, str]:
        """The content security policy, by directive."""
        parts = self.headers["content-security-policy"].split(";")
        return dict(part.strip().partition(" ")[::2] for part in parts)

    async def chunk(self) -> bytes:
        """The next chunk as the server wrote it; empty at the end."""
        assert self.headers.get("transfer-encoding") == "chunked"
        size = int(await self.reader.readline(), 16)
        chunk = (await self.reader.readexactly(size + 2))[:-2]
        self.body += chunk
        self.ended = not chunk
        return chunk

    async def until(self, text: bytes) -> bytes:
        """The body once ``text`` is in it."""
        while text not in self.body:
            assert await self.chunk(), f"the body ended: {self.body!r}"
        return self.body

    async def rest(self) -> bytes:
        """The whole body, to its end."""
        if "transfer-encoding" not in self.headers:
            self.body += await self.reader.read()
            return self.body
        while not self.ended:
            await self.chunk()
        return self.body

    def close(self) -> None:
        """Leave in the middle."""
        self.writer.close()

    async def problem(self) -> dict[str, Any]:
        """The body of a refusal."""
        assert self.headers["content-type"] == "application/problem+json"
        body: dict[str, Any] = orjson.loads(await self.rest())
        assert body["type"] == "about:blank"
        assert body["status"] == self.status
        assert body["title"]
        assert body["detail"]
        return body


@asynccontextmanager
async def sent(server: Server, request: bytes) -> AsyncIterator[Wire]:
    """A connection that carries exactly these bytes; the answer's head has been read."""
    place = urlsplit(server.address)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    try:
        writer.write(request)
        status = (await reader.readline()).split()[1]
        headers = {}
        while line := (await reader.readline()).decode().strip():
            name, _, value = line.partition(": ")
            headers[name.lower()] = value
        async with asyncio.timeout(PATIENCE):
            yield Wire(reader, writer, int(status), headers)
    finally:
        writer.close()


def get(path: str, *headers: str, host: str | None = "localhost", method: str = "GET") -> bytes:
    """A request without a body; ``host`` None leaves the header out."""
    named = [] if host is None else [f"Host: {host}"]
    return "\r\n".join([f"{method} {path} HTTP/1.1", *named, "Connection: close", *headers, "", ""]).encode()


def post(path: str, body: bytes | str, *headers: str) -> bytes:
    """A request with a body."""
    data = body.encode() if isinstance(body, str) else body
    return get(path, f"Content-Length: {len(data)}", *headers, method="POST") + data
