"""Scores: how one arm did by itself."""

from collections import Counter
from collections.abc import Sequence

from debate_server.core.events import Usage
from debate_server.runs.evaluation.marks import Marks
from debate_server.runs.evaluation.shape import Arm, RoundScore, Score
from debate_server.runs.evaluation.statistics import accuracy
from debate_server.runs.evaluation.trial import Trial


def score(arm: Arm, trials: Sequence[Trial], marks: Marks) -> Score:
    """The score of an arm, from all its debates."""
    ended = [trial for trial in trials if not trial.failed]
    scored = [trial for trial in ended if trial.correct is not None]
    right = sum(bool(trial.correct) for trial in scored)
    spent, each = _spent(trials), _spent(ended)
    asked = _spent([trial for trial in trials if trial.question and not trial.unmarked])
    return Score(
        format=arm[0], model=arm[1], role=role(trials), debates=len(ended), failed=len(trials) - len(ended),
        scored=len(scored), right=right, unread=sum(trial.unread for trial in scored),
        unmarked=sum(trial.unmarked for trial in ended),
        accuracy=accuracy(_by_item(scored)) if scored else None,
        tokens=spent.input + spent.output, cost_usd=spent.cost_usd,
        tokens_each=_share(each.input + each.output, len(ended)), cost_each=_share(each.cost_usd, len(ended)),
        tokens_per_right=_share(asked.input + asked.output, right), cost_per_right=_share(asked.cost_usd, right),
        rounds=_rounds(ended, marks),
        decided=dict(sorted(Counter(trial.winner for trial in ended if trial.winner is not None).items())),
    )  # fmt: skip


def role(trials: Sequence[Trial]) -> str:
    """A baseline that somebody asked for is no mere baseline."""
    return "debate" if any(trial.role == "debate" for trial in trials) else "baseline"


def _by_item(scored: Sequence[Trial]) -> list[tuple[int, int]]:
    """By item, how many are right, and of how many."""
    items: dict[str, list[bool]] = {}
    for trial in scored:
        items.setdefault(trial.item, []).append(bool(trial.correct))
    return [(sum(repeats), len(repeats)) for repeats in items.values()]


def _spent(trials: Sequence[Trial]) -> Usage:
    return sum((trial.usage for trial in trials), Usage())


def _share(total: float | None, of: int) -> float | None:
    return total / of if total is not None and of else None


def _rounds(ended: Sequence[Trial], marks: Marks) -> tuple[RoundScore, ...]:
    """None where in most debates nobody gave an answer before the last round: as in formats that ask for none until
    then, where there is nothing to be turned right or wrong."""
    early = [any(most) for trial in ended if (most := list(trial.after.values())[:-1])]
    if not any(early) or 2 * sum(early) < len(early):
        return ()
    told = [by_round for trial in ended if (by_round := _by_round(trial, marks)) is not None]
    rounds = sorted({number for by_round in told for number in by_round})
    counts = {number: [0, 0, 0, 0] for number in rounds}
    for by_round in told:
        before: bool | None = None
        for number in rounds:
            now = by_round.get(number, bool(before))
            step = (1, now, before is True and not now, before is False and now)
            counts[number] = [count + more for count, more in zip(counts[number], step, strict=True)]
            before = now
    return tuple(RoundScore(number, *counts[number]) for number in rounds)


def _by_round(trial: Trial, marks: Marks) -> dict[int, bool] | None:
    """Whether it has it right after each of its rounds; None where nobody has said so of one. After the last what
    counts is what was decided, by whomever."""
    if trial.question is None or trial.correct is None:
        return None
    *before, last = trial.after or [1]
    by_round = {last: trial.correct}
    for number in before:
        most = trial.after[number]
        right = marks.right(trial.question, most[0] if len(most) == 1 else None)
        if right is None:
            return None
        by_round[number] = right
    return by_round
