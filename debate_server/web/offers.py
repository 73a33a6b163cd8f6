"""What can be asked for, formats and models, and whether the server is well."""

from importlib.metadata import version
from typing import Any

from aiohttp import web

from debate_server import formats
from debate_server.core.formats import Format
from debate_server.upstream.endpoint import Model
from debate_server.web.debates import answer
from debate_server.web.keys import UPSTREAM

routes = web.RouteTableDef()


@routes.get("/api/formats", allow_head=False)
async def list_formats(_: web.Request) -> web.Response:
    return answer({"formats": [_format(format_) for format_ in formats.shipped().values()]})


@routes.get("/api/models", allow_head=False)
async def list_models(request: web.Request) -> web.Response:
    listing = await request.app[UPSTREAM].listing()
    return answer(
        {
            "default": _model(listing.default) if listing.default else None,
            "why": listing.why,
            "models": [_model(model) for listed in listing.endpoints if not listed.reason for model in listed.models],
            "endpoints": [
                {
                    "name": listed.endpoint.name,
                    "base_url": listed.endpoint.base_url or None,
                    "demo": listed.endpoint.demo,
                    "reason": listed.reason,
                }
                for listed in listing.endpoints
            ],
        }
    )


@routes.get("/healthz")
async def health(_: web.Request) -> web.Response:
    return answer({"status": "ok", "version": version("debate-server")})


def _model(model: Model) -> dict[str, Any]:
    return {
        "name": model.name,
        "address": model.address,
        "endpoint": model.endpoint.name,
        "demo": model.endpoint.demo,
        "context": model.context,
    }


def _format(format_: Format) -> dict[str, Any]:
    return {
        "name": format_.name,
        "title": format_.title,
        "about": " ".join(format_.about.split()),
        "default_rounds": format_.default_rounds,
        "agents": [agent.model_dump(include={"name", "side", "temperature", "max_tokens"}) for agent in format_.agents],
        "rounds": [round_.model_dump(include={"name", "speakers", "repeat", "counts"}) for round_ in format_.rounds],
    }
