"""The application and the server around it."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web

from debate_server.core.errors import SettingsError
from debate_server.engine.runner import Runner
from debate_server.log.log import Log
from debate_server.settings import Settings
from debate_server.upstream.upstream import Upstream
from debate_server.web import control, debates, gate, many, messages, metrics, offers, openapi, page, problems, runs
from debate_server.web.connection import Connection, Noise, met
from debate_server.web.keys import LOG, RUNNER, SETTINGS, UPSTREAM, VIEWERS
from debate_server.web.viewers import Viewers

# How long open requests get to end once the server ends; streams are ended before.
SHUTDOWN_SECONDS: Final = 1.0
# How long the rest of a body is read, that was refused in the middle, so that the refusal is read too.
LINGER_SECONDS: Final = 2.0
# A legal topic may be 2,000 letters that are percent-encoded to six bytes each.
LINE_BYTES: Final = 65_536
# What the kernel may hold for a viewer that does not read.
SEND_BUFFER_BYTES: Final = 131_072
BACKLOG: Final = 1024


def make_app(settings: Settings, log: Log, upstream: Upstream, runner: Runner) -> web.Application:
    """The application on what it stands on; whoever made those closes them after it."""
    app = web.Application(middlewares=[problems.middleware, gate.middleware], client_max_size=settings.max_body)
    app[SETTINGS], app[LOG], app[UPSTREAM], app[RUNNER] = settings, log, upstream, runner
    app[VIEWERS] = Viewers(settings.max_viewers)
    for routes in (debates, control, messages, many, runs, offers, metrics, openapi):
        app.add_routes(routes.routes)
    page.add_page(app)
    app.on_response_prepare.append(gate.let_read)
    app.on_response_prepare.append(problems.sign)
    app.on_startup.append(openapi.keep)
    app.on_shutdown.append(_send_away)
    app.cleanup_ctx.append(metrics.probe)
    return app


async def _send_away(app: web.Application) -> None:
    app[VIEWERS].leave()


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[str]:
    """Serve the application; its address. Raises SettingsError where the port cannot be had."""
    settings = app[SETTINGS]
    loop = asyncio.get_running_loop()
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    noise = Noise(app[LOG].measures, loop.time)
    assert runner.server is not None
    runner.server.request_handler = met(runner.server.request_handler, settings.max_body)

    def connection() -> Connection:
        assert runner.server is not None
        return Connection(
            runner.server,
            loop=loop,
            access_log=None,  # no access log; the library's own runner says it so too
            keepalive_timeout=settings.read_timeout,  # of a whole head too, from the connection's beginning
            lingering_time=LINGER_SECONDS,
            noise=noise,
            max_line_size=LINE_BYTES,
            max_field_size=LINE_BYTES,
        )

    try:
        listener = _listen(settings.host, settings.port)
        server = await loop.create_server(connection, sock=listener, backlog=BACKLOG)
        try:
            yield _address(settings.host, listener.getsockname()[1])
        finally:
            server.close()
    finally:
        await runner.cleanup()


def _listen(host: str, port: int) -> socket.socket:
    listener = None
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
        listener = socket.socket(family, socket.SOCK_STREAM)
        if os.name == "posix":  # elsewhere it would let two servers share the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        listener.bind((host, port))
    except (OSError, UnicodeError) as error:  # a host name may be none that can be looked up
        if listener is not None:
            listener.close()
        raise SettingsError(
            f"Cannot listen on {host} port {port}: {getattr(error, 'strerror', None) or error}. "
            "Choose another with --port (0: any free one)."
        ) from None
    return listener


def _address(host: str, port: int) -> str:
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{shown}:{port}"
