"""The proxy that this machine's settings name for an address."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp

from debate_server.upstream.address import is_loopback


class Proxy(NamedTuple):
    """Its address without the user and the password in it, for errors quote the address, and headers that tell those:
    to a proxy that makes a tunnel, and to one that hands the request on, among the request's own."""

    address: str | None = None
    tunnel: Mapping[str, str] = MappingProxyType({})
    direct: Mapping[str, str] = MappingProxyType({})


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
    address = f"{proxy.scheme}://{place}"
    if not proxy.username:
        return Proxy(address)
    login = aiohttp.encode_basic_auth(unquote(proxy.username), unquote(proxy.password or ""))
    told = {"Proxy-Authorization": login}
    return Proxy(address, tunnel=told) if parts.scheme == "https" else Proxy(address, direct=told)
