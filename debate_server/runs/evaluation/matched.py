"""An arm beside what its dollars, or else its tokens, would have bought of the baselines."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from typing import Final

from debate_server.runs.evaluation.compare import Standing, average, differ, standing
from debate_server.runs.evaluation.marks import Marks, Question
from debate_server.runs.evaluation.shape import Arm, Matched, Unit
from debate_server.runs.evaluation.trial import Sample, Trial, leading
from debate_server.runs.orders.baseline import SINGLE, VOTE

# Sums of dollars are that much too high or too low: what costs just as much can be paid for.
_ROUNDING: Final = 1 + 1e-9


@dataclass(frozen=True, slots=True)
class _Bought:
    """A baseline on an item: how it did (None: nobody has said whether what it comes to is right), with so many
    samples, fewer than could be paid for where it is ``short``."""

    standing: Standing | None
    samples: int
    short: bool


class Baselines:
    """What one model has answered without a debate, by item. ``models``: as its seats name it."""

    def __init__(self, trials: Iterable[Trial], marks: Marks) -> None:
        self.models = frozenset[str]()
        self._marks = marks
        self._questions: dict[str, Question] = {}
        self._singles: dict[str, list[Trial]] = {}
        self._votes: dict[str, list[Trial]] = {}
        for trial in sorted(trials, key=_preferred):
            if trial.question is not None and trial.samples:
                self.models |= trial.models
                self._questions[trial.item] = trial.question
                held = self._singles if trial.arm[0] == SINGLE else self._votes
                held.setdefault(trial.item, []).append(trial)

    def samples(self, item: str) -> list[Sample]:
        """All there are: those of the votes that were held to be drawn from, else of another vote, else each single
        answer."""
        votes = self._votes.get(item, [])
        chosen = [trial for trial in votes if trial.arm[0] == votes[0].arm[0]] or self._singles.get(item, [])
        return [sample for trial in chosen for sample in trial.samples]

    def unit(self, standings: Mapping[str, Standing]) -> Unit:
        """What samples are bought for: dollars, where it is known of all of both sides that they have cost some. A
        debate mostly reads, which is cheaper than to speak: as many tokens are not as much money."""
        paid = all(standing.cost for standing in standings.values())
        return "dollars" if paid and all(one.cost for item in standings for one in self.samples(item)) else "tokens"

    def single(self, item: str) -> _Bought | None:
        """One answer: the single ones on average, else the first sample."""
        held = [trial for trial in self._singles.get(item, []) if trial.correct is not None]
        if held:
            return _Bought(standing(held), 1, short=False)
        return self._taken(item, self.samples(item)[:1], short=False)

    def vote(self, item: str, unit: Unit, worth: float) -> _Bought | None:
        """What most of as many samples say as that many dollars or tokens buy, but of at least one. Where answers are
        tied, one of them would be drawn: its share is that of the right ones among them."""
        samples = self.samples(item)
        number, spent = 0, 0.0
        for sample in samples:
            price = _price(sample, unit)
            if number and spent + price > worth * _ROUNDING:
                break
            number, spent = number + 1, spent + price
        short = 0 < number == len(samples) and spent + spent / number <= worth * _ROUNDING
        return self._taken(item, samples[:number], short=short)

    def _taken(self, item: str, samples: Sequence[Sample], *, short: bool) -> _Bought | None:
        if not samples:
            return None
        answers: Sequence[str | None] = leading(sample.answer for sample in samples) or [None]
        marks = [self._marks.right(self._questions[item], answer) for answer in answers]
        if None in marks:
            return _Bought(None, len(samples), short)
        share, number = sum(map(bool, marks)) / len(marks), len(samples)
        cost = average(sample.cost for sample in samples)
        tokens = sum(sample.tokens for sample in samples)
        return _Bought(Standing(share, tokens, None if cost is None else cost * number), number, short)


def matched(
    arm: Arm, models: frozenset[str], standings: Mapping[str, Standing], baselines: Baselines, *, seed: int
) -> Iterable[Matched]:
    """The arm, in whose debates those models spoke, beside one answer, and beside a vote where there are samples for
    one."""
    same = len(models | baselines.models) <= 1
    single = {item: baselines.single(item) for item in standings}
    yield from _beside(arm, SINGLE, None, standings, single, same_model=same, seed=seed)
    if any(len(baselines.samples(item)) > 1 for item in standings):
        unit = baselines.unit(standings)
        vote = {item: baselines.vote(item, unit, _price(one, unit)) for item, one in standings.items()}
        yield from _beside(arm, VOTE, unit, standings, vote, same_model=same, seed=seed)


def _beside(
    arm: Arm, baseline: str, unit: Unit | None, standings: Mapping[str, Standing], bought: Mapping[str, _Bought | None],
    *, same_model: bool, seed: int,
) -> Iterable[Matched]:  # fmt: skip
    found = {item: one for item, one in bought.items() if one is not None}
    both = [(standings[item], one.standing) for item, one in found.items() if one.standing is not None]
    if not both:
        return
    marked = [one for one in found.values() if one.standing is not None]
    told = differ(both, seed=seed)
    number = len(both)
    yield Matched(
        format=arm[0], model=arm[1], baseline=baseline, unit=unit, same_model=same_model, items=number,
        right=fsum(one.share for one, _ in both), baseline_right=fsum(other.share for _, other in both),
        tokens_each=sum(one.tokens for one, _ in both) / number,
        baseline_tokens_each=sum(other.tokens for _, other in both) / number,
        cost_each=average(one.cost for one, _ in both), baseline_cost_each=average(other.cost for _, other in both),
        samples=sum(one.samples for one in marked) / number, short=sum(one.short for one in marked),
        unmarked=len(found) - number, missing=len(bought) - len(found),
        better=told.first_better, worse=told.second_better, difference=told.difference, p=told.p,
    )  # fmt: skip


def _price(one: Standing | Sample, unit: Unit) -> float:
    return (one.cost or 0.0) if unit == "dollars" else one.tokens


def _preferred(trial: Trial) -> tuple[bool, bool, str, tuple[int, bool]]:
    """What is drawn from first."""
    return trial.arm[0] == SINGLE, trial.arm[0] == VOTE, trial.arm[0], trial.order
