"""The server that holds the data, asked over HTTP in a person's name."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import aiohttp
import orjson

from debate_server.core.errors import (
    DebateError,
    FormatError,
    Gone,
    InvalidRequest,
    KeyReused,
    LogInUse,
    LogUnavailable,
    NothingToRetry,
    NotRunning,
    OverBudget,
    PlanUnreadable,
    PriceUnknown,
    SettingsError,
    Unauthorized,
)

# The statuses of a server that takes the request itself for wrong.
_INVALID: Final = (400, 413, 422)
# What its problems are here, where that matters, by their codes.
_ERRORS: Final[dict[str, type[DebateError]]] = {
    error.code: error
    for error in (
        FormatError,
        Gone,
        KeyReused,
        LogUnavailable,
        NothingToRetry,
        NotRunning,
        OverBudget,
        PlanUnreadable,
        PriceUnknown,
    )
}


class ServerRefused(DebateError):
    """The server that holds the data said no, in its own words."""

    code = "server_refused"


class ServerBusy(ServerRefused):
    """It has no room just now; ``retry_after`` is in seconds."""

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ServerGone(DebateError):
    """The server that holds the data went away, or was never there."""

    code = "server_gone"


def check_flags(flags: Sequence[str], address: str) -> None:
    """Raises SettingsError where any were typed: only this process would follow them, and the server does what is
    asked."""
    if flags:
        raise SettingsError(
            f"{', '.join(flags)} cannot be had here: the server at {address} does this and goes by its own settings. "
            "Leave that out, end the server, or keep apart from it with another --data."
        )


@asynccontextmanager
async def asking(holder: LogInUse, *, silence: float | None = None) -> AsyncIterator[aiohttp.ClientSession]:
    """A session with who holds the data; ``silence`` as in ``session_at``. Raises ``holder`` where that takes no
    requests, and ServerGone."""
    if holder.address is None:
        raise holder
    async with session_at(holder.address, holder.token, silence=silence) as session:
        yield session


@asynccontextmanager
async def session_at(address: str, token: str, *, silence: float | None = None) -> AsyncIterator[aiohttp.ClientSession]:
    """A session with the server at an address. ``silence``: so many seconds without a byte are its end, None for no
    such limit. Raises ServerGone."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    # No deadline for answers: a debate may be silent for as long as its model is. And no limit to how many are
    # followed: each has a connection.
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=5, sock_read=silence)
    connector = aiohttp.TCPConnector(limit=0)
    try:
        async with aiohttp.ClientSession(address, timeout=timeout, headers=headers, connector=connector) as session:
            yield session
    except aiohttp.ClientError:
        raise ServerGone(f"The server at {address} went away, or was never there.") from None


async def post(session: aiohttp.ClientSession, path: str, fields: dict[str, Any] | None = None) -> dict[str, Any]:
    """What the server answers. Raises InvalidRequest, ServerRefused."""
    async with session.post(path, data=orjson.dumps(fields or {})) as response:
        return await _answer(response)


async def get(session: aiohttp.ClientSession, path: str) -> dict[str, Any]:
    """What the server tells. Raises as ``post``."""
    async with session.get(path) as response:
        return await _answer(response)


async def _answer(response: aiohttp.ClientResponse) -> dict[str, Any]:
    await check(response)
    try:
        answer: dict[str, Any] = orjson.loads(await response.read())
    except ValueError:
        raise _another(response) from None
    return answer


def _another(response: aiohttp.ClientResponse) -> ServerRefused:
    return ServerRefused(f"{response.url.origin()} is no debate-server: it answered {response.status}.")


async def check(response: aiohttp.ClientResponse) -> None:
    """Raises what this process would for such a request, or InvalidRequest where the server takes it for wrong, else
    ServerBusy or ServerRefused."""
    if response.status < 400:
        return
    try:
        problem = orjson.loads(await response.read())
        code, detail = str(problem["code"]), str(problem["detail"])
    except (ValueError, KeyError, TypeError):
        raise _another(response) from None
    if code == Unauthorized.code:
        raise ServerRefused(f"{response.url.origin()} asks for its token: set DEBATE_TOKEN to it.")
    if code in _ERRORS:
        raise _ERRORS[code](detail)
    if wait := response.headers.get("Retry-After"):
        raise ServerBusy(detail, float(wait))
    raise (InvalidRequest if response.status in _INVALID else ServerRefused)(detail)


async def lines(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    """The lines of a body, however long they are; empty ones are heartbeats."""
    rest = b""
    async for piece in response.content.iter_any():
        *whole, rest = (rest + piece).split(b"\n")
        for line in filter(None, whole):
            yield line
