"""``debate serve``: the server and its page, until it is told to end."""

import asyncio
import contextlib
import gc
import os
import secrets
import signal
import socket
import threading
import webbrowser
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import click
import structlog

from debate_server.core.errors import UpstreamError
from debate_server.house import opened
from debate_server.settings import Settings
from debate_server.upstream.upstream import Upstream
from debate_server.web.app import make_app, serving
from debate_server.web.gate import is_loopback

logger = structlog.get_logger(__name__)


# Addresses that mean every network this machine is in.
ANY: Final = ("0.0.0.0", "::")
STARTS_PER_MINUTE: Final = 60
# The thresholds of the garbage collector. The last is five times Python's own: to walk all that a thousand viewers are
# made of stops every stream for 50 ms and more, and need not be done as often as they grow by a quarter. What may lie
# about uncollected for it are some 40 MB.
COLLECTING: Final = (700, 10, 50)


async def serve(settings: Settings, *, open_page: bool) -> None:
    """Serve until SIGTERM or Ctrl-C. Raises SettingsError, LogInUse, LogUnusable."""
    ended = asyncio.Event()
    on_signals(ended.set)
    if not is_loopback(settings.host):
        settings = _guarded(settings)
    async with (
        opened(settings) as house,
        serving(make_app(settings, house.log, house.upstream, house.runner)) as address,
    ):
        house.lock.listening(address, settings.token)
        house.runner.take_up()
        page = f"{address}/?token={settings.token}" if settings.token else address
        click.echo(page)
        for fault in house.runner.formats.broken().values():
            click.echo(fault.message, err=True)
        if settings.host in ANY and (own := _own_address()):
            click.echo(f"From other machines: {page.replace('127.0.0.1', own).replace('[::1]', own)}", err=True)
        if open_page:
            # A thread that nobody waits for: a browser in the terminal comes back when it is closed, or never.
            threading.Thread(target=_open, args=(page,), daemon=True).start()
        telling = asyncio.create_task(_tell_model(house.upstream))
        gc.freeze()  # what is loaded by now stays: the collector need not walk it again and again
        gc.set_threshold(*COLLECTING)
        try:
            await ended.wait()
        finally:
            telling.cancel()
            await asyncio.wait([telling])


def _guarded(settings: Settings) -> Settings:
    """The settings of a server that others can reach, where nothing else is said: a token, and a rate of starts."""
    rate = settings.starts_per_minute
    return replace(
        settings,
        token=settings.token or secrets.token_urlsafe(24),
        starts_per_minute=STARTS_PER_MINUTE if rate is None else rate,
    )


def _own_address() -> str:
    """This machine's address in its network; empty where it has none. Nothing is sent to find out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
        probe.connect(("192.0.2.1", 9))  # an address that is in documents only
        return str(probe.getsockname()[0])
    return ""


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
        except (NotImplementedError, ValueError):
            # Windows: the handler runs between two bytecodes of the main thread. Other threads get no signals.
            with contextlib.suppress(ValueError):
                signal.signal(number, lambda received, _: loop.call_soon_threadsafe(receive, received))
