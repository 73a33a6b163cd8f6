"""The routes of debates: start, list, look, follow, forget, export."""

from collections.abc import Callable
from dataclasses import fields
from typing import Final, TypeVar

from aiohttp import web
from yarl import URL

from debate_server.core.errors import (
    FormatError,
    Gone,
    InvalidRequest,
    KeyReused,
    NotJSON,
    StillRunning,
    TooLarge,
    TooManyStarts,
    UnknownCursor,
    UnknownDebate,
)
from debate_server.core.plan import Start, from_json
from debate_server.core.telling import export
from debate_server.core.transcript import Transcript, fold
from debate_server.log.rows import Row
from debate_server.web import asked, cursor, gate
from debate_server.web.answers import Branched, Debates, Look, Started, Summary, answer
from debate_server.web.framing import STREAMS
from debate_server.web.keys import LOG, RUNNER, VIEWERS
from debate_server.web.operation import Operation
from debate_server.web.stream import stream

# What a start may be refused with.
STARTS: Final = (InvalidRequest, FormatError, KeyReused, Gone, TooManyStarts)

T = TypeVar("T")

routes = web.RouteTableDef()


@routes.post("/api/debate")
@Operation(gives={200: STREAMS}, body=Start, keyed=True, raises=(*STARTS, NotJSON, TooLarge))
async def start_and_stream(request: web.Request) -> web.StreamResponse:
    """Start a debate and stream it."""
    return await _start_and_stream(request, from_json(Start, await asked.body(request)))


@routes.get("/api/debate", allow_head=False)
@Operation(
    gives={200: STREAMS, 204: None, 303: None},
    query=(asked.StartQuery, asked.Named, asked.Since),
    resumes=True,
    raises=(*STARTS, UnknownCursor),
)
async def start_and_stream_by_query(request: web.Request) -> web.StreamResponse:
    """Start a debate and stream it, for EventSource and curl. With a cursor it only ever resumes. A navigation is sent
    to the page, with what is asked for filled in."""
    if (resumed := cursor.of(request)) is not None:
        if resumed.debate is None:
            raise UnknownCursor("Here a cursor has to name its debate: <debate>.<seq>.")
        return await _resume(request, resumed.debate, resumed.seq)
    if not gate.may_start(request):
        raise web.HTTPSeeOther(URL("/").with_query(_filled_in(request)))
    return await _start_and_stream(request, asked.query(request, asked.StartQuery))


@routes.post("/api/debates")
@Operation(gives={202: Started}, body=Start, keyed=True, raises=(*STARTS, NotJSON, TooLarge))
async def start_detached(request: web.Request) -> web.Response:
    """Start a debate that runs to its end though nobody watches."""
    start = from_json(Start, await asked.body(request))
    return started(await request.app[RUNNER].start(start, detached=True, key=asked.key(request)))


@routes.get("/api/debates", allow_head=False)
@Operation(gives={200: Debates}, query=(asked.Page,), raises=(InvalidRequest, UnknownDebate))
async def list_debates(request: web.Request) -> web.Response:
    """List debates, newest first."""
    page = asked.query(request, asked.Page)
    rows = request.app[LOG].list(page.limit, page.before, page.find, page.run, page.state)
    return answer(Debates([summary(row) for row in rows]))


@routes.get("/api/debates/{debate}", allow_head=False)
@Operation(gives={200: Look}, raises=(UnknownDebate,))
async def look(request: web.Request) -> web.Response:
    """A debate's state and its transcript so far, with the ``seq`` it is true at, and its forks."""
    account = await _derived(request, export.account)
    log = request.app[LOG]
    forks = [_branched(row) for row in log.forks(account.id)]
    told = {field.name: getattr(account, field.name) for field in fields(account)}
    return answer(Look(**told, forks=forks, run=log.row(account.id).run))


@routes.get("/api/debates/{debate}/events", allow_head=False)
@Operation(gives={200: STREAMS, 204: None}, query=(asked.Since,), resumes=True, raises=(UnknownDebate, UnknownCursor))
async def follow(request: web.Request) -> web.StreamResponse:
    """Stream a debate's events past a cursor, to its end; 204 where the cursor is there already."""
    debate = request.match_info["debate"]
    if (after := cursor.on(request, debate)) is not None:
        return await _resume(request, debate, after)
    with request.app[VIEWERS]:
        return await stream(request, debate)


@routes.delete("/api/debates/{debate}")
@Operation(gives={204: None}, raises=(UnknownDebate, StillRunning))
async def forget(request: web.Request) -> web.Response:
    """Forget a debate that is over."""
    request.app[LOG].forget(request.match_info["debate"])
    await request.app[LOG].commit()
    return web.Response(status=204)


@routes.get("/api/debates/{debate}/export.{kind:md|json|html}", allow_head=False)
@Operation(gives={200: ("text/markdown", "application/json", "text/html")}, raises=(UnknownDebate,))
async def export_(request: web.Request) -> web.Response:
    """A debate's transcript as a file to keep."""
    debate, kind = request.match_info["debate"], request.match_info["kind"]
    headers = {"Content-Disposition": f'attachment; filename="debate-{debate}.{kind}"'}
    if kind == "md":
        text = await _derived(request, export.to_markdown)
        return web.Response(text=text, content_type="text/markdown", charset="utf-8", headers=headers)
    if kind == "html":
        from debate_server.core.telling.export_html import to_html  # which loads a Markdown parser

        text = await _derived(request, to_html)
        return web.Response(text=text, content_type="text/html", headers=headers)
    return answer(await _derived(request, export.account), headers=headers)


async def _derived(request: web.Request, make: Callable[[Transcript, str], T]) -> T:
    """What is made of a debate's transcript and of the time it was created at."""
    log, debate = request.app[LOG], request.match_info["debate"]
    created = log.row(debate).created
    return await log.derive(debate, lambda events: make(fold(events), created))


async def _start_and_stream(request: web.Request, start: Start) -> web.StreamResponse:
    """Begin a debate and stream it. The viewer's place is taken first: who is refused has started nothing."""
    with request.app[VIEWERS]:
        debate = await request.app[RUNNER].start(start, detached=False, key=asked.key(request))
        return await stream(request, debate)


async def _resume(request: web.Request, debate: str, after: int) -> web.StreamResponse:
    """Stream what lies past a cursor. Raises UnknownCursor, also where its debate is not there (any more)."""
    try:
        with request.app[VIEWERS]:
            return await stream(request, debate, after)
    except UnknownDebate as error:
        raise UnknownCursor(error.message) from None


def _filled_in(request: web.Request) -> list[tuple[str, str]]:
    """What of a start in an address the page can fill in."""
    return [(name, value) for name, value in request.query.items() if name in Start.model_fields] or [("topic", "")]


def started(debate: str) -> web.Response:
    """The answer that a debate was begun."""
    address = f"/api/debates/{debate}"
    made = Started(debate, "queued", f"{address}/events", f"{address}/messages", f"/d/{debate}")
    return answer(made, status=202, headers={"Location": address})


def summary(row: Row) -> Summary:
    """A debate as the list has it."""
    return Summary(
        row.id, row.topic, row.format, row.status, row.reason, row.verdict, row.speeches, row.words, row.created,
        row.parent, row.run, row.entry_name,
    )  # fmt: skip


def _branched(row: Row) -> Branched:
    return Branched(row.id, row.topic, row.status, row.reason, row.created, row.turn)
