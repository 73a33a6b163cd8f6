"""Comparisons of two arms, item by item.

Items are what is independent: debates of one item are alike. So an arm is as right on an item as its debates of it are
on average, two differ by what either has there, and items are drawn for an interval and exchanged in a test.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from debate_server.runs.evaluation.shape import Arm, Interval, Pair
from debate_server.runs.evaluation.statistics import mean, randomised
from debate_server.runs.evaluation.trial import Trial


@dataclass(frozen=True, slots=True)
class Standing:
    """How an arm did on an item: the ``share`` of its debates that are right, and the tokens and the dollars (None:
    unknown) of one on average."""

    share: float
    tokens: float
    cost: float | None


@dataclass(frozen=True, slots=True)
class Difference:
    """On so many items either of two is more right than the other."""

    first_better: int
    second_better: int
    difference: Interval
    p: float


def standings(trials: Iterable[Trial]) -> dict[str, Standing]:
    """By item, how an arm did on those that it has a score for."""
    items: dict[str, list[Trial]] = {}
    for trial in trials:
        if trial.correct is not None:
            items.setdefault(trial.item, []).append(trial)
    return {item: standing(held) for item, held in sorted(items.items())}


def standing(held: Sequence[Trial]) -> Standing:
    """How it did on an item, from its debates of it, at least one and all of them scored."""
    number = len(held)
    return Standing(
        sum(bool(trial.correct) for trial in held) / number,
        sum(trial.tokens for trial in held) / number,
        average(trial.usage.cost_usd for trial in held),
    )


def average(costs: Iterable[float | None]) -> float | None:
    """What one costs on average, of at least one; None where that of any is unknown."""
    told = list(costs)
    known = [cost for cost in told if cost is not None]
    return sum(known) / len(known) if len(known) == len(told) else None


def differ(both: Sequence[tuple[Standing, Standing]], *, seed: int) -> Difference:
    """How two differ on the same items, at least one."""
    differences = [one.share - other.share for one, other in both]
    return Difference(
        sum(one > 0 for one in differences), sum(one < 0 for one in differences),
        mean(differences, seed=seed), randomised(differences, seed=seed),
    )  # fmt: skip


def pairs(arms: Mapping[Arm, Mapping[str, Standing]], *, seed: int) -> tuple[Pair, ...]:
    """Every two arms that have items in common."""
    found = []
    names = list(arms)
    for place, first in enumerate(names):
        for second in names[place + 1 :]:
            both = [(one, arms[second][item]) for item, one in arms[first].items() if item in arms[second]]
            if both:
                told = differ(both, seed=seed)
                found.append(
                    Pair(
                        first=first, second=second, items=len(both), first_better=told.first_better,
                        second_better=told.second_better, difference=told.difference, p=told.p,
                    )
                )  # fmt: skip
    return tuple(found)
