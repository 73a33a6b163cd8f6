"""The server that holds the data, asked over HTTP in a person's name."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import aiohttp
import orjson

from debate_server.core.errors import DebateError, InvalidRequest, LogInUse

# The statuses of a server that takes the request itself for wrong.
_INVALID: Final = (400, 413, 422)


class ServerRefused(DebateError):
    """The server that holds the data said no, in its own words."""

    code = "server_refused"


class ServerGone(DebateError):
    """The server that holds the data went away, or was never there."""

    code = "server_gone"


@asynccontextmanager
async def asking(holder: LogInUse) -> AsyncIterator[aiohttp.ClientSession]:
    """A session with who holds the data. Raises ``holder`` where that takes no requests, and ServerGone."""
    if holder.address is None:
        raise holder
    headers = {"Authorization": f"Bearer {holder.token}"} if holder.token else {}
    # No deadline for answers: a debate may be silent for as long as its model is.
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=5)
    try:
        async with aiohttp.ClientSession(holder.address, timeout=timeout, headers=headers) as session:
            yield session
    except aiohttp.ClientError:
        raise ServerGone(f"The server at {holder.address} went away.") from None


async def post(session: aiohttp.ClientSession, path: str, fields: dict[str, Any] | None = None) -> dict[str, Any]:
    """What the server answers. Raises InvalidRequest, ServerRefused."""
    async with session.post(path, data=orjson.dumps(fields or {})) as response:
        await check(response)
        answer: dict[str, Any] = orjson.loads(await response.read())
        return answer


async def check(response: aiohttp.ClientResponse) -> None:
    """Raises InvalidRequest where the server takes the request for wrong, as this process would, else ServerRefused."""
    if response.status >= 400:
        problem = orjson.loads(await response.read())
        kind = InvalidRequest if response.status in _INVALID else ServerRefused
        raise kind(str(problem["detail"]))


async def lines(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    """The lines of a body, however long they are; empty ones are heartbeats."""
    rest = b""
    async for piece in response.content.iter_any():
        *whole, rest = (rest + piece).split(b"\n")
        for line in filter(None, whole):
            yield line
