"""The proxy that this machine's settings name for an address."""

import asyncio
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from debate_server.upstream.address import is_loopback


async def proxy_for(url: str) -> str | None:
    """Its address; None where there is none, and for this machine itself, where a proxy has no business.

    Not aiohttp's own way, ``trust_env``: that sends passwords of ~/.netrc too, to any host where there is a ``default``
    among them.
    """
    return None if is_loopback(url) else await asyncio.to_thread(_find, url)  # which may take a moment


def _find(url: str) -> str | None:
    parts = urlsplit(url)
    return None if proxy_bypass(parts.hostname or "") else getproxies().get(parts.scheme)
