"""The page and its parts, from ``static/``."""

import gzip
import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final, Self

from aiohttp import ETag, web

from debate_server.web import gate, policy
from debate_server.web.keys import TOKEN_PAGE
from debate_server.web.operation import Operation
from debate_server.web.problems import Problem

_PACKAGE: Final = Path(__file__).resolve().parents[1]
# In a wheel the page lies inside the package, in a checkout beside it.
STATIC: Final = next(folder for folder in (_PACKAGE / "static", _PACKAGE.parent / "static") if folder.is_dir())

# Counts where the origin is secure; elsewhere browsers complain of it.
_OPENER: Final = {"Cross-Origin-Opener-Policy": "same-origin"}

# Our own, since those of the machine may be wrong for scripts, which then do not run.
_KINDS: Final = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
_AHEAD: Final = re.compile(r'<link rel="modulepreload" href="(/static/[^"]+)">')
# Comments that stand on lines of their own are a third of the page's weight, and indents are some: they stay here.
# Their line ends do go out, so that line numbers are true in the browser too.
_COMMENT: Final = re.compile(rb"^[ \t]*(?:/\*.*?\*/|//[^\n]*)[ \t]*$", re.MULTILINE | re.DOTALL)
_INDENT: Final = re.compile(rb"^[ \t]+", re.MULTILINE)


async def secure(request: web.Request, response: web.StreamResponse) -> None:
    """Put the security headers on every response; a signal handler."""
    for name, value in policy.HEADERS.items():
        response.headers.setdefault(name, value)
    if request.headers.get("X-Forwarded-Proto") == "https" or gate.is_loopback(gate.name(request.headers)):
        response.headers.update(_OPENER)


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
        if path.suffix in (".js", ".css", ".html"):
            plain = _INDENT.sub(b"", plain)
        kind = _KINDS.get(path.suffix, "text/plain")
        return cls(kind, plain, gzip.compress(plain, mtime=0), ETag(sha256(plain).hexdigest()[:16], is_weak=True))

    def answer(self, request: web.Request) -> web.Response:
        headers = {"Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        if self.kind == _KINDS[".html"]:
            headers["Content-Security-Policy"] = policy.PAGE
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

    @Operation(gives={200: ("text/html",), 304: None})
    async def debate(request: web.Request) -> web.Response:
        """A debate's own page."""
        answer = parts["index.html"].answer(request)
        answer.headers["Link"] = ahead
        return answer

    @Operation(gives={200: tuple(_KINDS.values()), 304: None, 404: Problem})
    async def part(request: web.Request) -> web.Response:
        """The page, or a part of it."""
        if (found := parts.get(request.match_info.get("name", "index.html"))) is None:
            raise web.HTTPNotFound
        return found.answer(request)

    @Operation(gives={200: ("image/svg+xml",), 304: None})
    async def favicon(request: web.Request) -> web.Response:
        """The page's icon."""
        return parts["favicon.svg"].answer(request)

    app[TOKEN_PAGE] = parts["token.html"].plain
    # What the debate's view is made of, all of it asked for before the page has said so.
    ahead = ", ".join(f"<{path}>; rel=modulepreload" for path in _AHEAD.findall(parts["index.html"].plain.decode()))
    app.add_routes([web.get("/", part), web.get("/d/{debate:[^/]+}", debate), web.get("/static/{name:.+}", part)])
    app.add_routes([web.get("/runs", part), web.get("/runs/{run:[^/]+}", part), web.get("/favicon.ico", favicon)])
    app.on_response_prepare.append(secure)
