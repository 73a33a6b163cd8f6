"""Comparisons of two arms, item by item.

Items are what is independent: debates of one item are alike. So a difference is the mean over items of that between
what either arm gets right of its debates of the item, and items are drawn for its interval; a test of counts takes
the first debate of each item.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from debate_server.runs.evaluation.shape import Arm, Interval, Pair
from debate_server.runs.evaluation.statistics import mcnemar, mean
from debate_server.runs.evaluation.trial import Trial


@dataclass(frozen=True, slots=True)
class Standing:
    """How an arm did on an item: whether its ``first`` debate is right, the ``share`` of them that are, and the tokens
    of one on average."""

    first: bool
    share: float
    tokens: float


@dataclass(frozen=True, slots=True)
class Difference:
    """Of the items of which the first debates count so many are right with only one of the two."""

    only_first: int
    only_second: int
    difference: Interval
    p: float


def standings(trials: Iterable[Trial]) -> dict[str, Standing]:
    """By item, how an arm did on those that it has a score for."""
    items: dict[str, list[Trial]] = {}
    for trial in trials:
        if trial.correct is not None:
            items.setdefault(trial.item, []).append(trial)
    return {item: standing(sorted(held, key=lambda trial: trial.order)) for item, held in sorted(items.items())}


def standing(held: Sequence[Trial]) -> Standing:
    """How it did on an item, from its debates of it in their order, at least one and all of them scored."""
    number = len(held)
    return Standing(
        bool(held[0].correct),
        sum(bool(trial.correct) for trial in held) / number,
        sum(trial.tokens for trial in held) / number,
    )


def differ(both: Sequence[tuple[Standing, Standing]], *, seed: int) -> Difference:
    """How two differ on the same items, at least one."""
    only_first = sum(one.first and not other.first for one, other in both)
    only_second = sum(other.first and not one.first for one, other in both)
    difference = mean([one.share - other.share for one, other in both], seed=seed)
    return Difference(only_first, only_second, difference, mcnemar(only_first, only_second))


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
                        first=first, second=second, items=len(both), only_first=told.only_first,
                        only_second=told.only_second, difference=told.difference, p=told.p,
                    )
                )  # fmt: skip
    return tuple(found)
