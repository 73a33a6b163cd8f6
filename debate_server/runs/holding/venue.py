"""Where the debates of a run are held: in this process, or at a server (``commands.there``)."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from debate_server.core.errors import Full, LogUnavailable, NotRunning, UnknownDebate
from debate_server.core.events import Usage
from debate_server.core.money.forecast import Forecast, total
from debate_server.core.plan import Start
from debate_server.core.run import Begin, Run, State
from debate_server.core.transcript import Transcript, fold
from debate_server.engine.runner import Runner
from debate_server.engine.runs import Runs
from debate_server.log.log import Log
from debate_server.runs.orders.product import Chosen
from debate_server.upstream.upstream import Upstream


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a debate takes, at least as it usually goes, and at most."""

    least: Forecast
    most: Forecast


class Venue(Protocol):
    """What a run needs of where it is held. Everything raises DebateError."""

    @property
    def leaving(self) -> str:
        """What becomes of debates that are left, in words."""

    @property
    def tokens(self) -> int:
        """How many tokens were said here since it began to be counted."""

    async def formats(self) -> Mapping[str, Chosen]:
        """The formats that there are, by name."""

    async def addresses(self, models: Iterable[str]) -> dict[str, str]:
        """By name, empty for the default, which models those are, with their endpoints. Raises UpstreamError for one
        that there is not."""

    async def estimate(self, start: Start) -> Estimate:
        """What a debate takes. Raises as its start would."""

    async def open(self, run: Run) -> State:
        """The run that is asked for, new or as far as it is."""

    async def held(self, run: str) -> Mapping[str, tuple[str, str, Usage]]:
        """Its debates by their entries' keys: id, state, what it has cost."""

    async def begin(self, run: str, begin: Begin) -> str:
        """Begin a debate of it, once; its id."""

    async def go_on(self, debate: str, *, paused: bool) -> None:
        """Have a debate go on that is not over; it may be ``paused``, or left by a process that is gone."""

    async def ended(self, debate: str) -> tuple[Transcript, str]:
        """Wait until a debate is over: its transcript, and when it was created."""

    async def leave(self, debates: Collection[str]) -> Collection[str]:
        """Have these cost no more than they must, and be found again; those of them that came to their ends
        meanwhile."""


class Here:
    """A venue in this process. ``pause`` waits so many seconds."""

    leaving = "Once what is being said is said it ends. Ctrl-C again ends it at once. The same command goes on."

    def __init__(
        self, log: Log, upstream: Upstream, runner: Runner, pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._log = log
        self._upstream = upstream
        self._runner = runner
        self._runs = Runs(log, runner)
        self._pause = pause
        self._before = log.measures.tokens

    @property
    def tokens(self) -> int:
        return self._log.measures.tokens - self._before

    async def formats(self) -> Mapping[str, Chosen]:
        return {name: Chosen.of(format_, name) for name, format_ in self._runner.formats.all().items()}

    async def addresses(self, models: Iterable[str]) -> dict[str, str]:
        return {name: (await self._upstream.check(name)).address for name in dict.fromkeys(models)}

    async def estimate(self, start: Start) -> Estimate:
        told = await self._runner.estimate(start)
        return Estimate(total(told.least), total(told.most))

    async def open(self, run: Run) -> State:
        return await self._runs.open(run)

    async def held(self, run: str) -> Mapping[str, tuple[str, str, Usage]]:
        return {key: (debate, state, usage) for key, debate, state, usage in self._runs.held(run)}

    async def begin(self, run: str, begin: Begin) -> str:
        """Where there is no room just now there is some later."""
        while True:
            try:
                return await self._runs.begin(run, begin)
            except Full as full:
                await self._pause(full.retry_after)

    async def go_on(self, debate: str, *, paused: bool) -> None:
        self._runner.take_up_one(debate)
        if paused:
            with suppress(NotRunning):  # it came to its end
                await self._runner.resume(debate)

    async def ended(self, debate: str) -> tuple[Transcript, str]:
        await self._runner.ended(debate)
        said, row = await self._log.derive(debate, fold, tokens=False), self._log.row(debate)
        if said.status != "done":
            raise LogUnavailable(self._log.trouble or "The log has not taken in how a debate ended.")
        return said, row.created

    async def leave(self, debates: Collection[str]) -> Collection[str]:
        """They pause when nobody speaks any more: what is being said is paid for."""
        await asyncio.gather(*(self._leave(debate) for debate in debates))
        return [one for one in debates if self._log.has(one) and self._log.row(one).status == "done"]

    async def _leave(self, debate: str) -> None:
        with suppress(NotRunning, UnknownDebate):  # it came to its end, or was deleted then
            await self._runner.pause(debate)
