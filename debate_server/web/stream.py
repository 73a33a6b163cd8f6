"""The stream: one viewer is one cursor into the log.

One loop serves every framing, live and replayed alike: take what lies past the cursor, write it in one write, wait.
A viewer that does not read is dropped at the write deadline and comes back by its cursor.
"""

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import Final

import structlog
from aiohttp import web
from aiohttp_sse import EventSourceResponse

from debate_server.core.events import dump
from debate_server.log.tail import Batch
from debate_server.web.framing import Framing, choose
from debate_server.web.keys import LOG, RUNNER, SETTINGS, VIEWERS

# A write that is smaller than this does not fill the transport's own buffer.
SMALL_BYTES: Final = 32_768

logger = structlog.get_logger(__name__)


class _EventStream(EventSourceResponse):
    """The library's response for its headers and its socket options; the loop below is the only writer."""

    async def _ping(self) -> None:
        """No second writer: heartbeats come from the loop, between two batches."""


async def stream(request: web.Request, debate: str, after: int = 0) -> web.StreamResponse:
    """Stream a debate's events past a cursor to the end; 204 where the cursor is at the end already.

    To be called with a viewer's place taken. Raises UnknownDebate and UnknownCursor before anything is sent.
    """
    if request.method == "GET" and request.app[LOG].position(debate) == (after, True):
        return web.Response(status=204)
    return await view(request, choose(request), {debate: after}, {"Location": f"/api/debates/{debate}"})


async def view(
    request: web.Request, framing: Framing, cursors: dict[str, int], headers: Mapping[str, str] | None = None
) -> web.StreamResponse:
    """The loop: everything past the cursors, in one framing, to the end of all debates. Raises as ``Log.follow``."""
    batches = request.app[LOG].follow(cursors, idle=request.app[SETTINGS].heartbeat)
    response = _response(framing)
    response.headers.update(headers or {})
    with request.app[RUNNER].audience.watching(cursors):
        await response.prepare(request)
        response.headers.clear()  # they are written; a viewer that waits for hours need not keep them
        write = framing.prelude
        try:
            async with aclosing(batches):
                async for batch in batches:
                    write += _bytes(framing, batch)
                    await _write(request, response, write)
                    write = b""
            if write:  # there was nothing past the cursors
                await _write(request, response, write)
        except asyncio.CancelledError:
            if not request.app[VIEWERS].leaving:
                raise
    return response


def _response(framing: Framing) -> web.StreamResponse:
    if framing.content_type == "text/event-stream":
        response: web.StreamResponse = _EventStream(allow_all_methods=True)
    else:
        response = web.StreamResponse()
    response.headers["Content-Type"] = f"{framing.content_type}; charset=utf-8"
    response.headers["Cache-Control"] = "no-store, no-transform"
    response.headers["X-Accel-Buffering"] = "no"
    return response


async def _write(request: web.Request, response: web.StreamResponse, content: bytes) -> None:
    """Write, or drop the viewer when it blocks the write for too long."""
    transport = request.transport
    if transport is not None and len(content) < SMALL_BYTES and not transport.get_write_buffer_size():
        await response.write(content)  # the viewer has read all before, so this cannot block: no need for a timer
        return
    try:
        async with asyncio.timeout(request.app[SETTINGS].write_deadline):
            await response.write(content)
    except TimeoutError:
        logger.info("viewer_dropped", peer=request.remote)
        if transport is not None:
            transport.abort()
        raise ConnectionResetError("The viewer did not read.") from None


def _bytes(framing: Framing, batch: Batch) -> bytes:
    if batch.failed is not None:
        # No seq, and the id of the viewer's last event once more.
        told = dump({"type": "error", "code": batch.failed.code, "message": batch.failed.message})
        batch = replace(batch, frames=b"data: %b\nid: %b.%d\n\n" % (told, batch.debate.encode(), batch.last))
    return framing.dress(batch) if batch.frames else framing.heartbeat
