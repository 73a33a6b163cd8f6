"""The cases of live debates, beside peers: what a token costs, how late it comes, and how many debates can be held."""

import statistics
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from scripts.benchmarks.load import run
from scripts.benchmarks.load.contenders import FASTAPI, NODE, OURS, debaters
from scripts.benchmarks.load.run import Load
from scripts.benchmarks.machine import Figure

Case = Callable[[], AsyncIterator[Figure]]


@dataclass(frozen=True, slots=True)
class Scale:
    """How long it may all take: rounds in which every contender is measured once, and seconds of each measurement."""

    rounds: int
    seconds: float


FULL: Final = Scale(rounds=5, seconds=10)
QUICK: Final = Scale(rounds=2, seconds=4)


def cases(*, quick: bool) -> dict[str, Case]:
    """The live cases by their names."""
    scale = QUICK if quick else FULL
    return {"tokens": partial(tokens, scale)}


async def tokens(scale: Scale, debates: int = 100) -> AsyncIterator[Figure]:
    """The server's CPU for each token, and how long one is underway, with a hundred live debates."""
    loads: dict[str, list[Load]] = {}
    for number in range(scale.rounds):
        for contender in debaters():
            load = await run.debates(contender, debates, scale.seconds)
            loads.setdefault(contender.name, []).append(load)
            _tell(f"{number + 1}/{scale.rounds} {contender.name}", load)
    costs = {name: [load.us for load in those] for name, those in loads.items()}
    delays = {name: [load.p99_ms for load in those] for name, those in loads.items()}
    each = f"{debates} debates × {run.RATE:g} tokens/s"
    for name, values in costs.items():
        yield _spread(f"CPU per token, {each}, {name}", values, "µs")
    yield _ratio("  ours : FastAPI", costs[OURS.name], costs[FASTAPI.name], 0.35)
    if NODE.name in costs:
        yield _ratio("  ours : Hono", costs[OURS.name], costs[NODE.name], 0.75)
    for name, values in delays.items():
        yield _spread(f"upstream → viewer, {each}, p99, {name}", values, "ms", 10 if name == OURS.name else None)
    yield _ratio("  ours : FastAPI", delays[OURS.name], delays[FASTAPI.name], 1 / 3)


def _spread(name: str, values: Sequence[float], unit: str, goal: float | None = None) -> Figure:
    return Figure(name, statistics.median(values), unit, goal, low=min(values), high=max(values))


def _ratio(name: str, ours: Sequence[float], theirs: Sequence[float], goal: float) -> Figure:
    """Of each round, since what the machine does beside it changes from round to round."""
    return _spread(name, [mine / other for mine, other in zip(ours, theirs, strict=True)], "×", goal)


def _tell(what: str, load: Load) -> None:
    """Progress, for who waits."""
    print(f"{what:<18} {load}", file=sys.stderr, flush=True)
