"""The runner: starts debates, owns their tasks, ends them.

At most ``max_running`` debates run at a time; the next ones wait in line and start in order. A debate's task belongs
to the runner and not to a request, so no viewer's leaving disturbs it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, Self

import structlog

from debate_server import formats
from debate_server.core.errors import Full, LogError, UpstreamError
from debate_server.core.events import AgentError, DebateStart, Done, Error, Seat
from debate_server.core.formats import Agent
from debate_server.core.plan import Limits, Plan, Start, plan
from debate_server.core.transcript import Transcript, fold
from debate_server.engine.debate import hold
from debate_server.engine.floor import Floor
from debate_server.log.log import Log, new_id
from debate_server.settings import Settings
from debate_server.upstream.upstream import Upstream

BUG: Final = ("internal", "Something went wrong inside the server. Its own log has the details; please report them.")

logger = structlog.get_logger(__name__)


class Runner:
    """All debates that run in this process. Use as an async context manager; leaving it ends the tasks, not the
    debates: those go on with the next process on the same data."""

    def __init__(
        self,
        settings: Settings,
        log: Log,
        upstream: Upstream,
        *,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._settings = settings
        self._log = log
        self._upstream = upstream
        self._pause = pause
        self._limits = Limits(settings.max_topic, settings.max_rounds)
        self._places = asyncio.Semaphore(settings.max_running)
        self._floors: dict[str, Floor] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def __aenter__(self) -> Self:
        self._interrupt()
        return self

    async def __aexit__(self, *_: object) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _interrupt(self) -> None:
        """End what a killed process left running: every open attempt is closed, then the debate."""
        for row in self._log.live():
            transcript = self._log.transcript(row.id)
            for speech in transcript.open:
                error = ("interrupted", "The server was stopped in the middle of this speech.")
                self._log.append(row.id, AgentError(speech.agent, speech.turn, speech.attempt, *error, retrying=False))
            self._log.append(row.id, Done("interrupted", transcript.usage))

    async def start(self, start: Start, *, detached: bool) -> str:
        """Begin a debate; its id, once its first event is durable.

        ``detached`` is the route's default. Raises InvalidRequest, LimitExceeded, Full and LogUnavailable, and
        then nothing was spent.
        """
        planned = plan(start, formats.get(start.format), self._limits, detached=detached)
        if len(self._tasks) >= self._settings.max_running + self._settings.max_queued:
            raise Full(
                f"{len(self._tasks)} debates run or wait in line, which is all there is room for "
                "(--max-running, --max-queued). Try again when one has ended.",
                retry_after=30,
            )
        agents, seats = zip(*[await self._seat(agent) for agent in planned.format.agents], strict=True)
        planned = planned.model_copy(update={"format": planned.format.model_copy(update={"agents": agents})})
        begin = DebateStart(new_id(), planned.topic, planned.format.name, planned.rounds, seats)
        self._log.create(begin, planned.model_dump_json().encode())
        self._run(planned, fold([(1, begin)]))
        await self._log.commit()
        return begin.debate

    async def _seat(self, agent: Agent) -> tuple[Agent, Seat]:
        """The agent with its model named for good, and its seat as viewers see it. A model that cannot be had fails
        the debate in its first turn, where viewers can see why, and not its start."""
        try:
            model = await self._upstream.model(agent.model)
        except UpstreamError:
            name = agent.model or self._settings.model
            return agent, Seat(agent.name, agent.side, name or "unknown")
        return agent.model_copy(update={"model": model.address}), Seat(agent.name, agent.side, model.name)

    def _run(self, planned: Plan, transcript: Transcript) -> None:
        floor = Floor(transcript.debate, planned, self._log, self._upstream, self._pause, transcript)
        task = asyncio.create_task(self._hold(floor), name=f"debate-{floor.debate}")
        self._floors[floor.debate], self._tasks[floor.debate] = floor, task
        task.add_done_callback(lambda _: self._forget(floor))

    def _forget(self, floor: Floor) -> None:
        del self._tasks[floor.debate], self._floors[floor.debate]
        if floor.ending is not None and floor.transcript.status == "queued":
            floor.say(Done("stopped", floor.transcript.usage))  # it was taken out of the line

    async def _hold(self, floor: Floor) -> None:
        """Hold the debate when there is a place for it, and end it when its time is over."""
        loop = asyncio.get_running_loop()
        limit = self._settings.debate_timeout
        timeout = Error("debate_timeout", f"The debate ran for {limit:g} s, which is its limit (--debate-timeout).")
        try:
            async with self._places:
                timer = loop.call_later(limit, self._end, floor, timeout)
                try:
                    await hold(floor)
                finally:
                    timer.cancel()
        except LogError as error:
            logger.error("log_unavailable", debate=floor.debate, error=error.message)
        except Exception:  # a bug of ours: the debate has to end all the same, and says so
            logger.exception("debate_failed", debate=floor.debate)
            for speech in floor.transcript.open:
                floor.say(AgentError(speech.agent, speech.turn, speech.attempt, *BUG, retrying=False))
            floor.say(Error(*BUG))
            floor.say(Done("failed", floor.transcript.usage))

    def _end(self, floor: Floor, ending: Error | None = None) -> None:
        """End a debate early: "stopped", or with an error. Its upstream request is closed at once."""
        floor.ending = floor.ending or ending or "stopped"
        self._tasks[floor.debate].cancel()

    async def stop(self, debate: str) -> None:
        """Stop a debate; one that is done stays as it is. Raises UnknownDebate, LogUnavailable."""
        if (floor := self._floors.get(debate)) is None:
            self._log.row(debate)
            return
        task = self._tasks[debate]
        if floor.ending is None:
            self._end(floor)
        await asyncio.wait([task])
        await self._log.commit()
