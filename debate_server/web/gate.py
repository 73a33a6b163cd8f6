"""Who may ask: the rules that keep other sites' pages out, in one place.

1. One ``Host`` header, that names localhost, an IP address (the danger is a rebound name, not a number) or an
   ``--allowed-host``. Any port: containers and tunnels forward from others.
2. ``Origin``, where a browser sends it, is this server's own or an ``--allow-origin``, whose pages may also read.
3. A body is JSON whatever its ``Content-Type`` says: another site cannot post without an ``Origin``.
4. A GET that starts work comes from this server's own page or an allowed one, or from no browser at all: over plain
   HTTP a browser does not say where a request comes from, and its cookie goes along with any site's of the same name.
5. Where there is a token (always, unless the server listens on this machine alone) it has to be shown: in a header, in
   a cookie, or once in the address, which sets the cookie.
"""

import hmac
import ipaddress
import re
from hashlib import sha256
from typing import Final

from aiohttp import web
from multidict import CIMultiDictProxy

from debate_server.core.errors import Forbidden, Misdirected, Unauthorized
from debate_server.settings import Settings
from debate_server.web import policy
from debate_server.web.keys import SETTINGS, TOKEN_PAGE
from debate_server.web.problems import Handler

# What an allowed origin's page is told before it sends anything but a plain GET or POST, and for how many seconds.
_PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": "GET, POST, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Last-Event-ID, Idempotency-Key",
    "Access-Control-Max-Age": "600",
}
ONE_HOST: Final = "The request needs exactly one Host header that names a host."
_COOKIE_SECONDS: Final = 30 * 86_400
_HOST: Final = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]+)(:[0-9]{1,5})?")


@web.middleware
async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse who may not ask, before any route is reached."""
    settings = request.app[SETTINGS]
    check_host(request.headers, settings)
    check_origin(request.headers, settings)
    if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
        return web.Response(status=204, headers=_PREFLIGHT)
    if settings.token and not request.path.startswith("/static/"):
        if not _is_known(request, settings.token):
            if _is_navigation(request):
                return _ask(request)
            raise Unauthorized(
                "This server asks for its token. Use the address it printed when it was started, or send the header "
                "Authorization: Bearer TOKEN."
            )
        if "token" in request.query and _is_navigation(request):
            # Two slashes at its beginning would make it another server's address.
            bare = "/" + str(request.rel_url.without_query_params("token")).lstrip("/\\")
            raise web.HTTPSeeOther(bare, headers=_remember(settings.token))
    return await handler(request)


def _ask(request: web.Request) -> web.Response:
    """Ask a person for the token, right at the address where they want to go."""
    wrong = b"" if "token" in request.query else b" hidden"
    body = request.app[TOKEN_PAGE].replace(b" data-wrong", wrong)
    headers = {"Cache-Control": "no-store", "Content-Security-Policy": policy.ASKING}
    return web.Response(status=401, body=body, content_type="text/html", charset="utf-8", headers=headers)


def _is_known(request: web.Request, token: str) -> bool:
    """Rule 5, compared in constant time."""
    return _is_shown(request, token) or _is_equal(request.cookies.get(_cookie(token), ""), token)


def _is_shown(request: web.Request, token: str) -> bool:
    """Whether who made the request knows the token, which a browser's cookie does not tell."""
    kind, _, bearer = request.headers.get("Authorization", "").partition(" ")
    in_header = kind.lower() == "bearer" and _is_equal(bearer, token)
    return in_header or _is_in_address(request, token)


def _is_in_address(request: web.Request, token: str) -> bool:
    return request.method in ("GET", "HEAD") and _is_equal(request.query.get("token", ""), token)


def _is_equal(shown: str, token: str) -> bool:
    return hmac.compare_digest(shown.encode(errors="replace"), token.encode())


def _cookie(token: str) -> str:
    """The cookie's name. Cookies know no ports, so each token has its own."""
    return f"debate_{sha256(token.encode()).hexdigest()[:8]}"


def _remember(token: str) -> dict[str, str]:
    return {"Set-Cookie": f"{_cookie(token)}={token}; Path=/; Max-Age={_COOKIE_SECONDS}; HttpOnly; SameSite=Lax"}


def check_host(headers: CIMultiDictProxy[str], settings: Settings) -> None:
    """Rule 1. Raises Misdirected."""
    host = name(headers)
    if not host:
        raise Misdirected(ONE_HOST)
    allowed = {"localhost", *map(str.lower, settings.allowed_host)}
    if host not in allowed and not _is_address(host):
        raise Misdirected(
            f"This server does not go by the name {host[:200]!r}. If it is yours, "
            f"start it with --allowed-host {host[:200]}"
        )


def check_origin(headers: CIMultiDictProxy[str], settings: Settings) -> None:
    """Rule 2. Raises Forbidden."""
    for origin in headers.getall("Origin", []):
        if origin in settings.allow_origin:
            continue
        if origin.partition("://")[2].lower() != headers["Host"].lower():
            raise Forbidden(
                f"A page of {origin[:200]!r} may not use this server. If it is yours, start it with "
                f"--allow-origin {origin[:200]}"
            )


async def let_read(request: web.Request, response: web.StreamResponse) -> None:
    """Let an allowed origin's page read the response, and a browser keep the token that the address showed; a signal
    handler."""
    response.headers["Vary"] = ", ".join(filter(None, [response.headers.get("Vary"), "Origin"]))
    token = request.app[SETTINGS].token
    if token and response.status < 400 and _is_in_address(request, token):
        response.headers.update(_remember(token))
    origin = request.headers.get("Origin")
    if origin is not None and origin in request.app[SETTINGS].allow_origin:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = "Location, Retry-After, X-Request-Id"


def may_start(request: web.Request) -> bool:
    """Rule 4, for a GET that starts a debate: False for a navigation, which gets the page with the topic filled in.

    Raises Forbidden for what another site, or a browser's prefetch, caused.
    """
    headers = request.headers
    purpose = headers.get("Sec-Purpose", headers.get("Purpose", ""))
    if "prefetch" in purpose:
        raise Forbidden("A prefetch starts no debate.")
    if _is_navigation(request):
        return False
    settings = request.app[SETTINGS]
    site = headers.get("Sec-Fetch-Site")
    # Over plain HTTP a browser says where a request came from only to this very machine.
    knows = settings.token and _is_shown(request, settings.token)
    trusted = site == "same-origin" if site else knows or is_loopback(name(headers))
    if not trusted and headers.get("Origin") not in settings.allow_origin:
        raise Forbidden(
            "Another site's page may not start debates here, and this request cannot be told from one of its. Allow "
            "the site with --allow-origin if it is yours, or POST instead. From no browser, show the server's token "
            "(see --token) in the header Authorization: Bearer TOKEN."
        )
    return True


def _is_navigation(request: web.Request) -> bool:
    """Whether a person goes there: typed, bookmarked or linked."""
    headers = request.headers
    return headers.get("Sec-Fetch-Mode") == "navigate" or "text/html" in headers.get("Accept", "")


def is_loopback(name: str) -> bool:
    """Whether a bare host name or address is this machine and nothing but it."""
    return name == "localhost" or (_is_address(name) and ipaddress.ip_address(name).is_loopback)


def name(headers: CIMultiDictProxy[str]) -> str:
    """The bare name of the one Host header; empty where there is not exactly one that holds a name."""
    hosts = headers.getall("Host", [])
    match = _HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
    return match["name"].strip("[]").rstrip(".").lower() if match else ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
