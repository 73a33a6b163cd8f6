"""Who may ask: the rules that keep other sites' pages out, in one place.

1. One ``Host`` header, that names localhost, an IP address (the danger is a rebound name, not a number) or an
   ``--allowed-host``. Any port: containers and tunnels forward from others.
2. ``Origin``, where a browser sends it, is this server's own or an ``--allow-origin``, whose pages may also read.
3. A body is JSON whatever its ``Content-Type`` says: another site cannot post without an ``Origin``.
4. A GET that starts work comes from this server's own page or an allowed one, or from no browser at all.
"""

import ipaddress
import re
from typing import Final

from aiohttp import web
from multidict import CIMultiDictProxy

from debate_server.core.errors import Forbidden, Misdirected
from debate_server.settings import Settings
from debate_server.web.keys import SETTINGS
from debate_server.web.problems import Handler

# What an allowed origin's page is told before it sends anything but a plain GET or POST, and for how many seconds.
_PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": "GET, POST, DELETE",
    "Access-Control-Allow-Headers": "Content-Type, Last-Event-ID, Idempotency-Key",
    "Access-Control-Max-Age": "600",
}
ONE_HOST: Final = "The request needs exactly one Host header that names a host."
_HOST: Final = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]+)(:[0-9]{1,5})?")


@web.middleware
async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse who may not ask, before any route is reached."""
    settings = request.app[SETTINGS]
    check_host(request.headers, settings)
    check_origin(request.headers, settings)
    if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
        return web.Response(status=204, headers=_PREFLIGHT)
    return await handler(request)


def check_host(headers: CIMultiDictProxy[str], settings: Settings) -> None:
    """Rule 1. Raises Misdirected."""
    hosts = headers.getall("Host", [])
    match = _HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
    if match is None:
        raise Misdirected(ONE_HOST)
    name = match["name"].strip("[]").rstrip(".").lower()
    if name != "localhost" and name not in {host.lower() for host in settings.allowed_host} and not _is_address(name):
        raise Misdirected(
            f"This server does not go by the name {name[:200]!r}. If it is yours, "
            f"start it with --allowed-host {name[:200]}"
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
    """Let an allowed origin's page read the response; a signal handler."""
    response.headers["Vary"] = "Origin"
    origin = request.headers.get("Origin")
    if origin is not None and origin in request.app[SETTINGS].allow_origin:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = "Location, Retry-After"


def may_start(request: web.Request) -> bool:
    """Rule 4, for a GET that starts a debate: False for a navigation, which gets the page with the topic filled in.

    Raises Forbidden for what another site, or a browser's prefetch, caused.
    """
    headers = request.headers
    purpose = headers.get("Sec-Purpose", headers.get("Purpose", ""))
    if "prefetch" in purpose:
        raise Forbidden("A prefetch starts no debate.")
    if headers.get("Sec-Fetch-Mode") == "navigate" or "text/html" in headers.get("Accept", ""):
        return False
    site = headers.get("Sec-Fetch-Site", "same-origin")
    if site != "same-origin" and headers.get("Origin") not in request.app[SETTINGS].allow_origin:
        raise Forbidden("Another site's page may not start debates here. Allow it with --allow-origin if it is yours.")
    return True


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
