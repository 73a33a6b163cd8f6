"""``debate run``, ``fork`` and ``retry``: a debate that is begun and typed out live in the terminal.

Where a server holds the data the debate is begun there and followed over HTTP; else it is held in this process.
Either way it goes into the same log, and the lines that are typed out are the same.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp
import orjson

from debate_server.commands.serve import on_signals
from debate_server.commands.server import ServerGone, asking, check, check_flags, lines, post
from debate_server.commands.terminal import Screen
from debate_server.core.errors import UPSTREAM, LogInUse, LogUnavailable
from debate_server.core.events import Done, Error, decode
from debate_server.core.plan import AgentChange, Fork, Start
from debate_server.engine.runner import Runner
from debate_server.formats import Formats
from debate_server.house import House, opened
from debate_server.log import frames as fr
from debate_server.settings import Settings

_WHAT_IS_LEFT: Final = "What was said is in the log, and the debate goes on with the next server: debate show {0}"


@dataclass(frozen=True, slots=True)
class Beginning:
    """What begins a debate: ``here``, or, which comes to the same, a request to a server."""

    here: Callable[[Runner], Awaitable[str]]
    path: str
    fields: dict[str, Any]


def started(start: Start, settings: Settings) -> Beginning:
    """A new debate. Raises FormatError, InvalidRequest."""
    named = with_model(start, settings.model, Formats(settings.formats)) if settings.model else start
    fields = named.model_dump(exclude_none=True)
    return Beginning(lambda runner: runner.start(start, detached=True), "/api/debates", fields)


def forked(debate: str, fork: Fork) -> Beginning:
    """A fork of a debate."""
    fields = fork.model_dump(exclude_none=True)
    return Beginning(lambda runner: runner.fork(debate, fork), f"/api/debates/{debate}/fork", fields)


def retried(debate: str) -> Beginning:
    """A debate from its first turn on that was not spoken whole."""
    return Beginning(lambda runner: runner.retry(debate, detached=True), f"/api/debates/{debate}/retry", {})


async def run(settings: Settings, beginning: Beginning, screen: Screen, flags: Sequence[str] = ()) -> int:
    """Hold the debate and type it out; the exit code. Raises DebateError where it cannot be begun.

    ``flags`` are those that were given and that only this process would follow, not a server.
    """
    try:
        async with opened(settings) as house:
            return await _hold(house, beginning, screen)
    except LogInUse as error:
        if error.address is not None:
            check_flags(flags, error.address)
        return await _through(error, beginning, screen)


def with_model(start: Start, model: str, formats: Formats) -> Start:
    """The start with this model for every agent that it names none for: the server's own default is another."""
    changes = {change.name: change for change in start.agents}
    for agent in formats.of(start.format).agents:
        change = changes.get(agent.name, AgentChange(name=agent.name))
        changes[agent.name] = change if change.model else change.model_copy(update={"model": model})
    return start.model_copy(update={"agents": tuple(changes.values())})


async def _hold(house: House, beginning: Beginning, screen: Screen) -> int:
    debate = await beginning.here(house.runner)
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


async def _through(holder: LogInUse, beginning: Beginning, screen: Screen) -> int:
    debate = "ID"
    try:
        async with asking(holder) as session:
            debate = (await post(session, beginning.path, beginning.fields))["id"]
            return await _follow(session, debate, screen)
    except ServerGone as error:
        screen.end_line()
        raise ServerGone(f"{error.message} {_WHAT_IS_LEFT.format(debate)}") from None


async def _follow(session: aiohttp.ClientSession, debate: str, screen: Screen) -> int:
    ending = Ending()
    on_signals(lambda: ending.stop(post(session, f"/api/debates/{debate}/stop")))
    async with session.get(f"/api/debates/{debate}/events", headers={"Accept": "application/x-ndjson"}) as response:
        await check(response)
        async for line in lines(response):
            if b'"seq":' not in line:
                raise LogUnavailable(orjson.loads(line)["message"])
            ending.note(line)
            if not screen.show(line):
                await post(session, f"/api/debates/{debate}/stop")
                return 0
    await ending.stopped()
    if not ending.done:
        raise ServerGone("The server was ended before the debate was.")
    return ending.code


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
        return 3 if self._error in UPSTREAM else 1

    def stop(self, stopping: Any) -> None:
        """A person pressed Ctrl-C: ask for the debate's end and go on reading until it is there."""
        self._interrupted = True
        self._stopping.append(asyncio.ensure_future(stopping))

    async def stopped(self) -> None:
        """Wait until what ``stop`` began is over."""
        await asyncio.gather(*self._stopping, return_exceptions=True)
