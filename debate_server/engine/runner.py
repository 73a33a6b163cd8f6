"""The runner: starts debates, owns their tasks, ends them.

At most ``max_running`` debates run at a time; the next ones wait in line and start in order. A debate's task belongs
to the runner and not to a request, so no viewer's leaving disturbs it.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from hashlib import sha256
from typing import Self

from debate_server.core.ending import CUT, close, voided
from debate_server.core.errors import (
    Ending,
    Full,
    Gone,
    LogError,
    LogUnavailable,
    NotRunning,
    NotSpeaking,
    PlanUnreadable,
    UnknownDebate,
)
from debate_server.core.events import DebateStart, Error, Message
from debate_server.core.fork import Branch, Events, forked, retried
from debate_server.core.money.budget import Budget
from debate_server.core.plan import Fork, Plan, Start, check_message, plan, read_plan
from debate_server.core.transcript import Transcript, fold
from debate_server.engine.audience import Audience
from debate_server.engine.budget import Purse, check
from debate_server.engine.course import Course
from debate_server.engine.estimate import Estimate, estimate, limits
from debate_server.engine.floor import Floor
from debate_server.engine.rate import Rate
from debate_server.engine.seating import Seating, seated
from debate_server.formats import Formats
from debate_server.log.log import Log
from debate_server.log.naming import new_id
from debate_server.log.rows import Key, Member, Row
from debate_server.settings import Settings
from debate_server.upstream.upstream import Upstream


class Runner:
    """All debates that run in this process. Use as an async context manager; leaving it ends the tasks, not the
    debates: those go on with the next process on the same data."""

    def __init__(
        self,
        settings: Settings,
        log: Log,
        upstream: Upstream,
        formats: Formats,
        *,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.formats = formats
        self._settings = settings
        self._log = log
        self._upstream = upstream
        self._pause = pause
        self._limits = limits(settings)
        self._rate = Rate(settings.starts_per_minute or 0, time.monotonic)
        self._places = asyncio.Semaphore(settings.max_running)
        self._courses: dict[str, Course] = {}
        self._closed = False
        self.audience = Audience(time.monotonic)
        self._purse = Purse(Budget(usd=settings.server_budget_usd, tokens=settings.server_budget_tokens))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        tasks = [course.task for course in self._courses.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def close(self) -> None:
        """Begin nothing more: this process is about to end."""
        self._closed = True

    @property
    def underway(self) -> list[str]:
        """The debates that run here, or wait in line for it."""
        return [debate for debate, course in self._courses.items() if not course.paused]

    @property
    def waiting(self) -> int:
        """How many debates wait in line; less than 0: so many places are free."""
        return len(self.underway) - self._settings.max_running

    def take_up(self) -> None:
        """Go on with the debates that the last process left, with all but those that were cut too long ago. What they
        had underway is void, and spoken again."""
        for row in [row for row in self._log.live() if row.id not in self._courses]:
            silent = self._log.silent_for(row.id) if row.status == "paused" else 0.0
            self._go_on(row, silent=silent, over=self._is_over(row))

    def take_up_one(self, debate: str) -> None:
        """Go on with that one, however long ago it was cut, unless it is over. Raises UnknownDebate, LogUnavailable."""
        if (row := self._log.row(debate)).status != "done" and debate not in self._courses:
            self._go_on(row, silent=0.0, over=False)

    def _go_on(self, row: Row, *, silent: float, over: bool) -> None:
        transcript = Transcript()
        try:
            transcript = self._log.transcript(row.id)
            floor = self._floor(read_plan(row.plan), transcript)
        except (PlanUnreadable, LogUnavailable) as error:  # it cannot go on, and others can
            cause = Error(error.code, error.message)
            close(partial(self._log.append, row.id), transcript, "failed", error=cause)
            return
        if over:
            close(floor.say, transcript, "interrupted")
            return
        for speech in transcript.open:
            floor.say(voided(transcript, speech, CUT, retrying=True))
        self._run(floor, silent=silent)

    def _is_over(self, row: Row) -> bool:
        """Whether a debate is not to go on: it was cut too long ago, or running, and that is to be its end."""
        if row.status == "paused":
            return False
        ended = row.status == "running" and self._settings.on_restart == "end"
        return ended or self._log.silent_for(row.id) > self._settings.resume_within

    async def start(self, start: Start, *, detached: bool, key: str | None = None, of: Member | None = None) -> str:
        """Begin a debate; its id, once its first event is durable. Under a ``key``, or its name in the run that it is
        ``of``, it is begun once.

        ``detached`` is the route's default. Raises InvalidRequest (LimitExceeded, OverBudget, PriceUnknown),
        FormatError, Full, TooManyStarts, KeyReused, Gone and LogUnavailable, and then nothing was spent.
        """
        planned = plan(start, self.formats.of(start.format), self._limits, detached=detached)
        named = _named(key, of, start.model_dump_json())
        if (made := self._made_under(named)) is None:
            seating = await self._seated(planned)
            begin = _first_event(seating)
            made = await self._begin(seating.plan, begin, fold([(1, begin)]), named, of=of)
        return await self._begun(made)

    async def estimate(self, start: Start) -> Estimate:
        """What such a debate would cost. Raises InvalidRequest, LimitExceeded, FormatError."""
        return await estimate(start, self.formats, self._settings, self._upstream)

    async def fork(self, debate: str, fork: Fork, *, key: str | None = None) -> str:
        """Begin a fork of a debate, from a turn or after its end; its id. Raises UnknownDebate, StillRunning,
        PlanUnreadable and as ``start``."""
        cut = partial(forked, fork=fork, limits=self._limits)
        return await self._branch(debate, _named(key, None, f"fork {debate} {fork.model_dump_json()}"), cut)

    async def retry(self, debate: str, *, detached: bool, key: str | None = None, of: Member | None = None) -> str:
        """Begin a fork of a debate that is over at its first turn that was not spoken whole; the fork's id. ``key`` and
        ``of`` as in a start.

        Raises UnknownDebate, StillRunning, NothingToRetry, PlanUnreadable and as ``start``.
        """
        cut = partial(retried, detached=detached, limits=self._limits)
        return await self._branch(debate, _named(key, of, f"retry {debate} {detached}"), cut, of)

    async def _branch(
        self, debate: str, key: Key | None, cut: Callable[[Plan, Events], Branch], of: Member | None = None
    ) -> str:
        if (made := self._made_under(key)) is None:
            kept = read_plan(self._log.row(debate).plan)
            branch = await self._log.derive(debate, lambda events: cut(kept, list(events)), tokens=False)
            seating = await self._seated(branch.plan)
            begin = _first_event(seating, debate, branch)
            said = branch.begun(begin)
            made = await self._begin(seating.plan, begin, said, key, turn=branch.turn(said), of=of)
        return await self._begun(made)

    async def _begun(self, debate: str) -> str:
        """The id of a debate that was begun, once that is durable. Raises LogUnavailable, and then it was not."""
        try:
            await self._log.commit()
        except LogUnavailable:
            if not self._log.has(debate) and debate in self._courses:
                self._courses[debate].task.cancel()  # it gives its place up
            raise
        return debate

    def _made_under(self, key: Key | None) -> str | None:
        made = self._log.made_under(key) if key is not None else None
        if made is not None and not self._log.has(made):
            raise Gone(f"The debate that was started under this key, {made}, was deleted.")
        return made

    async def _begin(
        self,
        planned: Plan,
        begin: DebateStart,
        said: Transcript,
        key: Key | None,
        *,
        turn: int | None = None,
        of: Member | None = None,
    ) -> str:
        """``said``: what is said already, in a fork, whose first own turn is ``turn``."""
        aside = await check(planned, said, self._upstream, self._purse)
        if (made := self._made_under(key)) is not None:
            return made  # another request was faster
        if self._closed:
            raise Ending
        if self.waiting >= self._settings.max_queued:
            raise Full(
                f"{self._settings.max_running} debates run (--max-running) and {self.waiting} wait in line.",
                limit=self._settings.max_queued,
                setting="--max-queued",
                retry_after=30,
            )
        self._rate.check()
        self._log.create(begin, planned.model_dump_json().encode(), key, turn=turn, of=of)
        self._purse.aside[begin.debate] = aside
        self._rate.count()
        self._run(self._floor(planned, said))
        return begin.debate

    async def _seated(self, planned: Plan) -> Seating:
        return await seated(planned, self._upstream, self._settings.model)

    def _floor(self, planned: Plan, transcript: Transcript) -> Floor:
        def abandoned() -> bool:
            return not planned.detached and self.audience.absent(transcript.debate) > self._settings.grace

        return Floor(
            transcript.debate, planned, self._log, self._upstream, transcript, self._pause, abandoned, self._purse
        )

    def _run(self, floor: Floor, *, silent: float = 0.0) -> None:
        """``silent``: for how many seconds it has been paused."""
        course = self._courses[floor.debate] = Course(floor, self._places, self._settings, silent)
        self.audience.expect(floor.debate)
        course.task.add_done_callback(lambda _: self._forget(floor))

    def _forget(self, floor: Floor) -> None:
        del self._courses[floor.debate]
        self.audience.forget(floor.debate)
        self._purse.aside.pop(floor.debate, None)
        if floor.ending is not None and floor.transcript.status != "done":
            with suppress(LogError, UnknownDebate):  # the log ends what it failed by itself
                close(floor.say, floor.transcript, "stopped")  # it was taken out of the line, or paused

    def _live(self, debate: str, told: str) -> Course:
        """The course of a debate that is not over. Raises UnknownDebate, and NotRunning, which says what is told."""
        course = self._courses.get(debate)
        if course is None or course.floor.transcript.status == "done":
            self._log.row(debate)
            raise NotRunning(f"Debate {debate} is over{told}")
        return course

    async def pause(self, debate: str) -> None:
        """Pause a debate once nobody speaks any more; one that is paused stays so. Whoever resumes it before has it go
        on as if nothing had been. Raises UnknownDebate, NotRunning, LogUnavailable."""
        await self._live(debate, ": it cannot be paused.").pause()
        await self._log.commit()
        self._live(debate, ": it came to its end before it could pause.")

    async def resume(self, debate: str) -> None:
        """Have a paused debate go on, when there is a place for it; one that is not paused goes on anyhow. Raises
        UnknownDebate, NotRunning, LogUnavailable."""
        course = self._live(debate, ": it cannot be resumed.")
        self.audience.glance(debate)
        course.resume()
        await self._log.commit()

    async def stop(self, debate: str) -> None:
        """Stop a debate; one that is done stays as it is. Raises UnknownDebate, LogUnavailable."""
        if (course := self._courses.get(debate)) is None:
            self._log.row(debate)
            return
        course.end()
        await self.ended(debate)

    async def halt(self, debate: str, turn: int) -> None:
        """End the speech of that turn; the debate goes on. Raises UnknownDebate, NotSpeaking, LogUnavailable."""
        if (course := self._courses.get(debate)) is None:
            self._log.row(debate)
            raise NotSpeaking(f"Turn {turn} is not being spoken: debate {debate} is over.")
        await course.halt(turn)
        await self._log.commit()

    async def ended(self, debate: str) -> None:
        """Wait until a debate does not run here (any more). Raises LogUnavailable."""
        if (course := self._courses.get(debate)) is not None:
            await asyncio.wait([course.task])
        await self._log.commit()

    async def message(self, debate: str, content: str, to: str | None, *, key: str | None = None) -> tuple[str, int]:
        """A person speaks to all agents, or to one: the message's id and how many there are by now.

        It is in the view of every agent that begins to speak from here on. Raises UnknownDebate, NotRunning,
        InvalidRequest, LimitExceeded, KeyReused and LogUnavailable.
        """
        named = None if key is None else _key(debate, key, f"{to}:{content}")
        made = self._log.made_under(named) if named is not None else None
        if made is not None:
            await self._log.commit()
            course = self._courses.get(debate)
            heard = course.floor.transcript if course is not None else await self._log.derive(debate, fold)
            return made, [said.message_id for said in heard.messages].index(made) + 1
        course = self._live(debate, "; what is said now nobody would hear. Go on with it, or start a new one.")
        floor = course.floor
        check_message(content, to, floor.transcript, self._limits)
        message = Message(new_id(), content, to, max(floor.transcript.attempts, default=0))
        floor.say(message)
        course.stir()
        if named is not None:
            self._log.claim(named, message.message_id)
        count = len(floor.transcript.messages)
        await self._log.commit()
        return message.message_id, count


def _first_event(seating: Seating, parent: str | None = None, branch: Branch | None = None) -> DebateStart:
    plan, seq = seating.plan, branch.seq if branch else None
    return DebateStart(
        new_id(), plan.topic, plan.format.name, plan.total, seating.seats, parent, seq, seating.warnings or None
    )  # fmt: skip


def _named(name: str | None, of: Member | None, asked: str) -> Key | None:
    """What a debate is begun under."""
    if of is not None:
        return _key(of.run, of.name, asked)
    return None if name is None else _key("", name, asked)


def _key(scope: str, name: str, asked: str) -> Key:
    return Key(scope, name, sha256(asked.encode()).hexdigest())
