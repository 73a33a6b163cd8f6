"""One stream over several debates, for a page with many tabs.

Its frames are those of the single streams, with the debate's id put into every object. A cursor that is wrong is an
``error`` for that debate alone. It is opened anew after a cut, so ``Last-Event-ID`` means nothing here.
"""

from aiohttp import web

from debate_server.core.errors import InvalidRequest, UnknownCursor, UnknownDebate
from debate_server.core.events import dump
from debate_server.log.log import Log
from debate_server.log.tail import Batch
from debate_server.web import asked, cursor
from debate_server.web.framing import STREAMS, choose, naming
from debate_server.web.keys import LOG, VIEWERS
from debate_server.web.operation import Operation
from debate_server.web.stream import view

routes = web.RouteTableDef()


@routes.get("/api/events", allow_head=False)
@Operation(gives={200: STREAMS}, query=(asked.Many,), raises=(InvalidRequest,))
async def follow_many(request: web.Request) -> web.StreamResponse:
    """Stream what lies past each ``after``, to the end of all those debates."""
    cursors, faults = _sort(request.app[LOG], asked.query(request, asked.Many).after)
    framing = choose(request)
    first = framing.dress(faults) if faults.frames else b""
    with request.app[VIEWERS]:
        return await view(request, naming(framing), cursors, first=first)


def _sort(log: Log, after: list[str]) -> tuple[dict[str, int], Batch]:
    """The cursors that hold, and an error for each that does not."""
    cursors: dict[str, int] = {}
    faults = b""
    for text in after:
        try:
            at = cursor.parse(text)
            if at.debate is None:
                raise UnknownCursor("Here a cursor has to name its debate: <debate>.<seq>.")
            log.check(at.debate, at.seq)
            cursors[at.debate] = at.seq
        except (UnknownCursor, UnknownDebate) as error:
            told = {"type": "error", "code": UnknownCursor.code, "message": error.message}
            faults += b"data: %b\nid: 0\n\n" % dump(told | {"debate": text.partition(".")[0][:40]})
    return cursors, Batch("", faults, 0, 0, final=False)
