"""What may stand between a page and its server: a reverse proxy that collects streams, wants a key, or goes away."""

import asyncio
from contextlib import suppress
from typing import Self

import aiohttp
from aiohttp import web

READ_BYTES = 65_536
MINCED = 0.02
HOP = {"Transfer-Encoding", "Content-Length", "Connection", "Keep-Alive"}


class ReverseProxy:
    """Passes requests on to ``address``. An async context manager.

    ``collecting``: no byte of a stream's body goes through, and all else does. ``mincing``: a stream comes byte by
    byte. ``refusing``: all but the page is answered with that status. ``cut`` ends what is underway.
    """

    def __init__(self, address: str) -> None:
        self.address = ""
        self.collecting = False
        self.mincing = False
        self.refusing = 0
        self.asked: list[str] = []  # the paths of the API's requests, in order
        self._to = address
        self._open: set[asyncio.Task[object]] = set()

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._pass)
        self._session = aiohttp.ClientSession(self._to, auto_decompress=False)
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.address = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()
        await self._session.close()

    def cut(self) -> None:
        """End all answers that are underway."""
        for task in self._open:
            task.cancel()

    async def _pass(self, request: web.Request) -> web.StreamResponse:
        if request.path.startswith("/api/"):
            self.asked.append(request.path)
            if self.refusing:
                return web.Response(status=self.refusing, text="<h1>No</h1>", content_type="text/html")
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            return await self._answer(request)
        finally:
            self._open.discard(task)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        async with self._session.request(
            request.method, request.rel_url, headers=request.headers, data=body, allow_redirects=False
        ) as answer:
            passed = web.StreamResponse(status=answer.status)
            passed.headers.update({name: value for name, value in answer.headers.items() if name not in HOP})
            await passed.prepare(request)
            is_stream = answer.content_type == "text/event-stream"
            with suppress(ConnectionError):
                async for piece in answer.content.iter_any():
                    if is_stream and self.collecting:
                        continue
                    size = 1 if is_stream and self.mincing else len(piece)
                    for at in range(0, len(piece), size):
                        await passed.write(piece[at : at + size])
                        if size == 1 and piece[at] >= 0x80:
                            await asyncio.sleep(MINCED)  # so that the rest of the letter is read for itself
            return passed
