"""The SDK's requests, sent by aiohttp. A body is poured out straight from its connection, past all layers between.

What aiohttp raises goes through the SDK as it is: that wraps the errors of httpx, of TLS, and timeouts only.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from functools import cache
from typing import Any, Final

import aiohttp
import httpx2

from debate_server.upstream.proxy import proxy_for
from debate_server.upstream.tap import Tap

# The runner bounds the debates; this only must not be what bounds them.
MAX_CONNECTIONS: Final = 10_000
# Shorter than the shortest keep-alive of common servers (uvicorn: 5 s), so that a connection that the server is about
# to close is not used again: the request would fail, and it was ours to know.
KEEPALIVE: Final = 4.0
# What is not handed on: aiohttp has unpacked a body by the time it is read, and nobody wants an endpoint's cookies.
_KEPT_BACK: Final = (b"content-encoding", b"set-cookie")
# What the SDK says to itself.
_OURS: Final = ("x-stainless-raw-response",)


class Body(httpx2.AsyncByteStream):
    """The body of an answer. Whoever has it closes it."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def pour(self, sink: Callable[[bytes], None]) -> None:
        """Give all bytes to ``sink`` as they come, to the end. Raises aiohttp.ClientError where the connection breaks,
        what ``fail`` was given, and what ``sink`` raises."""
        tap = Tap(self._response, sink, self._over)
        try:
            await self._over
        finally:
            tap.close()
            if not self._over.cancelled():
                self._over.exception()  # a task that is cancelled as it fails has not taken it, and asyncio would tell

    def fail(self, error: Exception) -> None:
        """No more is poured out: whoever waits for the end gets this error."""
        if not self._over.done():
            self._over.set_exception(error)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._response.content.iter_any():
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
        self._sessions: dict[bool, aiohttp.ClientSession] = {}

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The answer, as soon as its head is there; its ``Body`` is also in the extension "body"."""
        # What is asked to close is closed from here too: not every server says that it will.
        once = request.headers.get("Connection") == "close"
        if once not in self._sessions:
            self._sessions[once] = self._open(once=once)
        proxy = proxy_for(str(request.url))
        response = await self._sessions[once].request(
            request.method,
            str(request.url),
            headers=[item for item in request.headers.multi_items() if item[0].lower() not in _OURS]
            + [*proxy.direct.items()],
            data=request.content,
            allow_redirects=False,
            proxy=proxy.address,
            proxy_headers=proxy.tunnel,
        )
        headers = [(name, value) for name, value in response.raw_headers if name.lower() not in _KEPT_BACK]
        body = Body(response)
        return httpx2.Response(
            response.status, headers=headers, stream=body, request=request, extensions={"body": body}
        )

    async def aclose(self) -> None:
        for session in self._sessions.values():
            await session.close()

    def _open(self, *, once: bool) -> aiohttp.ClientSession:
        pooling: dict[str, Any] = {"force_close": True} if once else {"keepalive_timeout": KEEPALIVE}
        connector = aiohttp.TCPConnector(limit=MAX_CONNECTIONS, ssl=self._certificates, **pooling)
        return aiohttp.ClientSession(
            connector=connector, timeout=self._timeout, cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("Accept", "Accept-Encoding", "User-Agent", "Content-Type"),
        )  # fmt: skip


@cache
def _certificates() -> ssl.SSLContext:
    """Those of this machine; reading them takes 40 ms."""
    return httpx2.create_ssl_context()
