"""The routes of debates: start, list, look, follow, stop, export."""

from typing import Any

import orjson
from aiohttp import web
from yarl import URL

from debate_server.core import export
from debate_server.core.errors import InvalidRequest
from debate_server.core.plan import Start, from_fields, from_json
from debate_server.log.store import Row
from debate_server.web import cursor, gate
from debate_server.web.keys import LOG, RUNNER
from debate_server.web.stream import stream

LIST_LIMIT = 50
LIST_MOST = 500

routes = web.RouteTableDef()


def answer(fields: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """A JSON response."""
    return web.Response(status=status, body=orjson.dumps(fields), content_type="application/json", headers=headers)


@routes.post("/api/debate")
async def start_and_stream(request: web.Request) -> web.StreamResponse:
    start = from_json(await request.read())
    return await stream(request, await request.app[RUNNER].start(start, detached=False))


@routes.get("/api/debate", allow_head=False)
async def start_and_stream_by_query(request: web.Request) -> web.StreamResponse:
    """For EventSource and curl; with a Last-Event-ID it only ever resumes."""
    if "Last-Event-ID" in request.headers:
        resumed = cursor.of(request)
        if resumed is None or resumed.debate is None:
            raise InvalidRequest("Here Last-Event-ID has to name its debate: <debate>.<seq>.", field="Last-Event-ID")
        return await stream(request, resumed.debate, resumed.seq)
    if not gate.may_start(request):
        raise web.HTTPSeeOther(URL("/").with_query(topic=request.query.get("topic", "")))
    return await stream(request, await request.app[RUNNER].start(_from_query(request), detached=False))


@routes.post("/api/debates")
async def start_detached(request: web.Request) -> web.Response:
    start = from_json(await request.read())
    debate = await request.app[RUNNER].start(start, detached=True)
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
    rows = request.app[LOG].list(int(limit), request.query.get("before"))
    return answer({"debates": [_summary(row) for row in rows]})


@routes.get("/api/debates/{debate}", allow_head=False)
async def look(request: web.Request) -> web.Response:
    debate = request.match_info["debate"]
    return answer(export.to_fields(request.app[LOG].transcript(debate), request.app[LOG].row(debate).created))


@routes.get("/api/debates/{debate}/events", allow_head=False)
async def follow(request: web.Request) -> web.StreamResponse:
    debate = request.match_info["debate"]
    return await stream(request, debate, cursor.on(request, debate))


@routes.post("/api/debates/{debate}/stop")
async def stop(request: web.Request) -> web.Response:
    debate = request.match_info["debate"]
    await request.app[RUNNER].stop(debate)
    return answer(_summary(request.app[LOG].row(debate)))


@routes.get("/api/debates/{debate}/export.{kind:md|json}", allow_head=False)
async def export_(request: web.Request) -> web.Response:
    debate, kind = request.match_info["debate"], request.match_info["kind"]
    transcript, created = request.app[LOG].transcript(debate), request.app[LOG].row(debate).created
    headers = {"Content-Disposition": f'attachment; filename="debate-{debate}.{kind}"'}
    if kind == "md":
        text = export.to_markdown(transcript, created)
        return web.Response(text=text, content_type="text/markdown", charset="utf-8", headers=headers)
    return answer(export.to_fields(transcript, created), headers=headers)


def _from_query(request: web.Request) -> Start:
    fields: dict[str, Any] = dict(request.query)
    fields.pop("agents", None)
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
        "created": row.created,
    }
