"""The page and its parts, from ``static/``, and what it asks for beside debates: formats, models, health."""

import gzip
import mimetypes
import re
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, Self

from aiohttp import ETag, web

from debate_server import formats
from debate_server.core.formats import Format
from debate_server.upstream.endpoint import Model
from debate_server.web.debates import answer
from debate_server.web.keys import UPSTREAM

_PACKAGE: Final = Path(__file__).resolve().parents[1]
# In a wheel the page lies inside the package, in a checkout beside it.
STATIC: Final = next(folder for folder in (_PACKAGE / "static", _PACKAGE.parent / "static") if folder.is_dir())

# Nothing from elsewhere, nothing inline, no strings made into markup.
SECURITY: Final = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "object-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}

# Comments that stand on lines of their own are a third of the page's weight: they stay here. Their line ends do go out,
# so that line numbers are true in the browser too.
_COMMENT: Final = re.compile(rb"^[ \t]*(?:/\*.*?\*/|//[^\n]*)[ \t]*$", re.MULTILINE | re.DOTALL)

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


async def secure(_: web.Request, response: web.StreamResponse) -> None:
    """Put the security headers on every response; a signal handler."""
    response.headers.update(SECURITY)


@dataclass(frozen=True, slots=True)
class Part:
    """A file of the page, as it goes out: read and packed once, not for every visit."""

    kind: str
    plain: bytes
    packed: bytes
    tag: ETag

    @classmethod
    def of(cls, path: Path) -> Self:
        plain = path.read_bytes()
        if path.suffix in (".js", ".css"):
            plain = _COMMENT.sub(lambda comment: b"\n" * comment.group().count(b"\n"), plain)
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return cls(kind, plain, gzip.compress(plain, mtime=0), ETag(sha256(plain).hexdigest()[:16], is_weak=True))

    def answer(self, request: web.Request) -> web.Response:
        headers = {"Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        if any(known.value == self.tag.value for known in request.if_none_match or ()):
            answer = web.Response(status=304, headers=headers)
        elif "gzip" in request.headers.get("Accept-Encoding", ""):
            headers["Content-Encoding"] = "gzip"
            answer = web.Response(body=self.packed, content_type=self.kind, charset="utf-8", headers=headers)
        else:
            answer = web.Response(body=self.plain, content_type=self.kind, charset="utf-8", headers=headers)
        answer.etag = self.tag
        return answer


def add_page(app: web.Application) -> None:
    """Serve the page and the files that are in ``static/`` by now, and nothing by any other name."""
    parts = {path.relative_to(STATIC).as_posix(): Part.of(path) for path in STATIC.rglob("*") if path.is_file()}

    async def part(request: web.Request) -> web.Response:
        if (found := parts.get(request.match_info.get("name", "index.html"))) is None:
            raise web.HTTPNotFound
        return found.answer(request)

    async def favicon(request: web.Request) -> web.Response:
        return parts["favicon.svg"].answer(request)

    app.add_routes([web.get("/", part), web.get("/d/{debate}", part), web.get("/static/{name:.+}", part)])
    app.add_routes([web.get("/favicon.ico", favicon)])
    app.on_response_prepare.append(secure)


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
