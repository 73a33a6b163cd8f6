"""From what a person wants to an order: formats and models by name, a file of items, and how they are multiplied."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from debate_server.core.errors import InvalidRequest
from debate_server.core.plan import AgentChange
from debate_server.core.run import Run, Scorer
from debate_server.core.telling.words import listed
from debate_server.formats import Formats
from debate_server.runs.holding.venue import Venue
from debate_server.runs.items.source import Source
from debate_server.runs.orders.baseline import baselines
from debate_server.runs.orders.order import Make, Order, fingerprint
from debate_server.runs.orders.product import Chosen, Product
from debate_server.runs.orders.tournament import Tournament, with_panel
from debate_server.runs.scoring.marking import Marking
from debate_server.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the flags say. ``named``: the formats, by name or file."""

    named: tuple[str, ...]
    models: tuple[str, ...]
    agents: Sequence[AgentChange]
    rounds: int | None
    swap_sides: bool
    repeat: int
    seed: int | None
    score: Scorer | None
    judge: str | None
    baselines: bool
    budget: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """What the flags of a tournament say. ``named``: the format."""

    named: str
    models: tuple[str, ...]
    judges: tuple[str, ...]
    rounds: int | None
    repeat: int
    seed: int | None
    budget: float | None


def ordered(wanted: Wanted, items: Source, settings: Settings) -> Make:
    """What makes the order, once it is known where it is held."""
    if wanted.judge is not None and wanted.score != "judge":
        raise InvalidRequest("--judge names who marks answers; say --score judge too.")

    async def make(venue: Venue) -> Order:
        formats, known = Formats(settings.formats), await venue.formats()
        names = dict.fromkeys(wanted.named or ("classic",))
        chosen = [_chosen(name, formats, known) for name in names]
        beside = baselines(formats, chosen, settings.max_agents, wanted.rounds) if wanted.baselines else []
        _check_names([*chosen, *beside])
        product = Product(
            chosen=[*chosen, *beside], formats=known, models=tuple(dict.fromkeys(wanted.models)) or ("",),
            agents=tuple(wanted.agents), rounds=wanted.rounds, repeat=wanted.repeat,
            swap_sides=wanted.swap_sides, seed=wanted.seed, score=wanted.score,
        )  # fmt: skip
        marking = Marking(wanted.judge or "") if wanted.score == "judge" else None
        seats = tuple(change.name for change in product.agents)
        await asyncio.to_thread(lambda: items.fingerprint)  # all of the file is read for it
        return Order(items, product.of, _run(wanted, items, product), marking, seats)

    return make


def paired(wanted: Pairs, items: Source, settings: Settings) -> Make:
    """What makes the order of a tournament. Raises FormatError, InvalidRequest."""
    models = tuple(dict.fromkeys(wanted.models))
    if len(models) < 2:
        raise InvalidRequest("A tournament takes two models or more: --model NAME --model OTHER.")
    formats = Formats(settings.formats)
    format_ = with_panel(formats.of(formats.asked(wanted.named)), len(wanted.judges))
    tournament = Tournament(
        format_=format_, models=models, judges=wanted.judges, rounds=wanted.rounds, repeat=wanted.repeat,
        seed=wanted.seed,
    )  # fmt: skip
    name = fingerprint(
        "tournament", items.fingerprint, tournament.asked, models, wanted.judges, wanted.rounds, wanted.repeat,
        wanted.seed,
    )  # fmt: skip
    run = Run(
        asked=name, source=items.file, total=0, kind="tournament", formats=(format_.name,), rounds=wanted.rounds,
        models=models, judges=wanted.judges, repeat=wanted.repeat, swap_sides=True, seed=wanted.seed,
        budget_usd=wanted.budget,
    )  # fmt: skip

    async def make(_: Venue) -> Order:
        return Order(items, tournament.of, run, warning=_partial(models, wanted.judges))

    return make


def _check_names(chosen: Sequence[Chosen]) -> None:
    """Raises InvalidRequest where two have one name: what is held in them could not be told apart."""
    for name, count in Counter(one.name for one in chosen).items():
        if count > 1:
            raise InvalidRequest(
                f"Two of the formats are named {name!r}. Give the one in your file another `name`.", field="format"
            )


def _run(wanted: Wanted, items: Source, product: Product) -> Run:
    """The run, the same for the same file and flags, but for what changes no debate."""
    agents = [agent.model_dump() for agent in product.agents]
    name = fingerprint(
        items.fingerprint, [one.asked for one in product.chosen], product.models, agents, product.rounds,
        product.repeat, product.swap_sides, product.seed, product.score, wanted.judge,
    )  # fmt: skip
    return Run(
        asked=name, source=items.file, total=0, formats=tuple(one.name for one in product.chosen if not one.beside),
        rounds=product.rounds, models=wanted.models, agents=product.agents,
        judges=() if wanted.judge is None else (wanted.judge,), repeat=product.repeat, swap_sides=product.swap_sides,
        seed=product.seed, score=product.score, budget_usd=wanted.budget,
    )  # fmt: skip


def _chosen(name: str, formats: Formats, known: Mapping[str, Chosen]) -> Chosen:
    """The format of that name at the venue, or the one in a file here. Raises FormatError, InvalidRequest."""
    named = formats.asked(name)
    if isinstance(named, dict):
        return Chosen.of(formats.of(named), named)
    if named not in known:
        raise InvalidRequest(f"There is no format {named[:60]!r}. Choose one of: {', '.join(known)}.", field="format")
    return known[named]


def _partial(models: Sequence[str], judges: Sequence[str]) -> str:
    """What is to be said of judges that judge themselves."""
    both = [name for name in dict.fromkeys(judges) if name in models]
    if not both:
        return ""
    named = f"{listed(both)} {'both take part and judge' if len(both) > 1 else 'takes part and judges too'}"
    return f"{named}: models prefer their own words. Name another judge (--judge)."
