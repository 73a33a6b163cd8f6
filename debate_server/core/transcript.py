"""The transcript: the fold of a debate's events into speeches.

``apply`` takes one event after the other; any prefix folded first and the rest later gives the same as all at once.
It knows what was said and how far the debate is, and nothing of how events are kept or shown.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal

from debate_server.core.events import (
    AgentEnd,
    AgentError,
    AgentStart,
    Ballot,
    DebateStart,
    Done,
    DoneReason,
    Error,
    Event,
    FinishReason,
    Message,
    Paused,
    Resumed,
    Seat,
    Thinking,
    Token,
    Usage,
    Verdict,
)

Status = Literal["queued", "running", "paused", "done"]


@dataclass(slots=True)
class Speech:
    """The words of one turn. Without a ``finish_reason`` it is still being spoken; ``group`` as in its start."""

    agent: str
    turn: int
    round: int
    attempt: int
    content: str = ""
    thinking: bool = False
    finish_reason: FinishReason | None = None
    usage: Usage | None = None
    ms: int | None = None
    group: int | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A message of the audience, and the turn after whose start it was said."""

    message_id: str
    content: str
    to: str | None
    after_turn: int


@dataclass(slots=True)
class Transcript:
    """A debate as far as its events tell it. ``seq`` is the last event that is folded in (0: none).

    ``ballots`` stand with their seqs; ``given_up``: why the agents of these turns could not speak, as a code and a
    message; ``more``: what the last event says more of the ``reason``.
    In a fork the events up to ``parent_seq`` are its parent's: ``usage`` leaves out what those cost, which was paid for
    there.
    """

    debate: str = ""
    topic: str = ""
    format: str = ""
    rounds: int = 0
    agents: tuple[Seat, ...] = ()
    parent: str | None = None
    parent_seq: int = 0
    status: Status = "queued"
    reason: DoneReason | None = None
    more: str | None = None
    speeches: dict[int, Speech] = field(default_factory=dict)
    messages: list[Said] = field(default_factory=list)
    ballots: list[tuple[int, Ballot]] = field(default_factory=list)
    verdict: Verdict | None = None
    error: Error | None = None
    attempts: dict[int, int] = field(default_factory=dict)
    given_up: dict[int, tuple[str, str]] = field(default_factory=dict)
    usage: Usage = field(default_factory=Usage)
    seq: int = 0

    def apply(self, seq: int, event: Event) -> None:
        """Fold one event in."""
        self.seq = seq
        match event:
            case DebateStart():
                self.debate, self.topic, self.format = event.debate, event.topic, event.format
                self.rounds, self.agents = event.rounds, event.agents
                self.parent, self.parent_seq = event.parent, event.parent_seq or 0
            case AgentStart(agent, turn, round_, attempt, group):
                self._change(seq, "running")
                self.attempts[turn] = attempt
                self.given_up.pop(turn, None)
                self.speeches[turn] = Speech(agent, turn, round_, attempt, group=group)
            case Thinking(_, turn):
                self.speeches[turn].thinking = True
            case Token(_, turn, content):
                self.speeches[turn].content += content
            case AgentEnd():
                self._end(seq, event)
            case AgentError():
                self._void(seq, event)
            case Message(message_id, content, to, turn):
                self.messages.append(Said(message_id, content, to, turn))
            case Paused():
                self._change(seq, "paused")
            case Resumed():
                self._change(seq, "running")
            case Ballot():
                self.ballots.append((seq, event))
                self._spend(seq, event.usage)
            case Verdict():
                self.verdict = event
            case Error():
                self.error = event
            case Done(reason, usage, message):
                self.status, self.reason, self.usage, self.more = "done", reason, usage, message

    def _change(self, seq: int, status: Status) -> None:
        if seq > self.parent_seq:  # what is copied is not its own
            self.status = status

    def _end(self, seq: int, event: AgentEnd) -> None:
        speech = self.speeches[event.turn]
        speech.content, speech.finish_reason = event.content, event.finish_reason
        speech.usage, speech.ms = event.usage, event.ms
        self._spend(seq, event.usage)

    def _void(self, seq: int, event: AgentError) -> None:
        self.speeches.pop(event.turn, None)
        if not event.retrying:
            self.given_up[event.turn] = (event.code, event.message)
        if event.usage is not None:
            self._spend(seq, event.usage)

    def _spend(self, seq: int, usage: Usage) -> None:
        if seq > self.parent_seq:
            self.usage += usage

    def ended(self, turn: int) -> bool:
        """Whether that turn has been spoken (wholly or cut)."""
        speech = self.speeches.get(turn)
        return speech is not None and speech.finish_reason is not None

    def is_whole(self, turn: int) -> bool:
        """Whether that turn has been spoken to an end of its own."""
        speech = self.speeches.get(turn)
        return speech is not None and speech.finish_reason not in (None, "cut_off", "stopped")

    def settled(self, turn: int) -> bool:
        """Whether that turn is not spoken any more: it was, or its agent could not."""
        return self.ended(turn) or turn in self.given_up

    def cast(self, title: str, round_: int) -> list[tuple[int, Ballot]]:
        """The ballots of that vote, held after that round, with their seqs."""
        return [(seq, ballot) for seq, ballot in self.ballots if (ballot.title, ballot.round) == (title, round_)]

    @property
    def open(self) -> list[Speech]:
        """Attempts that are started and not closed."""
        return [speech for speech in self.speeches.values() if speech.finish_reason is None]


CUT: Final[dict[str, str]] = {
    "cut_off": "cut off here",
    "stopped": "stopped here",
    "length": "ended at the length limit",
    "content_filter": "withheld from here on by the model's content filter",
}


def fold(events: Iterable[tuple[int, Event]]) -> Transcript:
    """The transcript of ``(seq, event)`` pairs."""
    transcript = Transcript()
    for seq, event in events:
        transcript.apply(seq, event)
    return transcript
