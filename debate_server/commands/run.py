"""``debate run``: one debate in the terminal, typed out live.

Where a server holds the data the debate is started there and followed over HTTP; else it is held in this process.
Either way it goes into the same log, and the lines that are typed out are the same.
"""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson

from debate_server.commands.house import House, opened
from debate_server.commands.serve import on_signals
from debate_server.commands.terminal import Screen
from debate_server.core.errors import DebateError, LogInUse, UpstreamError
from debate_server.core.events import Done, Error, decode
from debate_server.core.plan import Start
from debate_server.log import frames as fr
from debate_server.settings import Settings


class ServerRefused(DebateError):
    """The server that holds the data said no, in its own words."""

    code = "server_refused"


async def run(settings: Settings, start: Start, screen: Screen) -> int:
    """Hold the debate and type it out; the exit code. Raises DebateError where it cannot be started."""
    try:
        async with opened(settings) as house:
            return await _hold(house, start, screen)
    except LogInUse as error:
        if error.address is None:
            raise
        return await _through(error.address, start, screen)


async def _hold(house: House, start: Start, screen: Screen) -> int:
    debate = await house.runner.start(start, detached=True)
    ending = Ending()
    on_signals(lambda: ending.stop(house.runner.stop(debate)))
    async with aclosing(house.log.follow(debate)) as batches:
        async for batch in batches:
            for block in fr.split(batch.frames):
                ending.note(fr.line(block))
                if not screen.show(fr.line(block)):
                    await house.runner.stop(debate)
                    return 0
    return ending.code


async def _through(address: str, start: Start, screen: Screen) -> int:
    # No deadline on the stream: a debate may be silent for as long as its model is.
    async with aiohttp.ClientSession(address, timeout=aiohttp.ClientTimeout(total=None, sock_connect=5)) as session:
        debate = (await _post(session, "/api/debates", start.model_dump(exclude_none=True)))["id"]
        ending = Ending()
        on_signals(lambda: ending.stop(_post(session, f"/api/debates/{debate}/stop")))
        async with session.get(f"/api/debates/{debate}/events", headers={"Accept": "application/x-ndjson"}) as response:
            async for line in response.content:
                if line.strip():
                    ending.note(line)
                    if not screen.show(line.strip()):
                        await _post(session, f"/api/debates/{debate}/stop")
                        return 0
    return ending.code


async def _post(session: aiohttp.ClientSession, path: str, fields: dict[str, Any] | None = None) -> dict[str, Any]:
    async with session.post(path, data=orjson.dumps(fields or {})) as response:
        answer: dict[str, Any] = orjson.loads(await response.read())
        if response.status >= 400:
            raise ServerRefused(str(answer.get("detail", response.reason)))
        return answer


@dataclass(slots=True)
class Ending:
    """How a debate came to its end, as an exit code: 0 done, 1 failed, 3 the model's fault, 130 interrupted."""

    code: int = 1
    _error: str = ""
    _interrupted: bool = False
    _stopping: list[asyncio.Future[Any]] = field(default_factory=list)

    def note(self, line: bytes) -> None:
        match decode(line):
            case (_, Error(code)):
                self._error = code
            case (_, Done(reason)):
                self.code = 130 if self._interrupted else self._of(reason)

    def _of(self, reason: str) -> int:
        if reason != "failed":
            return 0
        faults: list[type[DebateError]] = [UpstreamError, *UpstreamError.__subclasses__()]
        return 3 if self._error in [fault.code for fault in faults] else 1

    def stop(self, stopping: Any) -> None:
        """A person pressed Ctrl-C: ask for the debate's end and go on reading until it is there."""
        self._interrupted = True
        self._stopping.append(asyncio.ensure_future(stopping))
