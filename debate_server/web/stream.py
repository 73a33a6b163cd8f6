"""The stream: one viewer is one cursor into the log, and a response that takes what lies past it."""

import asyncio
from collections.abc import Mapping
from typing import Final

from aiohttp import HttpVersion11, web
from aiohttp_sse import EventSourceResponse

from debate_server.web.framing import Framing, choose
from debate_server.web.keys import LOG, RUNNER, SETTINGS, VIEWERS
from debate_server.web.viewer import Viewer

# Seconds; the library's own.
SEND_TIMEOUT: Final = 120.0


class _EventStream(EventSourceResponse):
    """The library's response for its headers and its socket options; the viewer is the only writer."""

    async def _ping(self) -> None:
        """No second writer: heartbeats come from the viewer, between two batches."""


async def stream(request: web.Request, debate: str, after: int = 0) -> web.StreamResponse:
    """Stream a debate's events past a cursor to the end; 204 where the cursor is at the end already.

    To be called with a viewer's place taken. Raises UnknownDebate and UnknownCursor before anything is sent.
    """
    if request.method == "GET" and request.app[LOG].position(debate) == (after, True):
        return web.Response(status=204)
    return await view(request, choose(request), {debate: after}, headers={"Location": f"/api/debates/{debate}"})


async def view(
    request: web.Request,
    framing: Framing,
    after: dict[str, int],
    *,
    first: bytes = b"",
    headers: Mapping[str, str] | None = None,
) -> web.StreamResponse:
    """Stream ``first``, then everything past the cursors, in one framing, to the end of all debates. Raises as
    ``Log.cursors``, before anything is sent."""
    settings = request.app[SETTINGS]
    viewer = Viewer(
        request, framing, request.app[LOG], after, heartbeat=settings.heartbeat, deadline=settings.write_deadline,
        turns=request.app[VIEWERS].turns,
    )  # fmt: skip
    response = _response(framing, settings.write_deadline)
    response.headers.update(headers or {})
    if request.version < HttpVersion11:
        response.force_close()  # where there are no chunks, only that ends the body
    audience = request.app[RUNNER].audience
    audience.come(after)
    try:
        await response.prepare(request)
        response.headers.clear()  # they are written; a viewer that waits for hours need not keep them
        await viewer.watch(first)
    except asyncio.CancelledError:
        if not request.app[VIEWERS].leaving:
            raise
    finally:
        viewer.close()
        audience.go(after)
    return response


def _response(framing: Framing, deadline: float) -> web.StreamResponse:
    if framing.content_type == "text/event-stream":
        # The kernel gives a viewer up who acknowledges nothing for so long: not before we would.
        response: web.StreamResponse = _EventStream(allow_all_methods=True, send_timeout=max(SEND_TIMEOUT, deadline))
        del response.headers["Connection"]  # as the request says
    else:
        response = web.StreamResponse()
    response.headers["Content-Type"] = f"{framing.content_type}; charset=utf-8"
    response.headers["Cache-Control"] = "no-store, no-transform"
    response.headers["X-Accel-Buffering"] = "no"
    return response
