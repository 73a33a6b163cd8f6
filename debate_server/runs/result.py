"""The result: what came of one debate of a run, as a line of the run's output has it."""

from dataclasses import dataclass
from typing import Final

from debate_server.core.events import Seat, Usage
from debate_server.core.run import Role, Scorer

# What came to no end of its own.
FAILED: Final = ("failed", "interrupted", "stopped")


@dataclass(frozen=True, slots=True)
class Given:
    """An answer that an agent ended a speech with (None: with none), and the tokens, read and said, that it took."""

    agent: str
    turn: int
    round: int
    answer: str | None
    tokens: int
    cost_usd: float | None


@dataclass(frozen=True, slots=True)
class Vote:
    """A ballot: ``order`` is how the agents were shown, ``winner`` an agent, "tie", or None where it does not count."""

    judge: str
    model: str
    title: str
    round: int
    order: tuple[str, ...]
    winner: str | None


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a debate failed."""

    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """``entry`` to ``attempt`` as in the entry; ``debate``: its id; ``status``: "completed", "budget", "stopped",
    "failed" or "interrupted".

    ``answer``: what was decided, as far as it can be scored; ``read``: what of it was held against ``expected``, the
    right one, None where nothing in it could be; ``correct`` is None where nothing is scored, or nobody has said so;
    ``consistent``: no judge decided otherwise in another order, None where no ballot counts. ``given``: the answers
    of all speeches, in the order of their turns. ``usage``: what it cost, earlier attempts
    included; ``calls``: speeches and ballots that models were asked for; ``seconds``: for how long they spoke, one
    after the other.
    """

    run: str
    entry: str
    item: str
    topic: str
    format: str
    model: str
    repeat: int
    swapped: bool
    tags: tuple[str, ...]
    role: Role
    attempt: int
    debate: str
    created: str
    status: str
    winner: str | None
    answer: str | None
    read: str | None
    confidence: float | None
    consistent: bool | None
    summary: str | None
    expected: str | None
    choices: tuple[str, ...]
    scored: Scorer | None
    correct: bool | None
    given: tuple[Given, ...]
    votes: tuple[Vote, ...]
    agents: tuple[Seat, ...]
    usage: Usage
    calls: int
    seconds: float
    error: Fault | None

    @property
    def why(self) -> str:
        """Why it failed; empty where it did not."""
        return why_of(self.status, self.error.message if self.error is not None else None)

    @property
    def unread(self) -> bool:
        """Whether it counts as wrong since it came to no answer that could be read."""
        return self.correct is False and self.read is None

    @property
    def failed(self) -> bool:
        """Whether it came to no end of its own."""
        return self.status in FAILED


def why_of(status: str, message: str | None) -> str:
    """Why a debate of that status failed; empty where it did not."""
    return (message or f"It was {status}.") if status in FAILED else ""
