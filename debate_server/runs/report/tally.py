"""What a report needs of the results beside their evaluation, gathered in one go."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from debate_server.core.events import Usage
from debate_server.core.judging.counting import TIE
from debate_server.runs.evaluation.shape import Arm
from debate_server.runs.report.words import clipped
from debate_server.runs.result import Result

# Characters of a failure's message; what differs only behind them is one kind of failure.
_MESSAGE: Final = 300


@dataclass(slots=True)
class Endings:
    """How the debates of an arm that came to an end did so. ``winners``: by name, and TIE of votes among them;
    ``answered``: came to an answer, or to several that are tied; ``nobody``: to neither that nor a winner nor a tie;
    ``sides``: those of the agents; ``sure``: the sum of the confidences of those ``told``; ``fair``: of the ``judged``
    ones so many were decided by judges none of whom decided otherwise in another order. Of so many ``ballots`` so many
    are ``void``, and do not count; ``unvoted``: debates that have no winner since none of theirs does."""

    debates: int = 0
    winners: Counter[str] = field(default_factory=Counter)
    answered: int = 0
    nobody: int = 0
    sides: dict[str, str] = field(default_factory=dict)
    sure: float = 0
    told: int = 0
    judged: int = 0
    fair: int = 0
    ballots: int = 0
    void: int = 0
    unvoted: int = 0
    usage: Usage = field(default_factory=Usage)

    def add(self, result: Result) -> None:
        self.debates += 1
        tied = result.winner == TIE and not result.votes  # no vote was tied, so answers were
        won = None if tied else result.winner
        self.winners.update([won] if won is not None else [])
        answered = tied or result.answer is not None
        self.answered += answered
        self.nobody += won is None and not answered
        self.sides |= {seat.name: seat.side for seat in result.agents}
        self.usage += result.usage
        if result.confidence is not None:
            self.told += 1
            self.sure += result.confidence
        if result.consistent is not None:
            self.judged += 1
            self.fair += result.consistent
        void = sum(vote.winner is None for vote in result.votes)
        self.ballots += len(result.votes)
        self.void += void
        self.unvoted += void > 0 and won is None

    @property
    def won(self) -> bool:
        """Whether its debates come to winners. A tie alone is none where there are answers."""
        return bool(self.winners.keys() - {TIE}) or (self.winners[TIE] > 0 and not self.answered)

    @property
    def decided(self) -> int:
        """How many have a winner, or are a tie."""
        return self.winners.total()

    @property
    def alone(self) -> int:
        """How many have an answer and no winner."""
        return self.debates - self.decided - self.nobody


@dataclass(frozen=True, slots=True)
class Failure:
    """What debates of an arm failed of."""

    arm: Arm
    status: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Tally:
    """``endings``: of each arm that has any; ``failures``: how often each, and the first entry that failed so."""

    debates: int
    usage: Usage
    seconds: float
    endings: dict[Arm, Endings]
    failures: dict[Failure, tuple[int, str]]

    @property
    def failed(self) -> int:
        return sum(often for often, _ in self.failures.values())


def tally(results: Iterable[Result]) -> Tally:
    """Go over the results, once."""
    debates, seconds, usage = 0, 0.0, Usage()
    endings: dict[Arm, Endings] = {}
    failures: dict[Failure, tuple[int, str]] = {}
    for result in results:
        debates += 1
        seconds += result.seconds
        usage += result.usage
        if result.failed:
            failure = failure_of(result)
            often, first = failures.get(failure, (0, result.entry))
            failures[failure] = (often + 1, first)
        else:
            endings.setdefault((result.format, result.model), Endings()).add(result)
    return Tally(debates, usage, seconds, endings, failures)


def failure_of(result: Result) -> Failure:
    """What a failed debate failed of, as far as it is known."""
    code = result.error.code if result.error else result.status
    message = result.error.message if result.error else f"The debate was {result.status}."
    return Failure((result.format, result.model), result.status, code, clipped(message, _MESSAGE))


def outcome_of(result: Result) -> str:
    """What became of a debate, in a word or three: "right", "no answer", "Optimist won", "a tie", "no decision",
    "failed" …"""
    if result.failed:
        return result.status
    if result.correct is not None:
        return "right" if result.correct else "no answer" if result.unread else "wrong"
    if result.winner == TIE:
        return "a tie"
    if result.winner:
        return f"{clipped(result.winner, 60)} won"
    return "answered" if result.answer else "no decision"
