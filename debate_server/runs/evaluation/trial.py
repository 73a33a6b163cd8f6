"""Trials: what an evaluation keeps of each result. Speeches and ballots are none of it, so that many fit in memory."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from debate_server.core.answer.same import same
from debate_server.core.events import Usage
from debate_server.core.run import Role
from debate_server.runs.evaluation.marks import Question, short
from debate_server.runs.evaluation.shape import Arm
from debate_server.runs.orders.baseline import SINGLE, VOTE
from debate_server.runs.rating.matches import Match, match
from debate_server.runs.result import Given, Result

# The formats that are baselines, whoever asked for them.
_BASELINE: Final = re.compile(rf"{SINGLE}|{VOTE}(-\d+)?")


@dataclass(frozen=True, slots=True)
class Sample:
    """An answer given alone, and the tokens and the dollars (None: unknown) that it took."""

    answer: str | None
    tokens: int
    cost: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A debate of an arm on an item. ``models``: of all its seats; ``order``: sorts the debates of an arm on an item as
    they were asked for; ``question``: None where nothing is scored, and ``correct`` too where it failed; ``unread``: as
    in the result; ``after``: by round, what the agents' last answers most often were by then, several where they are
    tied and none where nobody gave one; ``samples``: those of a baseline."""

    arm: Arm
    role: Role
    models: frozenset[str]
    item: str
    order: tuple[int, bool]
    attempt: int
    failed: bool
    usage: Usage
    winner: str | None
    correct: bool | None
    unread: bool
    question: Question | None
    after: Mapping[int, Sequence[str]]
    samples: Sequence[Sample]
    match: Match | None

    @property
    def tokens(self) -> int:
        return self.usage.input + self.usage.output

    @property
    def unmarked(self) -> bool:
        """Whether it came to an end and nobody has said if what it came to is right."""
        return self.question is not None and self.correct is None and not self.failed


def is_baseline(arm: Arm) -> bool:
    return _BASELINE.fullmatch(arm[0]) is not None


def trial(result: Result) -> Trial:
    """What is kept of a result."""
    arm = (result.format, result.model)
    ended = not result.failed
    question = None
    if result.scored is not None and result.expected is not None:
        question = Question(result.item, result.scored, result.expected, result.choices)
    return Trial(
        arm=arm, role=result.role, models=frozenset(seat.model for seat in result.agents), item=result.item,
        order=(result.repeat, result.swapped), attempt=result.attempt, failed=result.failed, usage=result.usage,
        winner=result.winner, correct=result.correct if ended else None, unread=result.unread, question=question,
        after=_after(result.given) if question and ended else {},
        samples=_samples(result) if is_baseline(arm) and ended else (), match=match(result),
    )  # fmt: skip


def leading(answers: Iterable[str | None]) -> list[str]:
    """The answers that none was given more often than, each in the words of whoever gave it first, in the order in
    which they were first given: one, several that are tied, or none where nobody gave any."""
    given = [answer for answer in answers if answer is not None]
    votes = Counter(map(same, given))
    words = {same(answer): answer for answer in reversed(given)}
    most = max(votes.values(), default=0)
    return [words[one] for one, often in votes.items() if often == most]


def _after(given: Sequence[Given]) -> dict[int, list[str]]:
    """An agent whose last speech gives no answer has none, as a verdict has it."""
    last: dict[str, str | None] = {}
    after: dict[int, list[str]] = {}
    for number in sorted({one.round for one in given}):
        last |= {one.agent: one.answer for one in given if one.round == number}
        after[number] = leading(last.values())
    return after


def _samples(result: Result) -> Sequence[Sample]:
    if result.format == SINGLE:
        usage = result.usage
        return (Sample(short(result.answer or ""), usage.input + usage.output, usage.cost_usd),)
    first = min((one.round for one in result.given), default=0)
    return tuple(Sample(one.answer, one.tokens, one.cost_usd) for one in result.given if one.round == first)
