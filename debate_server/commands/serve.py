"""``debate serve``: the server and its page, until it is told to end."""

import asyncio
import contextlib
import gc
import os
import signal
import threading
import webbrowser
from collections.abc import Callable

import click
import structlog

from debate_server.commands.house import opened
from debate_server.core.errors import UpstreamError
from debate_server.settings import Settings
from debate_server.upstream.upstream import Upstream
from debate_server.web.app import make_app, serving

logger = structlog.get_logger(__name__)


async def serve(settings: Settings, *, open_page: bool) -> None:
    """Serve until SIGTERM or Ctrl-C. Raises SettingsError, LogInUse, LogUnusable."""
    ended = asyncio.Event()
    on_signals(ended.set)
    async with (
        opened(settings) as house,
        serving(make_app(settings, house.log, house.upstream, house.runner)) as address,
    ):
        house.lock.listening(address)
        house.runner.resume()
        click.echo(address)
        if settings.host not in ("127.0.0.1", "localhost", "::1"):
            logger.warning("open_to_the_network", host=settings.host, note="anyone who reaches it can start debates")
        if open_page:
            # A thread that nobody waits for: a browser in the terminal comes back when it is closed, or never.
            threading.Thread(target=_open, args=(address,), daemon=True).start()
        telling = asyncio.create_task(_tell_model(house.upstream))
        gc.freeze()  # what is loaded by now stays: the collector need not walk it again and again
        try:
            await ended.wait()
        finally:
            telling.cancel()
            await asyncio.wait([telling])


def _open(address: str) -> None:
    if not webbrowser.open(address):
        click.echo(f"No browser could be opened. The page is {address}", err=True)


async def _tell_model(upstream: Upstream) -> None:
    """Say which model is used, why, and how to change it."""
    try:
        listing = await upstream.listing()
        click.echo(listing.why, err=True)
    except UpstreamError as error:
        click.echo(error.message, err=True)


def on_signals(end: Callable[[], object]) -> None:
    """Call ``end`` on the first SIGTERM or SIGINT; on the second the process is gone at once."""
    loop = asyncio.get_running_loop()
    received: list[int] = []

    def receive(number: int) -> None:
        if received:
            os._exit(128 + number)
        received.append(number)
        end()

    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, receive, number)
        except NotImplementedError:  # Windows: the handler runs between two bytecodes of the main thread
            with contextlib.suppress(ValueError):
                signal.signal(number, lambda received, _: loop.call_soon_threadsafe(receive, received))
