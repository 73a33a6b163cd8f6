"""The SDK's requests, sent by aiohttp. A body is read straight from its connection: every layer between would cost as
much for each token as all the rest of its way.

What aiohttp raises goes through as it is; the SDK raises its own error from it.
"""

import ssl
from collections.abc import AsyncIterator
from functools import cache
from typing import Final

import aiohttp
import httpx2

from debate_server.upstream.proxy import proxy_for

# The runner bounds the debates; this only must not be what bounds them.
MAX_CONNECTIONS: Final = 10_000
# Shorter than the shortest keep-alive of common servers (uvicorn: 5 s), so that a connection that the server is about
# to close is not used again: the request would fail, and it was ours to know.
KEEPALIVE: Final = 4.0
# aiohttp has taken a compressed body apart by the time it is read.
_DONE: Final = b"content-encoding"


class Body(httpx2.AsyncByteStream):
    """The body of an answer. Whoever has it closes it."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def read(self) -> bytes:
        """The bytes that came next; empty at the end. Raises aiohttp.ClientError where the connection breaks, and what
        ``fail`` was given."""
        return await self._response.content.readany()

    def fail(self, error: Exception) -> None:
        """Whoever waits for bytes gets this error instead."""
        self._response.content.set_exception(error)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while chunk := await self.read():
            yield chunk

    async def aclose(self) -> None:
        """Closes the connection, unless it came to its end."""
        self._response.close()


class Transport(httpx2.AsyncBaseTransport):
    """May be made in a thread; what it opens belongs to the loop of its first request."""

    def __init__(self, *, connect_timeout: float) -> None:
        """``connect_timeout`` is in seconds. There is no read timeout: the deadlines of a speech count words, not
        bytes."""
        self._timeout = aiohttp.ClientTimeout(sock_connect=connect_timeout)
        self._certificates = _certificates()
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The answer, as soon as its head is there; its ``Body`` is also in the extension "body"."""
        if self._session is None:
            self._session = self._open()
        response = await self._session.request(
            request.method,
            str(request.url),
            headers=request.headers.multi_items(),
            data=request.content,
            allow_redirects=False,
            proxy=await proxy_for(str(request.url)),
        )
        headers = [(name, value) for name, value in response.raw_headers if name.lower() != _DONE]
        body = Body(response)
        return httpx2.Response(
            response.status, headers=headers, stream=body, request=request, extensions={"body": body}
        )

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=MAX_CONNECTIONS, keepalive_timeout=KEEPALIVE, ssl=self._certificates, force_close=False
        )
        return aiohttp.ClientSession(
            connector=connector, timeout=self._timeout, cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("Accept", "Accept-Encoding", "User-Agent", "Content-Type"),
        )  # fmt: skip


@cache
def _certificates() -> ssl.SSLContext:
    """Those of this machine; reading them takes 40 ms."""
    return httpx2.create_ssl_context()
