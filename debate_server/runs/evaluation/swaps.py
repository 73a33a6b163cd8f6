"""Swaps: what it makes of a model, and of all, which side they speak for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from debate_server.runs.evaluation.shape import Side, Swap
from debate_server.runs.evaluation.statistics import accuracy
from debate_server.runs.evaluation.trial import Trial
from debate_server.runs.orders.product import FOR
from debate_server.runs.rating.matches import Match

# What a match is worth to its first and to its second.
_POINTS: Final = {"first": (1.0, 0.0), "second": (0.0, 1.0), "tie": (0.5, 0.5)}


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two models on an item, once either way. By model ``for_`` and ``against`` are its points when it speaks for the
    topic and against it; ``same``: one of them won both."""

    format: str
    item: str
    for_: dict[str, float]
    against: dict[str, float]
    same: bool


def meetings(trials: Iterable[Trial]) -> list[Meeting]:
    """The meetings: matches of two models on the same item, in the same repeat, that were held both ways."""
    held: dict[tuple[str, str, int, str, str], dict[bool, Match]] = {}
    for trial in trials:
        if (match := trial.match) is not None:
            repeat, swapped = trial.order
            held.setdefault((trial.arm[0], trial.item, repeat, match.first, match.second), {})[swapped] = match
    return [_meeting(key[0], key[1], list(both.values())) for key, both in held.items() if len(both) == 2]


def _meeting(format_: str, item: str, both: Sequence[Match]) -> Meeting:
    for_, against = dict[str, float](), dict[str, float]()
    for match in both:
        first, second = _POINTS[match.winner]
        sides = (for_, against) if match.side == FOR else (against, for_)
        sides[0][match.first], sides[1][match.second] = first, second
    once, again = (match.winner for match in both)
    return Meeting(format_, item, for_, against, once == again != "tie")


def swaps(held: Sequence[Meeting]) -> tuple[Swap, ...]:
    """By format and model."""
    models: dict[tuple[str, str], list[Meeting]] = {}
    for one in held:
        for model in one.for_:
            models.setdefault((one.format, model), []).append(one)
    return tuple(
        Swap(
            format=format_, model=model, meetings=len(some),
            speaking_for=sum(one.for_[model] for one in some) / len(some),
            speaking_against=sum(one.against[model] for one in some) / len(some),
            same=sum(one.same for one in some),
        )
        for (format_, model), some in sorted(models.items())
    )  # fmt: skip


def sides(held: Sequence[Meeting]) -> tuple[Side, ...]:
    """By format."""
    formats: dict[str, dict[str, list[Meeting]]] = {}
    for one in held:
        formats.setdefault(one.format, {}).setdefault(one.item, []).append(one)
    return tuple(
        Side(
            format=format_, meetings=sum(map(len, items.values())),
            share=accuracy([(sum(sum(one.for_.values()) for one in some), 2 * len(some)) for some in items.values()]),
            same=sum(one.same for some in items.values() for one in some),
        )
        for format_, items in sorted(formats.items())
    )  # fmt: skip
