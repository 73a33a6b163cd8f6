"""Debates in one's own program, without a server: what ``from debate_server import debates`` gives.

It holds debates as the server does, on the same log, and so with what that promises: what is said is kept, whoever
listens, and what a process leaves unfinished the next one on the same data takes up.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from functools import wraps
from inspect import signature
from os import PathLike
from typing import Annotated, Any, Final, ParamSpec, TypedDict, TypeVar, Unpack, get_type_hints

import structlog
from pydantic import BeforeValidator, Field, SkipValidation, ValidationError, validate_call

from debate_server.core.errors import InvalidRequest, SettingsError
from debate_server.core.events import Event
from debate_server.core.explain import refused
from debate_server.core.plan import AgentChange, Start, from_fields
from debate_server.core.run import Scorer
from debate_server.core.seed import MOST
from debate_server.core.transcript import Transcript, fold
from debate_server.folders import placed
from debate_server.house import House, opened
from debate_server.log import frames as fr
from debate_server.log.tail import Batch
from debate_server.runs.evaluation.shape import Evaluation
from debate_server.runs.extra import need_reports
from debate_server.runs.holding.told import told
from debate_server.runs.holding.venue import Here
from debate_server.runs.items.source import Source, given, open_items
from debate_server.runs.orders.wanted import Wanted, ordered
from debate_server.runs.result import Result
from debate_server.settings import SETTINGS, Settings

P = ParamSpec("P")
R = TypeVar("R")

# What runs are held on: a file's name, one item, or several, which are read, and refused, one by one.
_Items = SkipValidation[str | PathLike[str] | Mapping[str, Any] | Iterable[str | Mapping[str, Any]]]
# A string is one name, not its letters.
_Names = Annotated[Sequence[str], BeforeValidator(lambda names: (names,) if isinstance(names, str) else names)]
_Count = Annotated[int, Field(ge=1, le=10_000)]
_Seed = Annotated[int, Field(ge=0, le=MOST)]

_CLOSED: Final = "These debates are closed: what is asked of them belongs into their `async with`."


def _checked(function: Callable[P, R]) -> Callable[P, R]:
    """The function, which refuses what its annotations do not take: InvalidRequest, in place of pydantic's own."""
    checked = validate_call(function)
    known = [name for name in signature(function).parameters if name != "self"]
    function.__annotations__ = get_type_hints(function)  # without the bounds, for those who ask for help

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return checked(*args, **kwargs)
        except ValidationError as error:
            raise refused(error, known) from None

    return call


class Asked(TypedDict, total=False):
    """What may be asked of a debate beside its topic. ``format``: the name of one, "classic" where none is named, or
    the keys of a whole one; ``rounds``: None for as many as the format has; ``agents``: what is changed of its seats;
    ``budget_usd`` and ``budget_tokens``: what it may cost at most; ``seed``: the same one makes the same requests."""

    format: str | dict[str, Any]
    rounds: int | None
    agents: Sequence[AgentChange]
    budget_usd: float | None
    budget_tokens: int | None
    seed: int | None


