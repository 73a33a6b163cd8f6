"""Swaps: what it makes of a model which side it speaks for."""

from collections.abc import Iterable
from typing import Final

from debate_server.runs.evaluation.shape import Swap
from debate_server.runs.evaluation.trial import Trial
from debate_server.runs.rating.matches import Match

# What a match is worth to its first and to its second.
_POINTS: Final = {"first": (1.0, 0.0), "second": (0.0, 1.0), "tie": (0.5, 0.5)}


def swaps(trials: Iterable[Trial]) -> tuple[Swap, ...]:
    """By format and model, from the matches of two models that were held both ways: the same item, the same repeat."""
    held: dict[tuple[str, str, int, str, str], dict[bool, Match]] = {}
    for trial in trials:
        if (match := trial.match) is not None:
            repeat, swapped = trial.order
            held.setdefault((trial.arm[0], trial.item, repeat, match.first, match.second), {})[swapped] = match
    sums: dict[tuple[str, str], list[float]] = {}
    for (format_, _, _, *models), both in held.items():
        if len(both) == 2:
            once, again = both[False].winner, both[True].winner
            same = once == again != "tie"
            for place, model in enumerate(models):
                more = (1, _POINTS[once][place], _POINTS[again][place], same)
                so_far = sums.get((format_, model), [0, 0.0, 0.0, 0])
                sums[format_, model] = [one + other for one, other in zip(so_far, more, strict=True)]
    return tuple(
        Swap(
            format=format_, model=model, items=int(items), straight=straight / items, swapped=swapped / items,
            same=int(same_),
        )
        for (format_, model), (items, straight, swapped, same_) in sorted(sums.items())
    )  # fmt: skip
