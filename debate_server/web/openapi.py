"""``/openapi.json``: the description of the API, made of what is declared beside the handlers and of nothing else.

Requests are described by the models that check them, answers by the shapes they are made of, events by their own
dataclasses, and refusals by the tree of errors.
"""

import asyncio
import re
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from inspect import cleandoc
from typing import Any, Final

import orjson
from aiohttp import web
from pydantic import BaseModel, TypeAdapter

from debate_server.core.errors import (
    DebateError,
    Forbidden,
    Full,
    LogUnavailable,
    Misdirected,
    TooSlow,
    Unauthorized,
)
from debate_server.core.events import EVENTS, AgentEnd, Error
from debate_server.web import operation
from debate_server.web.answers import Started
from debate_server.web.asked import Key
from debate_server.web.offers import VERSION
from debate_server.web.operation import Operation
from debate_server.web.problems import Problem

_REF: Final = "#/components/schemas/{model}"
# What any route may be refused with, beside a 400 for what is no request.
_ALWAYS: Final = (Unauthorized, Forbidden, Misdirected, TooSlow, Full, LogUnavailable)

Schema = dict[str, Any]

_EVENT: Final[Schema] = {"$ref": _REF.format(model="Event")}
_LINE: Final[Schema] = {"type": "string", "contentMediaType": "application/json", "contentSchema": _EVENT}
# What some viewers do not get: in the answer to a POST no words come twice; an error that is not in the log has no seq.
_LEFT_OUT: Final = {AgentEnd.type: ("content",), Error.type: ("seq", "created")}
# Media types that hold more than text. ``itemSchema`` is of OpenAPI 3.2: what a stream is a row of.
_MEDIA: Final[dict[str, Schema]] = {
    "text/event-stream": {"itemSchema": {"type": "object", "properties": {"data": _LINE}, "required": ["data"]}},
    "application/x-ndjson": {"itemSchema": _EVENT},
    "application/json": {"schema": {}},
}

# The description, once it was made.
_DESCRIPTION: Final[web.AppKey[list[bytes]]] = web.AppKey("description", list[bytes])

routes = web.RouteTableDef()


@routes.get("/openapi.json", allow_head=False)
@Operation(gives={200: ("application/json",)})
async def description(request: web.Request) -> web.Response:
    """This description."""
    kept = request.app[_DESCRIPTION]
    if not kept:
        kept.append(await asyncio.to_thread(describe, request.app))  # a tenth of a second, which streams need not wait
    return web.Response(body=kept[0], content_type="application/json")


async def keep(app: web.Application) -> None:
    """Make room for the description, which is made when it is first asked for; a signal handler."""
    app[_DESCRIPTION] = []


def describe(app: web.Application) -> bytes:
    """The OpenAPI 3.1 document of all routes, as JSON."""
    paths: dict[str, Schema] = {}
    shapes: set[Any] = {Problem}
    for route, declared in _operations(app):
        assert route.resource is not None
        shapes |= {shape for shape in (declared.body, *declared.gives.values()) if isinstance(shape, type)}
        paths.setdefault(route.resource.canonical, {})[route.method.lower()] = _operation(route, declared)
    _link(paths)
    document = {
        "openapi": "3.1.0",
        "info": {
            "title": "debate-server",
            "version": VERSION,
            "description": "A debate is a durable log of events, and a viewer is a cursor into it.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "paths": paths,
        "components": {
            "schemas": _schemas(shapes),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "token": {"type": "apiKey", "in": "query", "name": "token"},
            },
        },
        # Who listens on this machine alone asks for no token.
        "security": [{}, {"bearer": []}, {"token": []}],
    }
    return orjson.dumps(document)


def _operations(app: web.Application) -> Iterator[tuple[web.AbstractRoute, Operation]]:
    for route in app.router.routes():
        declared = operation.of(route.handler)
        if declared is not None and route.method != "HEAD":
            yield route, declared


def _operation(route: web.AbstractRoute, declared: Operation) -> Schema:
    summary, _, more = cleandoc(route.handler.__doc__ or "").replace("\n", " ").partition(". ")
    described: Schema = {
        "operationId": f"{route.handler.__name__.strip('_')}",
        "summary": summary.rstrip("."),
        "parameters": [*_in_path(route), *_in_query(declared.query), *_in_headers(declared)],
        "responses": {str(status): _gives(status, shape) for status, shape in declared.gives.items()}
        | _refusals((*declared.raises, *_ALWAYS)),
    }
    if more:
        described["description"] = more
    if declared.body:
        content = {"application/json": {"schema": _ref(declared.body)}}
        needed = any(field.is_required() for field in declared.body.model_fields.values())
        described["requestBody"] = {"required": needed, "content": content}
    return described