class Debates:
    """Debates that are held in this process; ``debates()`` opens them. As many at a time as ``max_running`` says run,
    the next ones wait in line. A debate runs to its end, whether or not somebody follows it."""

    def __init__(self, settings: Settings, house: House) -> None:
        self._settings = settings
        self._house: House | None = house
        self._waits = set[asyncio.Timeout]()

    async def hold(self, topic: str, **asked: Unpack[Asked]) -> AsyncGenerator[Event, None]:
        """Begin a debate and follow it to its end. Its id is in the first event. Raises as ``start`` and ``follow``."""
        async with aclosing(self.follow(await self.start(topic, **asked))) as events:
            async for event in events:
                yield event

    async def start(self, topic: str, **asked: Unpack[Asked]) -> str:
        """Begin a debate; its id. Raises InvalidRequest (LimitExceeded, OverBudget, PriceUnknown), FormatError, Full
        (TooManyStarts) and LogUnavailable; then nothing was spent. A model that cannot speak raises nothing: it is in
        the events, and ``Done`` has the reason "failed"."""
        return await self._open.runner.start(from_fields(Start, {"topic": topic, **asked}), detached=True)

    async def follow(self, debate: str, *, after: int = 0) -> AsyncGenerator[Event, None]:
        """The events of a debate past the first ``after`` of them, as they are committed, to the last, which is
        ``Done``. They are the same, and in the same order, on the wire, where the first has the ``seq`` 1.

        Raises UnknownDebate, UnknownCursor for more events than there are, LogUnavailable, and, as all that is asked of
        debates that are closed, RuntimeError.
        """
        async with aclosing(self._open.log.follow({debate: after})) as batches:
            while (batch := await self._next(batches)) is not None:
                if batch.failed is not None:
                    raise batch.failed
                for _, event in fr.events([batch.frames]):
                    yield event

    async def ended(self, debate: str) -> Transcript:
        """The transcript of a debate, once it is over. Raises as ``transcript``."""
        await self._open.runner.ended(debate)
        return await self.transcript(debate)

    async def transcript(self, debate: str) -> Transcript:
        """The transcript of a debate as far as it is. Raises UnknownDebate, LogUnavailable."""
        return await self._open.log.derive(debate, fold)

    async def stop(self, debate: str) -> None:
        """Stop a debate; one that is over stays as it is. Raises UnknownDebate, LogUnavailable."""
        await self._open.runner.stop(debate)

    @_checked
    async def run(
        self,
        items: _Items,
        *,
        formats: _Names = ("classic",),
        models: _Names = (),
        agents: Sequence[AgentChange] = (),
        rounds: int | None = None,
        repeat: _Count = 1,
        swap_sides: bool = False,
        seed: _Seed | None = None,
        score: Scorer | None = None,
        judge: str | None = None,
        baselines: bool = True,
        budget_usd: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None,
        at_once: _Count = 8,
        retry_failed: bool = False,
        skip_bad: bool = False,
        limit: Annotated[int, Field(ge=1)] | None = None,
    ) -> AsyncGenerator[Result, None]:
        """Hold a run, as ``debate batch`` does with flags of these names: debates on all ``items``, which are topics,
        or what a line of JSON says of an item; or on one such dictionary; or on those in the file that a string names.
        A string is one format or model too. Yields the result of each debate when it is over.

        What was held of the same run before is not held again, and its result is yielded too. Whoever leaves the loop
        has no more debates begun; ``at_once`` of them run at a time, and no more than ``max_running``.

        Raises InvalidRequest (BadItems), FormatError, and UpstreamError where no model can be had, and then nothing was
        spent; Unfinished, at the end, where some could not be held; LogUnavailable.
        """
        wanted = Wanted(
            named=tuple(formats), models=tuple(models), agents=agents, rounds=rounds, swap_sides=swap_sides,
            repeat=repeat, seed=seed, score=score, judge=judge, baselines=baselines, budget=budget_usd,
        )  # fmt: skip
        with self._items(items, skip_bad=skip_bad, limit=limit) as source:
            house = self._open
            venue = Here(house.log, house.upstream, house.runner)
            order = await ordered(wanted, source, self._settings)(venue)
            async with aclosing(told(order, venue, at_once=at_once, again=retry_failed)) as results:
                async for result in results:
                    yield result

    def close(self) -> None:
        """Hold nothing more, and have nobody wait for more; leaving the ``async with`` does it."""
        self._house = None
        for wait in self._waits:
            wait.reschedule(0)

    @property
    def _open(self) -> House:
        if self._house is None:
            raise RuntimeError(_CLOSED)
        return self._house

    async def _next(self, batches: AsyncGenerator[Batch, None]) -> Batch | None:
        try:
            async with asyncio.timeout(None) as wait:  # until they are closed
                self._waits.add(wait)
                return await anext(batches, None)
        except TimeoutError:
            raise RuntimeError(_CLOSED) from None
        finally:
            self._waits.discard(wait)

    def _items(self, items: _Items, *, skip_bad: bool, limit: int | None) -> Source:
        longest = self._settings.max_topic
        if isinstance(items, str | PathLike):
            return open_items(str(items), longest=longest, skip_bad=skip_bad, limit=limit)
        if not isinstance(items, Iterable):
            raise InvalidRequest(
                f"items: expected topics, dictionaries, or the name of a file, not {items!r:.60}.", field="items"
            )
        several = [items] if isinstance(items, Mapping) else items
        return given(several, longest=longest, skip_bad=skip_bad, limit=limit)


@_checked
def evaluate(results: SkipValidation[Iterable[Result]], *, seed: _Seed = 1) -> Evaluation:
    """What the results of a run show, as its report has it; ``seed`` is that of the intervals. Raises NotEquipped,
    and InvalidRequest for what is no seed."""
    need_reports()
    from debate_server.runs.evaluation.evaluate import evaluate as evaluated

    return evaluated(results, seed=seed)


def _log_to_logging() -> None:
    """Have what is logged go where the program's own log goes, without what local variables hold: a key, maybe."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.filter_by_level,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["event"]),
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def _opening(settings: Callable[P, Settings]) -> Callable[P, AbstractAsyncContextManager[Debates]]:
    """What opens debates, with the settings as its keywords: for those who type, and those who check types."""

    @asynccontextmanager
    @wraps(settings, assigned=(), updated=())
    async def debates(*args: P.args, **kwargs: P.kwargs) -> AsyncIterator[Debates]:
        """Debates on the data of these settings, which have the names, defaults and bounds of the command line's;
        environment and ``debate.toml`` are not read. Debates that another process left unfinished there go on, as
        ``on_restart`` and ``resume_within`` say. On leaving, those that run are cut, and go on the next time.

        Raises SettingsError, LogUnusable, and LogInUse where another process holds the data.
        """
        if not structlog.is_configured():  # it would print to stdout
            _log_to_logging()
        if unknown := kwargs.keys() - {setting.name for setting in SETTINGS}:
            raise SettingsError(f"There is no setting {min(unknown)!r}. 'debate config' lists those there are.")
        chosen = placed(settings(*args, **kwargs))
        async with opened(chosen) as house:
            house.runner.take_up()
            held = Debates(chosen, house)
            try:
                yield held
            finally:
                held.close()

    return debates


debates = _opening(Settings)
