"""The routes of debates: start, list, look, follow, stop, export."""

from typing import Any
from urllib.parse import unquote

import orjson
from aiohttp import web
from yarl import URL

from debate_server.core import export
from debate_server.core.errors import InvalidRequest, UnknownCursor, UnknownDebate
from debate_server.core.plan import Start, from_fields, from_json
from debate_server.log.store import Row
from debate_server.web import cursor, gate
from debate_server.web.keys import LOG, RUNNER, VIEWERS
from debate_server.web.stream import stream

LIST_LIMIT = 50
LIST_MOST = 500
FIND_MOST = 200
KEY_MOST = 200

routes = web.RouteTableDef()


def answer(fields: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """A JSON response."""
    return web.Response(status=status, body=orjson.dumps(fields), content_type="application/json", headers=headers)


@routes.post("/api/debate")
async def start_and_stream(request: web.Request) -> web.StreamResponse:
    return await _start_and_stream(request, from_json(Start, await request.read()))


@routes.get("/api/debate", allow_head=False)
async def start_and_stream_by_query(request: web.Request) -> web.StreamResponse:
    """For EventSource and curl; with a cursor it only ever resumes."""
    if (resumed := cursor.of(request)) is not None:
        if resumed.debate is None:
            raise UnknownCursor("Here a cursor has to name its debate: <debate>.<seq>.")
        return await _resume(request, resumed.debate, resumed.seq)
    if not gate.may_start(request):
        raise web.HTTPSeeOther(URL("/").with_query(topic=request.query.get("topic", "")))
    return await _start_and_stream(request, _from_query(request))


@routes.post("/api/debates")
async def start_detached(request: web.Request) -> web.Response:
    start = from_json(Start, await request.read())
    debate = await request.app[RUNNER].start(start, detached=True, key=key_of(request))
    return _started(debate)


@routes.post("/api/debates/{debate}/retry")
async def retry(request: web.Request) -> web.Response:
    """Begin a fork at the first turn that was not spoken whole."""
    return _started(await request.app[RUNNER].retry(request.match_info["debate"], key=key_of(request)))


def _started(debate: str) -> web.Response:
    address = f"/api/debates/{debate}"
    fields = {
        "id": debate,
        "status": "queued",
        "events": f"{address}/events",
        "messages": f"{address}/messages",
        "page": f"/d/{debate}",
    }
    return answer(fields, status=202, headers={"Location": address})


@routes.get("/api/debates", allow_head=False)
async def list_debates(request: web.Request) -> web.Response:
    limit = request.query.get("limit", str(LIST_LIMIT))
    if not (limit.isascii() and limit.isdigit() and len(limit) < 5 and 1 <= int(limit) <= LIST_MOST):
        raise InvalidRequest(f"limit is {limit[:20]!r}; it goes from 1 to {LIST_MOST}.", field="limit")
    find = request.query.get("find", "")
    if len(find) > FIND_MOST:
        raise InvalidRequest(f"find has {len(find)} characters; {FIND_MOST} are the most.", field="find")
    rows = request.app[LOG].list(int(limit), request.query.get("before"), find)
    return answer({"debates": [_summary(row) for row in rows]})


@routes.get("/api/debates/{debate}", allow_head=False)
async def look(request: web.Request) -> web.Response:
    debate = request.match_info["debate"]
    return answer(export.to_fields(request.app[LOG].transcript(debate), request.app[LOG].row(debate).created))


@routes.get("/api/debates/{debate}/events", allow_head=False)
async def follow(request: web.Request) -> web.StreamResponse:
    debate = request.match_info["debate"]
    if (after := cursor.on(request, debate)) is not None:
        return await _resume(request, debate, after)
    with request.app[VIEWERS].one():
        return await stream(request, debate)


def key_of(request: web.Request) -> str | None:
    """The request's idempotency key: a header, or ``run`` in a GET. Raises InvalidRequest."""
    key = request.query.get("run") if request.method == "GET" else request.headers.get("Idempotency-Key")
    if key is not None and not (0 < len(key) <= KEY_MOST and key.isprintable()):
        raise InvalidRequest(f"An idempotency key has 1 to {KEY_MOST} printable characters.", field="Idempotency-Key")
    return key


async def _start_and_stream(request: web.Request, start: Start) -> web.StreamResponse:
    """Begin a debate and stream it. The viewer's place is taken first: who is refused has started nothing."""
    with request.app[VIEWERS].one():
        debate = await request.app[RUNNER].start(start, detached=False, key=key_of(request))
        return await stream(request, debate)


async def _resume(request: web.Request, debate: str, after: int) -> web.StreamResponse:
    """Stream what lies past a cursor. Raises UnknownCursor, also where its debate is not there (any more)."""
    try:
        with request.app[VIEWERS].one():
            return await stream(request, debate, after)
    except UnknownDebate as error:
        raise UnknownCursor(error.message) from None


@routes.delete("/api/debates/{debate}")
async def forget(request: web.Request) -> web.Response:
    request.app[LOG].forget(request.match_info["debate"])
    await request.app[LOG].commit()
    return web.Response(status=204)


@routes.post("/api/debates/{debate}/stop")
async def stop(request: web.Request) -> web.Response:
    debate = request.match_info["debate"]
    await request.app[RUNNER].stop(debate)
    return answer(_summary(request.app[LOG].row(debate)))


@routes.get("/api/debates/{debate}/export.{kind:md|json|html}", allow_head=False)
async def export_(request: web.Request) -> web.Response:
    debate, kind = request.match_info["debate"], request.match_info["kind"]
    transcript, created = request.app[LOG].transcript(debate), request.app[LOG].row(debate).created
    headers = {"Content-Disposition": f'attachment; filename="debate-{debate}.{kind}"'}
    if kind == "md":
        text = export.to_markdown(transcript, created)
        return web.Response(text=text, content_type="text/markdown", charset="utf-8", headers=headers)
    if kind == "html":
        from debate_server.core.export_html import to_html  # which loads a Markdown parser

        return web.Response(text=to_html(transcript, created), content_type="text/html", headers=headers)
    return answer(export.to_fields(transcript, created), headers=headers)


def _from_query(request: web.Request) -> Start:
    for pair in request.rel_url.raw_query_string.split("&"):
        try:
            unquote(pair, errors="strict")
        except UnicodeDecodeError:
            name = unquote(pair.partition("=")[0])
            raise InvalidRequest(f"{name[:60]} is not valid UTF-8 once it is percent-decoded.", field=name) from None
    fields: dict[str, Any] = dict(request.query)
    fields.pop("agents", None)
    fields.pop("run", None)
    if "agents" in request.query:
        pairs = [choice.partition("=") for choice in request.query.getall("agents")]
        if not all(model for _, _, model in pairs):
            raise InvalidRequest("agents takes Name=model, such as agents=Skeptic=qwen3:4b.", field="agents")
        fields["agents"] = [{"name": name, "model": model} for name, _, model in pairs]
    return from_fields(fields)


def _summary(row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "topic": row.topic,
        "format": row.format,
        "status": row.status,
        "reason": row.reason,
        "verdict": row.verdict,
        "speeches": row.speeches,
        "words": row.words,
        "created": row.created,
    }
