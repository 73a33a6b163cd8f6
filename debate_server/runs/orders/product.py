"""The product: an item by formats, models, repeats and sides is so many debates, always the same and in the same order.

All that is held on one item comes before the next, so that a run that is cut short still compares like with like.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final, Self

from debate_server.core.errors import InvalidRequest
from debate_server.core.format.shape import Format
from debate_server.core.plan import AgentChange, Start
from debate_server.core.run import Entry, Scorer
from debate_server.runs.items.shape import Item
from debate_server.runs.orders.naming import name_of
from debate_server.runs.scoring.choice import asked
from debate_server.runs.scoring.score import kind_of, unfit

FOR: Final = "for"
AGAINST: Final = "against"

# Role, format, rounds and seats of a debate.
Kind = tuple[Any, ...]
# The seats of a format: their names and the sides that they speak for.
Seats = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Chosen:
    """A format of a run: its name, how a start asks for it, its seats, and whether its debates come to ``answers``;
    ``beside``: it is a baseline beside others, held so many ``times`` for each of theirs."""

    name: str
    asked: str | dict[str, Any]
    seats: Seats
    answers: bool = True
    beside: bool = False
    times: int = 1

    @classmethod
    def of(cls, format_: Format, asked: str | dict[str, Any]) -> Self:
        """That format, which a start asks for so."""
        return cls(format_.name, asked, [(agent.name, agent.side) for agent in format_.agents], format_.answers)


@dataclass(frozen=True, slots=True)
class Planned:
    """A debate that is to be held: what it is in its run, and how it is asked for."""

    entry: Entry
    start: Start

    @property
    def kind(self) -> Kind:
        """What debates have in common that take as much, but for their topics."""
        seats = tuple((change.name, change.model, change.max_tokens) for change in self.start.agents)
        return (self.entry.role, self.entry.format, self.start.rounds, seats)

    @property
    def models(self) -> frozenset[str]:
        """The models that its seats are asked for with, empty for the default: debates of the same ones fail alike."""
        return frozenset(change.model or "" for change in self.start.agents) or frozenset([""])


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """What a run holds on each item. ``formats`` has those of the run and, by name, any that an item may ask for;
    ``models`` are as they were asked for, empty for the default one; ``agents`` changes the seats that a format has of
    those names. ``seed``: debates that repeat have the next ones."""

    chosen: Sequence[Chosen]
    formats: Mapping[str, Chosen]
    models: Sequence[str] = ("",)
    agents: tuple[AgentChange, ...] = ()
    rounds: int | None = None
    repeat: int = 1
    swap_sides: bool = False
    seed: int | None = None
    score: Scorer | None = None

    def of(self, item: Item) -> Iterator[Planned]:
        """Its debates. Raises InvalidRequest for a format, a seat or a score that it cannot have."""
        swaps = (False, True) if self.swap_sides else (False,)
        for number, chosen, model in product(range(self.repeat), self._formats(item), self.models):
            straight = with_model(self._changes(item, chosen), model, chosen.seats)
            for swapped, once in product(swaps, range(chosen.times)):
                changes = exchanged(straight, chosen.seats) if swapped else straight
                if not (swapped and changes == straight):
                    yield self._planned(item, chosen, model, number * chosen.times + once, changes, swapped)

    def _formats(self, item: Item) -> list[Chosen]:
        """Those it is held in, and beside them the baselines, where there are answers to compare."""
        debates = [self._own(item.format, item.line)] if item.format else [one for one in self.chosen if not one.beside]
        if item.answer is None or not any(one.answers for one in debates):
            return debates
        held = {one.name for one in debates}
        return [*debates, *(one for one in self.chosen if one.beside and one.name not in held)]

    def _own(self, name: str, line: int) -> Chosen:
        if name in self.formats:
            return self.formats[name]
        known = ", ".join(self.formats)
        raise InvalidRequest(f"there is no format {name[:60]!r}. Choose one of: {known}.", field="format")

    def _changes(self, item: Item, chosen: Chosen) -> tuple[AgentChange, ...]:
        """What is changed of its seats: for all of the run, and, before that, by the item."""
        names = [name for name, _ in chosen.seats]
        changes = {change.name: change for change in self.agents if change.name in names}
        if not chosen.beside:
            for change in item.agents:
                if change.name not in names:
                    raise InvalidRequest(
                        f"{chosen.name} has no agent {change.name[:60]!r}. Its agents: {', '.join(names)}.",
                        field="agents",
                    )
                changes[change.name] = change
        return tuple(changes.values())

    def _planned(
        self, item: Item, chosen: Chosen, model: str, number: int, changes: tuple[AgentChange, ...], swapped: bool
    ) -> Planned:
        entry = Entry(
            name=name_of(item.id, chosen.name, [model] if model else [], number + 1, swapped=swapped), item=item.id,
            format=chosen.name, model=model, repeat=number + 1, swapped=swapped, answer=item.answer,
            choices=item.choices, tags=item.tags, score=self._score(item) if chosen.answers else None,
            role="baseline" if chosen.beside else "debate",
        )  # fmt: skip
        start = Start(
            topic=asked(item.topic, item.choices), format=chosen.asked, agents=changes,
            rounds=None if chosen.beside else item.rounds or self.rounds,
            seed=None if self.seed is None else self.seed + number,
        )  # fmt: skip
        return Planned(entry, start)

    def _score(self, item: Item) -> Scorer | None:
        """How answers are held against the right one."""
        if item.answer is None:
            return None
        if self.score is None:
            return kind_of(item.answer, item.choices)
        if why := unfit(self.score, item.answer, item.choices):
            raise InvalidRequest(
                f"{why}, so --score {self.score} cannot score it. Leave that out, and each is scored by what it is.",
                field="score",
            )
        return self.score


def with_model(changes: tuple[AgentChange, ...], model: str, seats: Seats) -> tuple[AgentChange, ...]:
    """The changes with that model for every seat that they name none for; an empty one changes nothing."""
    if not model:
        return changes
    by_name = {name: AgentChange(name=name, model=model) for name, _ in seats}
    for change in changes:
        by_name[change.name] = change if change.model else change.model_copy(update={"model": model})
    return tuple(by_name.values())


def exchanged(changes: tuple[AgentChange, ...], seats: Seats) -> tuple[AgentChange, ...]:
    """The changes with the two sides' models in each other's places, and what belongs to a model with them. As they
    are where there are no two sides with as many seats."""
    sides = [[name for name, side in seats if side == wanted] for wanted in (FOR, AGAINST)]
    if not sides[0] or len(sides[0]) != len(sides[1]):
        return changes
    by_name = {change.name: change for change in changes}
    for one, other in zip(*sides, strict=True):
        first, second = (by_name.get(name, AgentChange(name=name)) for name in (one, other))
        by_name[one], by_name[other] = _in_place_of(first, second), _in_place_of(second, first)
    return tuple(change for change in by_name.values() if change != AgentChange(name=change.name))


def _in_place_of(change: AgentChange, other: AgentChange) -> AgentChange:
    kept = {"model": other.model, "temperature": other.temperature, "max_tokens": other.max_tokens}
    return change.model_copy(update=kept)
