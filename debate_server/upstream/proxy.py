"""The proxy that this machine's settings name for an address."""

from typing import NamedTuple
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp

from debate_server.upstream.address import is_loopback


class Proxy(NamedTuple):
    """Its address, without the user and the password in it, and those for themselves: errors quote the address."""

    address: str | None = None
    login: aiohttp.BasicAuth | None = None


def proxy_for(url: str) -> Proxy:
    """The proxy for an address; none for this machine itself, where a proxy has no business.

    Not aiohttp's own way, ``trust_env``: that sends passwords of ~/.netrc too, to any host where there is a ``default``
    among them.
    """
    parts = urlsplit(url)
    if is_loopback(url) or proxy_bypass(parts.netloc):
        return Proxy()
    known = getproxies()
    named = known.get(parts.scheme) or known.get("all")
    if not named:
        return Proxy()
    proxy = urlsplit(named if "://" in named else f"http://{named}")
    place = proxy.netloc.rpartition("@")[2]
    login = aiohttp.BasicAuth(unquote(proxy.username), unquote(proxy.password or "")) if proxy.username else None
    return Proxy(f"{proxy.scheme}://{place}", login)