def _link(paths: dict[str, Schema]) -> None:
    """Say of every answer that names a new debate what can be asked about that one."""
    links = {
        asked["operationId"]: {"operationId": asked["operationId"], "parameters": {"debate": "$response.body#/id"}}
        for path, methods in paths.items()
        if path.startswith("/api/debates/{debate}")
        for asked in methods.values()
    }
    for methods in paths.values():
        for asked in methods.values():
            for given in asked["responses"].values():
                if given.get("content", {}).get("application/json", {}).get("schema") == _ref(Started):
                    given["links"] = links


def _in_path(route: web.AbstractRoute) -> Iterator[Schema]:
    assert route.resource is not None
    pattern = route.resource.get_info().get("pattern")
    for name, allowed in re.findall(r"\(\?P<(\w+)>([^)]*)\)", pattern.pattern if pattern else ""):
        schema = {"type": "string", "pattern": f"^({allowed})$"}
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _in_query(models: Iterable[type[BaseModel]]) -> Iterator[Schema]:
    for model in models:
        schema = model.model_json_schema()
        for name, about in schema["properties"].items():
            # In an address nothing can be null: what is not there is left out.
            plain = [choice for choice in about.pop("anyOf", []) if choice != {"type": "null"}]
            schema_of = {key: value for key, value in (about | (plain[0] if plain else {})).items() if key != "default"}
            yield {"name": name, "in": "query", "required": name in schema.get("required", ()), "schema": schema_of}


def _in_headers(declared: Operation) -> Iterator[Schema]:
    if declared.keyed:
        yield {"name": "Idempotency-Key", "in": "header", "schema": TypeAdapter(Key).json_schema()}
    if declared.resumes:
        yield {"name": "Last-Event-ID", "in": "header", "schema": {"type": "string", "pattern": "^[ -~]*$"}}


def _gives(status: int, shape: Any) -> Schema:
    given: Schema = {"description": HTTPStatus(status).phrase}
    if isinstance(shape, tuple):
        given["content"] = {media: _MEDIA.get(media, {"schema": {"type": "string"}}) for media in shape}
    elif shape is not None:
        media = "application/problem+json" if shape is Problem else "application/json"
        given["content"] = {media: {"schema": _ref(shape)}}
    return given


def _refusals(errors: Iterable[type[DebateError]]) -> dict[str, Schema]:
    codes: dict[int, list[str]] = {400: ["bad_request"]}
    for error in errors:
        codes.setdefault(error.status, []).append(error.code)
    return {
        str(status): _gives(status, Problem) | {"description": f"{HTTPStatus(status).phrase}: {', '.join(names)}"}
        for status, names in sorted(codes.items())
    }


def _ref(shape: type) -> Schema:
    return {"$ref": _REF.format(model=shape.__name__)}


def _schemas(shapes: set[Any]) -> dict[str, Schema]:
    wanted = [(shape, "serialization", TypeAdapter(shape)) for shape in (*shapes, *EVENTS.values())]
    made, common = TypeAdapter.json_schemas(wanted, ref_template=_REF)  # type: ignore[arg-type]
    schemas: dict[str, Schema] = dict(common.get("$defs", {}))
    plain: dict[str, Schema] = {shape.__name__: schema for (shape, _), schema in made.items() if "$ref" not in schema}
    for event in EVENTS.values():  # answers have some as they are, without what the wire adds
        name = event.__name__
        schemas[f"{name}Event"] = _as_sent(event.type, event.brief, plain.pop(name) if name in plain else schemas[name])
    schemas |= plain
    names = {type_: _REF.format(model=f"{event.__name__}Event") for type_, event in EVENTS.items()}
    schemas["Event"] = {
        "description": "One event of a debate: a line of JSON in every stream.",
        "oneOf": [{"$ref": ref} for ref in names.values()],
        "discriminator": {"propertyName": "type", "mapping": names},
    }
    return schemas


def _as_sent(type_: str, is_brief: bool, schema: Schema) -> Schema:
    """An event's schema with what the log and the wire put into it."""
    added: Schema = {"type": {"const": type_}, "seq": {"type": "integer", "minimum": 1}}
    if not is_brief:
        added["created"] = {"type": "string", "format": "date-time"}
    left_out = _LEFT_OUT.get(type_, ())
    required = [name for name in (*added, *schema.get("required", ())) if name not in left_out]
    return schema | {"properties": added | schema.get("properties", {}), "required": required}
