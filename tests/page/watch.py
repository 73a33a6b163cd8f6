"""One who watches a browser's pages for words that became more than words.

The canary is an address that nobody has a reason to ask: it hears of every connection, also of one that asks nothing.
The watch hears what pages run (``window.__ran``), say, complain of, open and block, and looks at every element and
attribute as soon as it is there (watch.js), so that none comes and goes unseen.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page

from tests.page.conftest import NETWORK

SCRIPT = Path(__file__).with_name("watch.js")
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@dataclass
class Canary:
    """``heard`` has every connection's request, empty where it made none."""

    address: str = ""
    heard: dict[int, bytes] = field(default_factory=dict)

    @property
    def numbers(self) -> set[int]:
        """Whose addresses were asked for."""
        paths = [request.split(b" ")[1].strip(b"/") for request in self.heard.values() if request]
        return {int(path) for path in paths if path.isdigit()}


class _Ear(asyncio.Protocol):
    def __init__(self, canary: Canary, open_: set[asyncio.Transport]) -> None:
        self._heard, self._number, self._open = canary.heard, len(canary.heard), open_
        self._heard[self._number] = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._open.add(transport)

    def data_received(self, data: bytes) -> None:
        self._heard[self._number] += data
        if b"\r\n\r\n" in data:
            self._transport.write(ANSWER)
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._open.discard(self._transport)


@asynccontextmanager
async def listening() -> AsyncIterator[Canary]:
    """A canary on a free port of this machine."""
    canary, open_ = Canary(), set[asyncio.Transport]()
    server = await asyncio.get_running_loop().create_server(lambda: _Ear(canary, open_), "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    canary.address = f"http://{host}:{port}"
    try:
        yield canary
    finally:
        server.close()
        for transport in list(open_):
            transport.abort()


@dataclass
class Watch:
    """A profile of a browser that is watched, and what was noticed."""

    page: Page
    noticed: list[str] = field(default_factory=list)
    opened: list[Page] = field(default_factory=list)

    async def all(self) -> list[str]:
        """What was noticed by now."""
        await self.page.evaluate("new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))")
        return self.noticed

    async def ran(self) -> set[int]:
        """Whose script was run."""
        return {int(said.removeprefix("ran ")) for said in await self.all() if said.startswith("ran ")}


@asynccontextmanager
async def watched(browser: Browser, canary: Canary, **profile: Any) -> AsyncIterator[Watch]:
    """A fresh profile with an empty page, watched from its first document on."""
    context = await browser.new_context(**profile)
    await context.add_init_script(SCRIPT.read_text(encoding="utf-8").replace("CANARY", f"'{canary.address}/'"))
    watch = Watch(await context.new_page())
    await _listen(context, watch)
    yield watch
    await context.close()


async def _listen(context: BrowserContext, watch: Watch) -> None:
    def hear(message: ConsoleMessage) -> None:
        if not message.text.startswith(NETWORK):
            watch.noticed.append(f"console {message.type}: {message.text}")

    async def dismiss(dialog: Dialog) -> None:
        watch.noticed.append(f"dialog {dialog.message}")
        await dialog.dismiss()

    context.on("console", hear)
    context.on("weberror", lambda error: watch.noticed.append(f"error {error.error}"))
    context.on("dialog", dismiss)
    context.on("page", lambda page: watch.opened.append(page))
    await context.expose_binding("__tell", lambda _, told: watch.noticed.extend(told))
