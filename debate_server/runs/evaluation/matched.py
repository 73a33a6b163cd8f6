"""An arm beside what its tokens would have bought of the baselines."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from debate_server.runs.evaluation.compare import Standing, differ, standing
from debate_server.runs.evaluation.marks import Marks, Question
from debate_server.runs.evaluation.shape import Arm, Matched
from debate_server.runs.evaluation.trial import Sample, Trial, leading
from debate_server.runs.orders.baseline import SINGLE, VOTE


@dataclass(frozen=True, slots=True)
class _Bought:
    """A baseline on an item: how it did, with so many samples, fewer than could be paid for where it is ``short``."""

    standing: Standing
    samples: int
    short: bool


class Baselines:
    """What one model has answered without a debate, by item."""

    def __init__(self, trials: Iterable[Trial], marks: Marks) -> None:
        self._marks = marks
        self._questions: dict[str, Question] = {}
        self._singles: dict[str, list[Trial]] = {}
        self._votes: dict[str, list[Trial]] = {}
        for trial in sorted(trials, key=_preferred):
            if trial.question is not None and trial.samples:
                self._questions[trial.item] = trial.question
                held = self._singles if trial.arm[0] == SINGLE else self._votes
                held.setdefault(trial.item, []).append(trial)

    def samples(self, item: str) -> list[Sample]:
        """All there are: those of the votes that were held to be drawn from, else of another vote, else each single
        answer."""
        votes = self._votes.get(item, [])
        chosen = [trial for trial in votes if trial.arm[0] == votes[0].arm[0]] or self._singles.get(item, [])
        return [sample for trial in chosen for sample in trial.samples]

    def single(self, item: str) -> _Bought | None:
        """One answer: the single ones on average and the first in a test, else the first sample."""
        held = [trial for trial in self._singles.get(item, []) if trial.correct is not None]
        if held:
            return _Bought(standing(held), 1, short=False)
        return self._taken(item, self.samples(item)[:1], short=False)

    def vote(self, item: str, tokens: float) -> _Bought | None:
        """What most of as many samples say as the tokens buy, but of at least one. Where answers are tied, one of them
        would be drawn: its share is that of the right ones among them, and the first given stands for it in a test."""
        samples = self.samples(item)
        number, spent = 0, 0
        for sample in samples:
            if number and spent + sample.tokens > tokens:
                break
            number, spent = number + 1, spent + sample.tokens
        short = 0 < number == len(samples) and spent + spent / number <= tokens
        return self._taken(item, samples[:number], short=short)

    def _taken(self, item: str, samples: Sequence[Sample], *, short: bool) -> _Bought | None:
        if not samples:
            return None
        answers: Sequence[str | None] = leading(sample.answer for sample in samples) or [None]
        marks = [self._marks.right(self._questions[item], answer) for answer in answers]
        if None in marks:
            return None
        share, tokens = sum(map(bool, marks)) / len(marks), sum(sample.tokens for sample in samples)
        return _Bought(Standing(bool(marks[0]), share, tokens), len(samples), short)


def matched(arm: Arm, standings: Mapping[str, Standing], baselines: Baselines, *, seed: int) -> Iterable[Matched]:
    """The arm beside one answer, and beside a vote where there are samples for one."""
    single = {item: baselines.single(item) for item in standings}
    vote = {item: baselines.vote(item, standing.tokens) for item, standing in standings.items()}
    several = any(len(baselines.samples(item)) > 1 for item in standings)
    for name, bought in ((SINGLE, single), (VOTE, vote if several else {})):
        both = [(standings[item], one) for item, one in bought.items() if one is not None]
        unmarked = sum(one is None and bool(baselines.samples(item)) for item, one in bought.items())
        if both:
            yield _matched(arm, name, both, unmarked, len(bought) - len(both) - unmarked, seed=seed)


def _matched(
    arm: Arm, baseline: str, both: Sequence[tuple[Standing, _Bought]], unmarked: int, missing: int, *, seed: int
) -> Matched:
    told = differ([(one, other.standing) for one, other in both], seed=seed)
    number = len(both)
    return Matched(
        format=arm[0], model=arm[1], baseline=baseline, items=number, right=sum(one.first for one, _ in both),
        baseline_right=sum(other.standing.first for _, other in both),
        tokens_each=sum(one.tokens for one, _ in both) / number,
        baseline_tokens_each=sum(other.standing.tokens for _, other in both) / number,
        samples=sum(other.samples for _, other in both) / number, short=sum(other.short for _, other in both),
        unmarked=unmarked, missing=missing,
        only_arm=told.only_first, only_baseline=told.only_second, difference=told.difference, p=told.p,
    )  # fmt: skip


def _preferred(trial: Trial) -> tuple[bool, bool, str, tuple[int, bool]]:
    """What is drawn from first."""
    return trial.arm[0] == SINGLE, trial.arm[0] == VOTE, trial.arm[0], trial.order
