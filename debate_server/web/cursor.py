"""Cursors: where a viewer stands, as it says so in a header or a query."""

import re
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from debate_server.core.errors import UnknownCursor
from debate_server.web.asked import Since

# ASCII digits only: str.isdigit() takes others, and int() takes more.
_CURSOR: Final = re.compile(r"(?:(?P<debate>[a-z0-9]{1,40})\.)?(?P<seq>0|[1-9][0-9]{0,15})")


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last event a viewer has: its seq, and the debate where the cursor names it."""

    debate: str | None
    seq: int


def parse(text: str) -> Cursor:
    """``<debate>.<seq>`` or ``<seq>``. Raises UnknownCursor."""
    match = _CURSOR.fullmatch(text)
    if match is None:
        raise UnknownCursor(
            f"{text[:60]!r} is no cursor. One looks like wrm28v2rhn4w.17, or 17 on a debate's own address."
        )
    return Cursor(match["debate"], int(match["seq"]))


def of(request: web.Request) -> Cursor | None:
    """The cursor of a request: the Last-Event-ID header before the query. Raises UnknownCursor."""
    if (header := request.headers.get("Last-Event-ID")) is not None:
        return parse(header)
    for name in Since.model_fields:
        if name in request.query:
            return parse(request.query[name])
    return None


def on(request: web.Request, debate: str) -> int | None:
    """The seq from which a request on a debate's own address goes on; None without a cursor. Raises UnknownCursor."""
    cursor = of(request)
    if cursor is None:
        return None
    if cursor.debate not in (None, debate):
        raise UnknownCursor(f"The cursor is of debate {cursor.debate}, not of {debate}.")
    return cursor.seq
