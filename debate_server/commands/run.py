"""``debate run``: one debate in the terminal, typed out live.

Where a server holds the data the debate is started there and followed over HTTP; else it is held in this process.
Either way it goes into the same log, and the lines that are typed out are the same.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp
import orjson

from debate_server.commands.house import House, opened
from debate_server.commands.serve import on_signals
from debate_server.commands.terminal import Screen
from debate_server.core.errors import (
    DebateError,
    InvalidRequest,
    LogInUse,
    LogUnavailable,
    SettingsError,
    UpstreamError,
)
from debate_server.core.events import Done, Error, decode
from debate_server.core.plan import AgentChange, Start
from debate_server.formats import Formats
from debate_server.log import frames as fr
from debate_server.settings import Settings

# The statuses of a server that takes the request itself for wrong.
_INVALID: Final = (400, 413, 422)
_WHAT_IS_LEFT: Final = "What was said is in the log, and the debate goes on with the next server: debate show {0}"


class ServerRefused(DebateError):
    """The server that holds the data said no, in its own words."""

    code = "server_refused"


class ServerGone(DebateError):
    """The server that holds the data went away, or was never there."""

    code = "server_gone"


async def run(settings: Settings, start: Start, screen: Screen, flags: Sequence[str] = ()) -> int:
    """Hold the debate and type it out; the exit code. Raises DebateError where it cannot be started.

    ``flags`` are those that were given and that only this process would follow, not a server.
    """
    try:
        async with opened(settings) as house:
            return await _hold(house, start, screen)
    except LogInUse as error:
        if error.address is None:
            raise
        if flags:
            raise SettingsError(
                f"{', '.join(flags)} cannot be had here: the server at {error.address} holds this data and goes by its "
                "own settings. Leave that out, end the server, or hold the debate elsewhere with --data."
            ) from None
        if settings.model:
            start = _with_model(start, settings.model, Formats(settings.formats))
        return await _through(error.address, error.token, start, screen)


def _with_model(start: Start, model: str, formats: Formats) -> Start:
    """The start with this model for every agent that it names none for: the server's own default is another."""
    changes = {change.name: change for change in start.agents}
    for agent in formats.of(start.format).agents:
        change = changes.get(agent.name, AgentChange(name=agent.name))
        changes[agent.name] = change if change.model else change.model_copy(update={"model": model})
    return start.model_copy(update={"agents": tuple(changes.values())})


async def _hold(house: House, start: Start, screen: Screen) -> int:
    debate = await house.runner.start(start, detached=True)
    ending = Ending()
    on_signals(lambda: ending.stop(house.runner.stop(debate)))
    async with aclosing(house.log.follow({debate: 0})) as batches:
        async for batch in batches:
            for block in fr.split(batch.frames):
                ending.note(fr.line(block))
                if not screen.show(fr.line(block)):
                    await house.runner.stop(debate)
                    return 0
    await ending.stopped()
    return ending.code


async def _through(address: str, token: str, start: Start, screen: Screen) -> int:
    debate = "ID"
    # No deadline on the stream: a debate may be silent for as long as its model is.
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=5)
    try:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with aiohttp.ClientSession(address, timeout=timeout, headers=headers) as session:
            debate = (await _post(session, "/api/debates", start.model_dump(exclude_none=True)))["id"]
            return await _follow(session, debate, screen)
    except aiohttp.ClientError:
        screen.end_line()
        raise ServerGone(f"The server at {address} went away. {_WHAT_IS_LEFT.format(debate)}") from None


async def _follow(session: aiohttp.ClientSession, debate: str, screen: Screen) -> int:
    ending = Ending()
    on_signals(lambda: ending.stop(_post(session, f"/api/debates/{debate}/stop")))
    async with session.get(f"/api/debates/{debate}/events", headers={"Accept": "application/x-ndjson"}) as response:
        await _check(response)
        async for line in _lines(response):
            if b'"seq":' not in line:
                raise LogUnavailable(orjson.loads(line)["message"])
            ending.note(line)
            if not screen.show(line):
                await _post(session, f"/api/debates/{debate}/stop")
                return 0
    await ending.stopped()
    if not ending.done:
        raise ServerGone(f"The server was ended before the debate was. {_WHAT_IS_LEFT.format(debate)}")
    return ending.code


async def _lines(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    """The lines of a body, however long they are; empty ones are heartbeats."""
    rest = b""
    async for piece in response.content.iter_any():
        *whole, rest = (rest + piece).split(b"\n")
        for line in filter(None, whole):
            yield line


async def _post(session: aiohttp.ClientSession, path: str, fields: dict[str, Any] | None = None) -> dict[str, Any]:
    async with session.post(path, data=orjson.dumps(fields or {})) as response:
        await _check(response)
        answer: dict[str, Any] = orjson.loads(await response.read())
        return answer


async def _check(response: aiohttp.ClientResponse) -> None:
    """Raises InvalidRequest where the server takes the request for wrong, as this process would, else ServerRefused."""
    if response.status >= 400:
        problem = orjson.loads(await response.read())
        kind = InvalidRequest if response.status in _INVALID else ServerRefused
        raise kind(str(problem["detail"]))


@dataclass(slots=True)
class Ending:
    """How a debate came to its end, as an exit code: 0 done, 1 failed, 3 the model's fault, 130 interrupted."""

    code: int = 1
    done: bool = False
    _error: str = ""
    _interrupted: bool = False
    _stopping: list[asyncio.Future[Any]] = field(default_factory=list)

    def note(self, line: bytes) -> None:
        match decode(line):
            case (_, Error(code)):
                self._error = code
            case (_, Done(reason)):
                self.done, self.code = True, 130 if self._interrupted else self._of(reason)

    def _of(self, reason: str) -> int:
        if reason != "failed":
            return 0
        faults: list[type[DebateError]] = [UpstreamError, *UpstreamError.__subclasses__()]
        return 3 if self._error in [fault.code for fault in faults] else 1

    def stop(self, stopping: Any) -> None:
        """A person pressed Ctrl-C: ask for the debate's end and go on reading until it is there."""
        self._interrupted = True
        self._stopping.append(asyncio.ensure_future(stopping))

    async def stopped(self) -> None:
        """Wait until what ``stop`` began is over."""
        await asyncio.gather(*self._stopping, return_exceptions=True)
