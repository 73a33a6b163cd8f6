"""The bill: what an order comes to, once it was checked as a whole, before the first of its debates is begun."""

import asyncio
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from debate_server.core.errors import InvalidRequest, UnknownModel
from debate_server.core.money.forecast import Forecast
from debate_server.core.run import Role, Run
from debate_server.core.telling.words import listed
from debate_server.runs.holding.money import no_price
from debate_server.runs.holding.venue import Estimate, Venue
from debate_server.runs.orders.order import Order
from debate_server.runs.orders.product import Kind, Planned


@dataclass(slots=True)
class Part:
    """What the debates of a format take, at least and at most, and how many they are."""

    debates: int = 0
    least: Forecast = field(default_factory=Forecast)
    most: Forecast = field(default_factory=Forecast)

    def add(self, other: "Part") -> None:
        """Take the other's in."""
        self.debates += other.debates
        self.least += other.least
        self.most += other.most


@dataclass(slots=True)
class Bill:
    """What an order comes to: ``parts``, by role and format, on so many ``items``; ``addresses``: by name, empty for
    the default, which models are asked; ``groups``: the models of a debate, of all there are; ``unscored``: the formats
    that come to no answer which could be held against those given."""

    parts: dict[tuple[Role, str], Part] = field(default_factory=dict)
    items: int = 0
    addresses: dict[str, str] = field(default_factory=dict)
    formats: tuple[str, ...] = ()
    groups: tuple[frozenset[str], ...] = ()
    unscored: tuple[str, ...] = ()

    @property
    def whole(self) -> Part:
        """All of it; a marking is no debate that anybody asked for."""
        whole = Part()
        for part in self.parts.values():
            whole.add(part)
        whole.debates -= sum(part.debates for (role, _), part in self.parts.items() if role == "marking")
        return whole

    def run(self, order: Order) -> Run:
        """The run that is ordered."""
        known = {"total": self.whole.debates, "items": self.items, "addresses": self.addresses, "formats": self.formats}
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
    kinds: dict[Kind, _Kind] = field(default_factory=dict)
    models: set[str] = field(default_factory=set)
    seats: set[str] = field(default_factory=set)
    swapped: bool = False
    scored: bool = False
    unscored: dict[str, None] = field(default_factory=dict)
    _item: str = ""

    @property
    def formats(self) -> tuple[str, ...]:
        """Of the debates that are asked for."""
        entries = (kind.longest.entry for kind in self.kinds.values())
        return tuple(dict.fromkeys(entry.format for entry in entries if entry.role == "debate"))

    def add(self, one: Planned) -> None:
        entry, start = one.entry, one.start
        self.items += entry.item != self._item  # all of an item come together
        self._item = entry.item
        self.kinds.setdefault(one.kind, _Kind(one, one)).add(one)
        self.models |= {change.model for change in start.agents if change.model} | ({""} if not entry.model else set())
        self.seats |= {change.name for change in start.agents}
        self.swapped |= entry.swapped
        self.scored |= entry.score is not None
        if entry.answer is not None and entry.score is None:
            self.unscored[entry.format] = None


async def check(order: Order, venue: Venue) -> Bill:
    """Whether all of it can be held there, and what it comes to; what cannot is a bad line of the file. Nothing is
    begun. Raises InvalidRequest, FormatError, and UpstreamError where no model can be had."""
    survey = await _surveyed(order)
    _check_flags(order, survey)
    addresses, unknown = await _addresses(survey.models, venue)
    estimates, refused = await _estimates(survey.kinds, unknown, venue)
    if refused:
        _check_refused(refused, survey.kinds)
        order.refused.update(refused)
        return await check(order, venue)
    bill = Bill(
        items=survey.items, addresses=addresses, formats=survey.formats, unscored=tuple(survey.unscored),
        groups=tuple(dict.fromkeys(kind.longest.models for kind in survey.kinds.values())),
    )  # fmt: skip
    for of, kind in survey.kinds.items():
        (least, most), entry = estimates[of], kind.longest.entry
        part = Part(kind.debates, least.least.times(kind.debates), most.most.times(kind.debates))
        bill.parts.setdefault((entry.role, entry.format), Part()).add(part)
    if order.run.budget_usd is not None and bill.whole.most.usage.cost_usd is None:
        raise no_price()
    return bill


async def _surveyed(order: Order) -> _Survey:
    """Goes over a file of any size in a thread of its own, which ends with who waits for it."""
    ended = threading.Event()
    try:
        return await asyncio.to_thread(_survey, order, ended)
    finally:
        ended.set()


def _survey(order: Order, ended: threading.Event) -> _Survey:
    survey = _Survey()
    for one in order.planned():
        if ended.is_set():
            break
        survey.add(one)
        if order.marking is not None and one.entry.score == "judge":
            survey.add(order.marking.longest(one))
    return survey


async def _addresses(models: Collection[str], venue: Venue) -> tuple[dict[str, str], dict[str, str]]:
    """The addresses of those models, and of those that there are not, why."""
    addresses, unknown = dict[str, str](), dict[str, str]()
    for name in sorted(models):
        try:
            addresses |= await venue.addresses([name])
        except UnknownModel as error:
            unknown[name] = error.message
    return addresses, unknown


async def _estimates(
    kinds: Mapping[Kind, _Kind], unknown: Mapping[str, str], venue: Venue
) -> tuple[dict[Kind, tuple[Estimate, Estimate]], dict[Kind, str]]:
    """What debates of each kind take, at least and at most, and of those that cannot be held, why."""
    estimates, refused = dict[Kind, tuple[Estimate, Estimate]](), dict[Kind, str]()
    for of, kind in kinds.items():
        if missing := [why for name, why in unknown.items() if name in kind.longest.models]:
            refused[of] = missing[0]
            continue
        try:
            estimates[of] = await venue.estimate(kind.shortest.start), await venue.estimate(kind.longest.start)
        except InvalidRequest as error:
            refused[of] = error.message
    return estimates, refused


def _check_refused(refused: Mapping[Kind, str], kinds: Mapping[Kind, _Kind]) -> None:
    """Raises InvalidRequest where it is no line of the file that asks for what cannot be had, but all of them do, or
    what is held beside them."""
    asked = {of for of, kind in kinds.items() if kind.longest.entry.role == "debate"}
    of_lines = {why for of, why in refused.items() if of in asked}
    others = [why for of, why in refused.items() if of not in asked and why not in of_lines]
    if others or asked <= set(refused):
        raise InvalidRequest((others or [*of_lines])[0])


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
                f"--agent {name[:60]!r} changes nothing here: no format has such an agent. `debate formats show NAME` "
                "tells those of one.",
                field="agents",
            )
