"""Consistency: whether a judge names the same winner in whichever order it is shown the agents."""

from collections.abc import Iterable
from dataclasses import dataclass

from debate_server.core.judging.counting import whole
from debate_server.runs.evaluation.shape import Interval
from debate_server.runs.evaluation.statistics import wilson
from debate_server.runs.result import Result, Vote


@dataclass(frozen=True, slots=True)
class Consistency:
    """A judge and its model: of so many ``pairs`` of ballots, one in each order, so many name the ``same`` winner, or a
    tie both times. ``share``: with Wilson's 95% interval. A ballot that does not count makes no pair."""

    judge: str
    model: str
    pairs: int
    same: int
    share: Interval


def consistency(results: Iterable[Result]) -> tuple[Consistency, ...]:
    """How consistent each judge is that has cast ballots in both orders, by its name and model."""
    counts: dict[tuple[str, str], list[int]] = {}
    for result in results:
        for judge, model, same in _pairs(result.votes):
            count = counts.setdefault((judge, model), [0, 0])
            count[0] += same
            count[1] += 1
    return tuple(
        Consistency(judge, model, pairs, same, wilson(same, pairs))
        for (judge, model), (same, pairs) in sorted(counts.items())
    )


def _pairs(votes: Iterable[Vote]) -> Iterable[tuple[str, str, bool]]:
    held: dict[tuple[str, int], list[Vote]] = {}
    for vote in votes:
        held.setdefault((vote.title, vote.round), []).append(vote)
    for cast in held.values():
        for both in whole(cast).values():
            yield both[0].judge, both[0].model, len({vote.winner for vote in both}) == 1
