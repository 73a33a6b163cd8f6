"""A tournament: every pair of models on every topic, each model once on either side, before a panel of judges."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

from debate_server.core.errors import InvalidRequest
from debate_server.core.format.shape import Agent, Format, Round
from debate_server.core.plan import AgentChange, Start
from debate_server.core.run import Entry
from debate_server.runs.items.shape import Item
from debate_server.runs.orders.naming import VERSUS, name_of
from debate_server.runs.orders.product import AGAINST, FOR, Planned


@dataclass(frozen=True, slots=True, kw_only=True)
class Tournament:
    """``format_`` has two sides and those who judge them; ``judges``: their models, none for the format's own."""

    format_: Format
    models: Sequence[str]
    judges: Sequence[str] = ()
    rounds: int | None = None
    repeat: int = 1
    seed: int | None = None

    def of(self, item: Item) -> Iterator[Planned]:
        """The debates on an item. Raises InvalidRequest for one that has its own way to be held."""
        for own, field in ((item.format, "format"), (item.agents, "agents")):
            if own:
                raise InvalidRequest(
                    f"a tournament holds all its debates in one format, by the models that meet. "
                    f"Take `{field}` out of that line, or see `debate batch`.",
                    field=field,
                )
        pairs = combinations(self.models, 2)
        for number, (first, second), swapped in product(range(self.repeat), pairs, (False, True)):
            yield self._planned(item, first, second, number, swapped)

    def _planned(self, item: Item, first: str, second: str, number: int, swapped: bool) -> Planned:
        models = {FOR: second if swapped else first, AGAINST: first if swapped else second}
        sides = [AgentChange(name=a.name, model=models[a.side]) for a in self.format_.agents if a.side in models]
        panel = zip(judges(self.format_), self.judges, strict=False)
        entry = Entry(
            name=name_of(item.id, self.format_.name, (first, second), number + 1, swapped=swapped), item=item.id,
            format=self.format_.name, model=f"{first}{VERSUS}{second}", repeat=number + 1, swapped=swapped,
            tags=item.tags,
        )  # fmt: skip
        start = Start(
            topic=item.topic, format=self.asked, rounds=item.rounds or self.rounds,
            agents=(*sides, *(AgentChange(name=judge, model=model) for judge, model in panel)),
            seed=None if self.seed is None else self.seed + number,
        )  # fmt: skip
        return Planned(entry, start)

    @property
    def asked(self) -> dict[str, Any]:
        """The format as a start asks for it."""
        return self.format_.model_dump(mode="json", exclude_defaults=True)


def judges(format_: Format) -> list[str]:
    """Those who vote, and are not voted on."""
    voters = dict.fromkeys(name for round_ in format_.rounds for name in round_.voters or ())
    judged = {name for round_ in format_.rounds for name in round_.candidates or ()}
    return [name for name in voters if name not in judged]


def with_panel(format_: Format, size: int) -> Format:
    """The format with that many judges in the place of its own; 0 leaves them. Raises InvalidRequest for one that has
    no two sides, or nobody who judges them."""
    sides, own = {agent.side for agent in format_.agents}, judges(format_)
    if not {FOR, AGAINST} <= sides or not own:
        raise InvalidRequest(
            f"{format_.name} has no two sides that are judged; a tournament takes one such as judge-only.",
            field="format",
        )
    if not size:
        return format_
    first = format_.agent(own[0])
    title = first.name.rstrip(" 0123456789")
    panel = [
        first.model_copy(update={"name": f"{title} {number + 1}" if size > 1 else title}) for number in range(size)
    ]
    return format_.model_copy(
        update={
            "agents": (*(agent for agent in format_.agents if agent.name not in own), *panel),
            "rounds": tuple(_voted(round_, own, panel) for round_ in format_.rounds),
        }
    )


def _voted(round_: Round, own: Sequence[str], panel: Sequence[Agent]) -> Round:
    if not set(round_.voters or ()) & set(own):
        return round_
    names = tuple(judge.name for judge in panel)
    brief = next((round_.brief[name] for name in own if name in round_.brief), None)
    kept = {name: text for name, text in round_.brief.items() if name not in own}
    told = kept | (dict.fromkeys(names, brief) if brief is not None else {})
    return round_.model_copy(update={"voters": names, "brief": told})
