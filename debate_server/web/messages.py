"""Polling, for those who cannot stream, and the audience's own words.

A poll reads the log as a stream does, from a cursor on, and leaves out what only makes sense live.
"""

from datetime import UTC, datetime
from typing import Final

import orjson
from aiohttp import web

from debate_server.core.errors import (
    InvalidRequest,
    KeyReused,
    NotJSON,
    NotRunning,
    TooLarge,
    UnknownCursor,
    UnknownDebate,
)
from debate_server.core.events import EVENTS
from debate_server.core.plan import Words, from_json
from debate_server.log import frames as fr
from debate_server.web import asked, cursor
from debate_server.web.answers import Polled, Queued, answer
from debate_server.web.keys import LOG, RUNNER
from debate_server.web.operation import Operation

_BRIEF: Final = tuple(b'data: {"type":"%b"' % event.type.encode() for event in EVENTS.values() if event.brief)

routes = web.RouteTableDef()


@routes.get("/api/debates/{debate}/messages", allow_head=False)
@Operation(gives={200: Polled}, query=(asked.Since,), raises=(UnknownDebate, UnknownCursor))
async def poll(request: web.Request) -> web.Response:
    """The events after ``since``, a seq or an ISO 8601 time, in one answer. Whoever polls is watching."""
    debate = request.match_info["debate"]
    log = request.app[LOG]
    log.row(debate)
    moment = _moment(request.query.get("since", ""))
    after = 0 if moment else cursor.on(request, debate) or 0
    lines = []
    for batch in log.committed(debate, after):
        lines += [fr.line(block) for block in fr.split(batch) if not block.startswith(_BRIEF)]
    if moment:
        lines = [line for line in lines if _created(line) > moment]
    last, closed = log.position(debate)
    request.app[RUNNER].audience.glance(debate)
    body = b'{"messages":[%b],"next":%d,"closed":%b}' % (b",".join(lines), last, b"true" if closed else b"false")
    return web.Response(body=body, content_type="application/json", headers={"Cache-Control": "no-store"})


@routes.post("/api/debates/{debate}/messages")
@Operation(
    gives={202: Queued},
    body=Words,
    keyed=True,
    raises=(NotJSON, InvalidRequest, TooLarge, UnknownDebate, NotRunning, KeyReused),
)
async def say(request: web.Request) -> web.Response:
    """A person speaks to the agents."""
    debate = request.match_info["debate"]
    words = from_json(Words, await asked.body(request))
    made, count = await request.app[RUNNER].message(debate, words.content, words.to, key=asked.key(request))
    return answer(Queued(made, count, "queued"), status=202)


def _moment(text: str) -> datetime | None:
    """The time that a cursor names; None where it is no time. A plus sign that a query turned into a space counts."""
    if "T" not in text and "-" not in text:
        return None
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        raise UnknownCursor(
            f"{text[:60]!r} is neither a cursor nor an ISO 8601 time such as 2026-01-31T12:00:00Z."
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _created(line: bytes) -> datetime:
    return datetime.fromisoformat(orjson.loads(line)["created"])
