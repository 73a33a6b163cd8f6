"""An order: what a person asks of a run, checked as a whole before the first of its debates is begun."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import orjson

from debate_server.core.errors import InvalidRequest, UnknownModel
from debate_server.core.explain import meaning
from debate_server.core.money.forecast import Forecast
from debate_server.core.run import Run
from debate_server.core.telling.words import listed
from debate_server.runs.holding.money import no_price
from debate_server.runs.holding.venue import Estimate, Venue
from debate_server.runs.items.shape import Item
from debate_server.runs.items.source import Source
from debate_server.runs.orders.product import Planned
from debate_server.runs.scoring.marking import Marking


@dataclass(frozen=True, slots=True)
class Order:
    """``of``: the debates on an item, each time the same; ``run``: what is asked for, as the log keeps it, whose total
    is not known yet; ``marking``: what marks answers, None where nothing does; ``seats``: the agents that are named for
    all of it; ``warning``: what a person should know before."""

    items: Source
    of: Callable[[Item], Iterator[Planned]]
    run: Run
    marking: Marking | None = None
    seats: tuple[str, ...] = ()
    warning: str = ""

    def planned(self) -> Iterator[Planned]:
        """All its debates in their order. Raises InvalidRequest behind them where lines of the file are bad."""
        for item in self.items:
            try:
                with meaning(f"Item {item.id!r} cannot be held so"):
                    planned = list(self.of(item))
            except InvalidRequest as error:
                self.items.refuse(item.line, error)
            else:
                yield from planned


# What is asked for, once it is known where it is held.
Make = Callable[[Venue], Awaitable[Order]]


def fingerprint(*asked: object) -> str:
    """What names a run: the same for the same that is asked for."""
    return sha256(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)).hexdigest()


@dataclass(slots=True)
class Bill:
    """What an order comes to: so many ``debates`` on so many ``items``, and what they and the marking of their answers
    take at least and at most; ``addresses``: by name, empty for the default, which models are asked; ``groups``: the
    models of a debate, of all there are; ``unscored``: the formats that come to no answer which could be held against
    those given."""

    debates: int = 0
    items: int = 0
    least: Forecast = field(default_factory=Forecast)
    most: Forecast = field(default_factory=Forecast)
    addresses: dict[str, str] = field(default_factory=dict)
    formats: tuple[str, ...] = ()
    groups: tuple[frozenset[str], ...] = ()
    unscored: tuple[str, ...] = ()

    def run(self, order: Order) -> Run:
        """The run that is ordered."""
        known = {"total": self.debates, "items": self.items, "addresses": self.addresses, "formats": self.formats}
        return order.run.model_copy(update=known)


@dataclass(slots=True)
class _Kind:
    """Debates of one format, number of rounds and models: how many, and those with the shortest and longest topics."""

    shortest: Planned
    longest: Planned
    debates: int = 0

    def add(self, one: Planned) -> None:
        self.debates += 1
        if len(one.start.topic) < len(self.shortest.start.topic):
            self.shortest = one
        if len(one.start.topic) > len(self.longest.start.topic):
            self.longest = one


@dataclass(slots=True)
class _Survey:
    """All that is ordered: how many ``items``, ``kinds`` of debates, the ``models`` and ``seats`` that they ask for,
    whether any is ``swapped`` or ``scored``, and in which formats there is an answer that none of theirs can be held
    against."""

    items: int = 0
    kinds: dict[tuple[Any, ...], _Kind] = field(default_factory=dict)
    models: set[str] = field(default_factory=set)
    seats: set[str] = field(default_factory=set)
    swapped: bool = False
    scored: bool = False
    unscored: dict[str, None] = field(default_factory=dict)
    _item: str = ""

    def add(self, one: Planned) -> None:
        entry, start = one.entry, one.start
        self.items += entry.item != self._item  # all of an item come together
        self._item = entry.item
        seats = tuple((change.name, change.model, change.max_tokens) for change in start.agents)
        of = (entry.role, entry.format, start.rounds, seats)
        self.kinds.setdefault(of, _Kind(one, one)).add(one)
        self.models |= {change.model for change in start.agents if change.model} | ({""} if not entry.model else set())
        self.seats |= {change.name for change in start.agents}
        self.swapped |= entry.swapped
        self.scored |= entry.score is not None
        if entry.answer is not None and entry.score is None:
            self.unscored[entry.format] = None


async def check(order: Order, venue: Venue) -> Bill:
    """Whether all of it can be held there, and what it comes to. Nothing is begun. Raises InvalidRequest, FormatError,
    and UpstreamError where no model can be had."""
    survey = await asyncio.to_thread(_survey, order)
    _check_flags(order, survey)
    try:
        addresses = await venue.addresses(sorted(survey.models))
    except UnknownModel as error:
        raise InvalidRequest(error.message) from None
    asked = (kind.longest.entry for kind in survey.kinds.values())
    held = tuple(dict.fromkeys(entry.format for entry in asked if entry.role == "debate"))
    groups = tuple(dict.fromkeys(kind.longest.models for kind in survey.kinds.values()))
    bill = Bill(
        items=survey.items, addresses=addresses, formats=held, groups=groups, unscored=tuple(survey.unscored)
    )  # fmt: skip
    for kind in survey.kinds.values():
        least, most = await _estimate(kind.shortest, venue), await _estimate(kind.longest, venue)
        if kind.longest.entry.role != "marking":
            bill.debates += kind.debates
        bill.least += least.least.times(kind.debates)
        bill.most += most.most.times(kind.debates)
    if order.run.budget_usd is not None and bill.most.usage.cost_usd is None:
        raise no_price()
    return bill


def _survey(order: Order) -> _Survey:
    survey = _Survey()
    for one in order.planned():
        survey.add(one)
        if order.marking is not None and one.entry.score == "judge":
            survey.add(order.marking.longest(one))
    return survey


def _check_flags(order: Order, survey: _Survey) -> None:
    """Raises InvalidRequest for a flag that would change nothing."""
    if order.run.swap_sides and not survey.swapped:
        raise InvalidRequest(
            "--swap-sides changes nothing here: no format has two sides with other models. Name one for a seat "
            "(--agent Skeptic=NAME), or see `debate tournament`."
        )
    if order.run.score is not None and not survey.scored:
        why = "no topic has an answer. Give each its own"
        if survey.unscored:
            why = f"no answers come of {listed(survey.unscored)}, only winners. Choose another format"
        raise InvalidRequest(f"--score changes nothing here: {why}, or leave it out.")
    for name in order.seats:
        if name not in survey.seats:
            raise InvalidRequest(
                f"--agent {name[:60]!r} changes nothing here: no format has such an agent. `debate formats NAME` tells "
                "those of one.",
                field="agents",
            )


async def _estimate(one: Planned, venue: Venue) -> Estimate:
    """What it takes. Raises FormatError, and InvalidRequest, which names the item."""
    try:
        return await venue.estimate(one.start)
    except InvalidRequest as error:
        raise InvalidRequest(f"Item {one.entry.item!r}: {error.message}", field=error.field) from None
