"""A run, held from its first debate to its last.

What has been held already is not held again: every debate is begun under its entry's name, and what of it is over, or
underway, is found there. So a run that was cut goes on where it was, however it was cut.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from debate_server.core.ending import PAUSED_TOO_LONG
from debate_server.core.errors import (
    HOPELESS,
    UPSTREAM,
    DebateError,
    FormatError,
    Gone,
    InvalidRequest,
    KeyReused,
    NothingToRetry,
    OverBudget,
    PlanUnreadable,
    PriceUnknown,
)
from debate_server.core.events import Usage
from debate_server.core.run import Begin, State
from debate_server.core.transcript import Transcript
from debate_server.runs.holding.brake import Brake, EndpointFails, How
from debate_server.runs.holding.found import Found, Known, find
from debate_server.runs.holding.money import RunOverBudget, money_of
from debate_server.runs.holding.output import Results
from debate_server.runs.holding.venue import Venue
from debate_server.runs.orders.product import Planned
from debate_server.runs.outcome import ENDED, outcome, refused
from debate_server.runs.result import Result
from debate_server.runs.scoring.marking import Marking, read

# So many groups have a line each: for each the plan is gone through once more.
MOST_APART: Final = 8
# Why a debate could not be begun, which is a failure of its own and of no other.
_REFUSED: Final = (InvalidRequest, FormatError, Gone, KeyReused, PlanUnreadable)


class Unmarked(DebateError):
    """What a model was to say of an answer could not be had."""

    code = "unmarked"

    def __init__(self, cause: str) -> None:
        super().__init__(f"Some answers could not be marked: {cause} The same command tries it again.")


@dataclass(slots=True)
class Standing:
    """How far a run is: of its ``total`` debates so many are ``done``, of which ``passed`` were before; ``failures``:
    those that failed, with the reason; ``running`` are begun. ``spent``: what all have cost. ``troubles``: why some are
    not begun, each once."""

    total: int
    spent: Usage
    failures: dict[str, str]
    done: int = 0
    running: int = 0
    passed: int = 0
    troubles: dict[str, str] = field(default_factory=dict)

    @property
    def left(self) -> int:
        return self.total - self.done


class Holding:
    """A run that is held at a venue, at most ``at_once`` of its debates at a time. ``again``: those that failed are
    held again, once all others are over. ``pause`` waits so many seconds."""

    def __init__(
        self,
        venue: Venue,
        state: State,
        output: Results,
        *,
        at_once: int,
        again: bool,
        marking: Marking | None = None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.standing = Standing(state.run.total, state.usage, failures=output.failed)
        self.underway = dict[str, asyncio.Task[None]]()
        self._venue = venue
        self._run = state.id
        self._output = output
        self._at_once = at_once
        self._again = again
        self._marking = marking
        self._money = money_of(state)
        self._places = asyncio.Semaphore(at_once)
        self._brakes: defaultdict[frozenset[str], Brake] = defaultdict(partial(Brake, at_once, pause))
        self._known: Known = {}
        self._ended = False
        self._left = False
        self._workers = set[asyncio.Task[None]]()

    async def hold(self, planned: Callable[[], Iterable[Planned]], groups: Collection[frozenset[str]] = ()) -> None:
        """Hold all of them, and write their results. ``planned``: they, from the first one on, each time it is asked;
        ``groups``: those of these models do not wait for others, whose models may have failed.

        Raises LogError, OutputLost, PriceUnknown, and what a venue raises that is lost."""
        # 1. What has been held before.
        self._known = await self._venue.held(self._run)

        # 2. All of them; what is over by now is read beside the others, which do not wait until all of it is written.
        # Those that fail are put aside, where they are to be held again.
        later: list[Planned] = []
        settle = partial(self._settle, later=later if self._again else None)
        lines = self._lines(planned, groups, over=False)
        if self._known:
            lines.append(self._line(planned(), over=True))
        await self._side_by_side(settle, lines)

        # 3. Those that failed, once more.
        if later and not self._ended:
            self._known = await self._venue.held(self._run)
            await self._side_by_side(partial(self._settle, again=True), self._lines(lambda: later, groups, over=None))

    async def leave(self) -> None:
        """Begin no more, have what is underway cost no more than it must, and write no results but of what comes to its
        end meanwhile. Then ``hold`` ends."""
        self._ended = self._left = True
        for worker in self._workers - set(self.underway.values()):  # those that wait for their turn
            worker.cancel()
        over = await self._venue.leave(list(self.underway))
        for worker in self._workers - {self.underway[debate] for debate in over if debate in self.underway}:
            worker.cancel()

    def _lines(
        self, planned: Callable[[], Iterable[Planned]], groups: Collection[frozenset[str]], *, over: bool | None
    ) -> list[Iterator[Planned | None]]:
        """A line for each group, and one for all others, where there are any."""
        if len(groups) < 2:
            return [self._line(planned(), over=over)]
        apart = list(groups)[:MOST_APART]
        lines = [self._line(planned(), over=over, where=partial(_is_of, group)) for group in apart]
        if len(groups) > len(apart):
            lines.append(self._line(planned(), over=over, where=lambda one: one.models not in apart))
        return lines

    def _line(
        self, planned: Iterable[Planned], *, over: bool | None, where: Callable[[Planned], bool] = lambda _: True
    ) -> Iterator[Planned | None]:
        """Those of them that are ``over`` by now, or are not (None: all), and None in the place of the others. Where
        nothing more is to be begun, it ends."""
        for one in planned:
            if self._left or (self._ended and not over):
                return
            yield one if where(one) and over in (None, find(one.entry, self._known, again=False).over) else None

    async def _side_by_side(
        self, settle: Callable[[Planned], Awaitable[None]], lines: Sequence[Iterator[Planned | None]]
    ) -> None:
        """Settle those of each line, so many at a time."""

        async def work(line: Iterator[Planned | None]) -> None:
            for one in line:  # the next that nobody else took
                if one is not None:
                    await settle(one)
                await asyncio.sleep(0)  # what is there already is not waited for, and others have their turn

        try:
            async with asyncio.TaskGroup() as group:
                for line in lines:
                    for _ in range(self._at_once):
                        worker = group.create_task(work(line))
                        self._workers.add(worker)
                        worker.add_done_callback(self._workers.discard)
        except BaseExceptionGroup as errors:  # one of them ended the others
            raise errors.exceptions[0] from None

    async def _settle(self, one: Planned, *, again: bool = False, later: list[Planned] | None = None) -> None:
        """See to it that the output has the result of one of them."""
        passed = self._output.has(one.entry.name) or find(one.entry, self._known, again=again).over
        if not self._output.has(one.entry.name):
            try:
                result = await self._result(one, again=again)
            except (EndpointFails, Unmarked, RunOverBudget, OverBudget, PriceUnknown) as error:
                others = isinstance(error, EndpointFails | Unmarked)  # may do
                self.standing.troubles.setdefault(error.message if others else error.code, error.message)
                self._ended |= not others
                return
            if result.failed and later is not None:
                later.append(one)
                return
            await self._output.write(result)
        self.standing.done += 1
        self.standing.passed += passed

    async def _result(self, one: Planned, *, again: bool) -> Result:
        try:
            found, said, created = await self._attempt(one, again=again)
        except (OverBudget, PriceUnknown):  # which end the run
            raise
        except _REFUSED as error:
            found = find(one.entry, self._known, again=again)
            return refused(self._run, found.entry, one.start.topic, error.code, error.message, found.before)
        marked = await self._marked(one, said)
        return outcome(self._run, found.entry, said, created, found.before, marked=marked)

    async def _marked(self, one: Planned, said: Transcript) -> bool | None:
        """What a model says of a debate's answer. That is a debate too, so it is in the log and paid for once. Raises
        Unmarked where it could not be held; the next time it is tried again."""
        if self._marking is None or one.entry.score != "judge" or said.reason not in ENDED:
            return None
        if (marking := self._marking.of(one, said)) is None:
            return None
        try:
            _, told, _ = await self._attempt(marking, again=True)
        except (OverBudget, PriceUnknown):  # which end the run
            raise
        except _REFUSED as error:
            raise Unmarked(error.message) from None
        if told.reason not in ENDED:
            raise Unmarked(told.error.message if told.error is not None else "It was stopped.")
        return read(told)

    async def _attempt(self, one: Planned, *, again: bool) -> tuple[Found, Transcript, str]:
        """The attempt that counts, once it is over, its transcript, and when it was created. One that was deleted has
        failed."""
        found = find(one.entry, self._known, again=again)
        while True:
            try:
                said, created = await self._held(one, found)
            except Gone:
                if not again:
                    raise
                found = replace(found, debate=None).after()
            else:
                if said.reason != "stopped" or said.more != PAUSED_TOO_LONG:
                    return found, said, created
                # Whoever left that did not mean to end it.
                found = replace(found, debate=said.debate, spent=said.usage).after()

    async def _held(self, one: Planned, found: Found) -> tuple[Transcript, str]:
        """The transcript of a debate once it is over, and when it was created."""
        if found.debate is not None and found.over:
            return await self._venue.ended(found.debate)
        worst = (await self._venue.estimate(one.start)).most.usage.cost_usd if self._money.budget else None
        ahead = None if worst is None else max(0.0, worst - (found.spent.cost_usd or 0.0))
        async with self._brakes[one.models].held() as note, self._places, self._money.aside(ahead):
            if self._left:
                raise asyncio.CancelledError
            if (debate := found.debate) is None:
                debate = await self._begun(one, found)
            else:
                await self._venue.go_on(debate, paused=found.paused)
            said, created = await self._waited_for(debate)
            self.standing.spent += said.usage.less(found.spent)
            self._money.spent += (said.usage.cost_usd or 0.0) - (found.spent.cost_usd or 0.0)
            note(_how(said))
            return said, created

    async def _begun(self, one: Planned, found: Found) -> str:
        begin = Begin(start=one.start, entry=found.entry, retries=found.retries)
        try:
            return await self._venue.begin(self._run, begin)
        except NothingToRetry:  # all was said, and still it failed
            return await self._venue.begin(self._run, begin.model_copy(update={"retries": None}))

    async def _waited_for(self, debate: str) -> tuple[Transcript, str]:
        worker = asyncio.current_task()
        assert worker is not None
        self.underway[debate] = worker
        self.standing.running += 1
        try:
            ended = await self._venue.ended(debate)
            del self.underway[debate]
            return ended
        finally:
            self.standing.running -= 1


def _is_of(models: frozenset[str], one: Planned) -> bool:
    return one.models == models


def _how(said: Transcript) -> How:
    """How a debate went, for the brake."""
    if said.error is None or said.error.code not in UPSTREAM:
        return How()
    return How(said.error.message, hopeless=said.error.code in HOPELESS)
