"""An order: what a person asks of a run, checked as a whole before the first of its debates is begun."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import orjson

from debate_server.core.errors import InvalidRequest, UnknownModel
from debate_server.core.money.forecast import Forecast
from debate_server.core.run import Run
from debate_server.runs.items.shape import Item
from debate_server.runs.items.source import Source
from debate_server.runs.product import Planned
from debate_server.runs.venue import Venue


@dataclass(frozen=True, slots=True)
class Order:
    """``of``: the debates on an item, each time the same; ``run``: what is asked for, as the log keeps it, whose total
    is not known yet; ``judge``: the model that marks answers, None where none does."""

    items: Source
    of: Callable[[Item], Iterator[Planned]]
    run: Run
    judge: str | None = None

    def planned(self) -> Iterator[Planned]:
        """All its debates in their order. Raises InvalidRequest."""
        for item in self.items:
            yield from self.of(item)


def fingerprint(*asked: object) -> str:
    """What names a run: the same for the same that is asked for."""
    return sha256(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)).hexdigest()


@dataclass(slots=True)
class Bill:
    """What an order comes to: so many ``debates``, and what they take at least and at most."""

    debates: int = 0
    least: Forecast = field(default_factory=Forecast)
    most: Forecast = field(default_factory=Forecast)


@dataclass(slots=True)
class _Kind:
    """Debates of one format, number of rounds and model: how many, and those with the shortest and longest topics."""

    shortest: Planned
    longest: Planned
    debates: int = 1

    def add(self, one: Planned) -> None:
        self.debates += 1
        if len(one.start.topic) < len(self.shortest.start.topic):
            self.shortest = one
        if len(one.start.topic) > len(self.longest.start.topic):
            self.longest = one


async def check(order: Order, venue: Venue) -> Bill:
    """Whether all of it can be held there, and what it comes to. Nothing is begun. Raises InvalidRequest, FormatError,
    and UpstreamError where no model can be had."""
    kinds, models = await asyncio.to_thread(_survey, order)
    if not kinds:
        raise InvalidRequest(f"{order.run.source} has no topics. Give it one a line.")
    if order.run.swap_sides and not any(swapped for *_, swapped in kinds):
        raise InvalidRequest(
            "--swap-sides changes nothing here: no format has two sides with other models. Name one for a seat "
            "(--agent Skeptic=NAME), or see `debate tournament`."
        )
    try:
        await venue.check(models)
    except UnknownModel as error:
        raise InvalidRequest(error.message) from None
    bill = Bill()
    for kind in kinds.values():
        least, most = await venue.estimate(kind.shortest.start), await venue.estimate(kind.longest.start)
        bill.debates += kind.debates
        bill.least += least.least.times(kind.debates)
        bill.most += most.most.times(kind.debates)
    return bill


def _survey(order: Order) -> tuple[dict[tuple[Any, ...], _Kind], set[str]]:
    """All of it, kind by kind, and the models that it asks for."""
    kinds: dict[tuple[Any, ...], _Kind] = {}
    models = set[str]() if order.judge is None else {order.judge}
    for one in order.planned():
        of = (one.entry.format, one.start.rounds, one.entry.model, one.entry.swapped)
        if of in kinds:
            kinds[of].add(one)
        else:
            kinds[of] = _Kind(one, one)
        models |= {change.model or "" for change in one.start.agents}
        if not one.start.agents:
            models.add("")
    return kinds, models
