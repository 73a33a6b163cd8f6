"""The events of a debate: one frozen dataclass each, in one table, and their wire form.

An event knows what happened. It does not know its ``seq`` (the log gives it), when it happened (the log stamps it)
or how it is framed for a viewer (the stream's business). To add an event, write its dataclass here and one case in
the page's reducer; the golden test then asks for the new line.
"""

from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, ClassVar, Final, Literal

import orjson
from pydantic import TypeAdapter, ValidationError

from debate_server.core.money.price import Price

FinishReason = Literal["stop", "length", "content_filter", "cut_off", "stopped"]
DoneReason = Literal["completed", "stopped", "failed", "budget", "interrupted"]


@dataclass(frozen=True, slots=True)
class Usage:
    """What an attempt, a speech or a debate cost: tokens in and out, US dollars (None: unknown)."""

    input: int = 0
    output: int = 0
    cost_usd: float | None = None
    estimated: bool = False

    def __add__(self, other: "Usage") -> "Usage":
        """The sum of both. Its cost is unknown where that of one with tokens is: a part of it would be too little."""
        spent = [usage.cost_usd for usage in (self, other) if usage.input or usage.output or usage.cost_usd is not None]
        known = [cost for cost in spent if cost is not None]
        return Usage(
            self.input + other.input,
            self.output + other.output,
            sum(known) if known and len(known) == len(spent) else None,
            self.estimated or other.estimated,
        )

    def less(self, other: "Usage") -> "Usage":
        """What of it came after the other, which is a part of it."""
        known = self.cost_usd is not None and (other.cost_usd is not None or not (other.input or other.output))
        cost = (self.cost_usd or 0.0) - (other.cost_usd or 0.0) if known else None
        return Usage(self.input - other.input, self.output - other.output, cost, self.estimated)


@dataclass(frozen=True, slots=True)
class Seat:
    """An agent as a viewer sees it: its name, the side it speaks for, the model behind it, and what that costs (None:
    unknown)."""

    name: str
    side: str
    model: str
    price: Price | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """What all events share. ``brief`` events pass by in a stream and are left out of polling; all others carry
    ``created``, the time the log took them in."""

    type: ClassVar[str]
    brief: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class DebateStart(Event):
    type: ClassVar[str] = "debate_start"
    debate: str
    topic: str
    format: str
    rounds: int
    agents: tuple[Seat, ...]
    parent: str | None = field(default=None, metadata={"optional": True})
    parent_seq: int | None = field(default=None, metadata={"optional": True})
    warnings: tuple[str, ...] | None = field(default=None, metadata={"optional": True})


@dataclass(frozen=True, slots=True)
class AgentStart(Event):
    """A turn begins. ``group``: the first of the turns that run at the same time as this one, itself maybe; None where
    it runs alone."""

    type: ClassVar[str] = "agent_start"
    brief: ClassVar[bool] = True
    agent: str
    turn: int
    round: int
    attempt: int
    group: int | None = field(default=None, metadata={"optional": True})


@dataclass(frozen=True, slots=True)
class Thinking(Event):
    type: ClassVar[str] = "thinking"
    brief: ClassVar[bool] = True
    agent: str
    turn: int


@dataclass(frozen=True, slots=True)
class Token(Event):
    type: ClassVar[str] = "token"
    brief: ClassVar[bool] = True
    agent: str
    turn: int
    content: str


@dataclass(frozen=True, slots=True)
class AgentEnd(Event):
    """A speech is over. ``content`` is the whole of it, ``ms`` the time from its start. ``round`` and ``group`` are
    here too, for those who poll: they get no ``agent_start``."""

    type: ClassVar[str] = "agent_end"
    agent: str
    turn: int
    round: int
    content: str
    finish_reason: FinishReason
    usage: Usage
    ms: int
    group: int | None = field(default=None, metadata={"optional": True})


@dataclass(frozen=True, slots=True)
class AgentError(Event):
    """An attempt failed: its tokens are void. ``retrying`` says whether the turn is spoken again. ``round`` as in
    ``agent_end``; ``usage`` where the words that are void were paid for."""

    type: ClassVar[str] = "agent_error"
    agent: str
    turn: int
    round: int
    attempt: int
    code: str
    message: str
    retrying: bool
    group: int | None = field(default=None, metadata={"optional": True})
    usage: Usage | None = field(default=None, metadata={"optional": True})


@dataclass(frozen=True, slots=True)
class Message(Event):
    """A person speaks. ``turn`` is the last one that had begun by then (0: none): the message stands after it."""

    type: ClassVar[str] = "message"
    message_id: str
    content: str
    to: str | None
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Paused(Event):
    type: ClassVar[str] = "paused"
    by: str


@dataclass(frozen=True, slots=True)
class Resumed(Event):
    type: ClassVar[str] = "resumed"
    by: str


@dataclass(frozen=True, slots=True)
class Quote:
    """Words that a judge gives as said; ``turn`` is where they were said, None where that was nowhere."""

    text: str
    turn: int | None


@dataclass(frozen=True, slots=True)
class Ballot(Event):
    """One vote of one judge, who saw the agents' speeches without their names and in this ``order``.

    ``title`` is the name of the vote and ``round`` the round after which it was held (0: before the first).
    ``winner`` is an agent or "tie"; ``ranking`` has agents, the best first, where that was asked for. Where the ballot
    counts as none ``winner`` is None and ``problem`` says why. ``margin`` goes from 0 (a tie) to 1 (beyond doubt).
    """

    type: ClassVar[str] = "ballot"
    judge: str
    model: str
    title: str
    round: int
    order: tuple[str, ...]
    winner: str | None
    margin: float | None
    reason: str
    quotes: tuple[Quote, ...]
    usage: Usage
    ranking: tuple[str, ...] | None = field(default=None, metadata={"optional": True})
    problem: str | None = field(default=None, metadata={"optional": True})


@dataclass(frozen=True, slots=True)
class Verdict(Event):
    """The outcome. ``winner`` is an agent, "tie", or None where nobody can win; ``answer`` what was decided, in words;
    ``confidence`` from 0 to 1; ``best``: an agent's words that weighed most; ``ballots``: the seqs of those that it
    rests on; ``consistent``: no judge decided otherwise when the order was another."""

    type: ClassVar[str] = "verdict"
    winner: str | None
    answer: str | None
    confidence: float | None
    best: dict[str, str]
    ballots: tuple[int, ...]
    consistent: bool
    summary: str


@dataclass(frozen=True, slots=True)
class Error(Event):
    type: ClassVar[str] = "error"
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Done(Event):
    """The last event. ``message`` says more of the reason, where there is more to say."""

    type: ClassVar[str] = "done"
    reason: DoneReason
    usage: Usage
    message: str | None = field(default=None, metadata={"optional": True})


EVENTS: Final[dict[str, type[Event]]] = {
    event.type: event
    for event in (
        DebateStart, AgentStart, Thinking, Token, AgentEnd, AgentError, Message,
        Paused, Resumed, Ballot, Verdict, Error, Done,
    )
}  # fmt: skip

# The names of each event's fields, and whether a None is left out.
_FIELDS: Final = {
    event.type: tuple((field.name, bool(field.metadata.get("optional"))) for field in fields(event))
    for event in EVENTS.values()
}

# What splits a line in many clients though JSON allows it raw: U+2028, U+2029, U+0085.
_LINE_BREAKS: Final = (
    (b"\xe2\x80\xa8", b"\\u2028"),
    (b"\xe2\x80\xa9", b"\\u2029"),
    (b"\xc2\x85", b"\\u0085"),
)


def encode(event: Event, seq: int, created: str) -> bytes:
    """The wire form: one line of JSON, UTF-8, that begins with ``type`` and ``seq``.

    ``created`` is an ISO 8601 time and goes only into events that are not brief.
    """
    out: dict[str, Any] = {"type": event.type, "seq": seq}
    for name, optional in _FIELDS[event.type]:
        value = getattr(event, name)
        if value is not None or not optional:
            out[name] = value
    if not event.brief:
        out["created"] = created
    return dump(out)


def dump(value: object) -> bytes:
    """One line of JSON for the wire: no raw character in it ends a line in any client."""
    line = orjson.dumps(value)
    if not line.isascii():
        for raw, escaped in _LINE_BREAKS:
            line = line.replace(raw, escaped)
    return line


def decode(line: bytes | str) -> tuple[int, Event] | None:
    """``(seq, event)`` of a wire form; None for a type that this version does not know.

    Fields it does not know are ignored: they may be added. Raises ValueError for what is not an event.
    """
    fields_ = orjson.loads(line)
    if not isinstance(fields_, dict) or not isinstance(seq := fields_.pop("seq", None), int):
        raise ValueError("an event is a JSON object with a whole number as its seq")
    event = EVENTS.get(str(fields_.pop("type", None)))
    if event is None:
        return None
    try:
        return seq, _adapter(event.type).validate_python(fields_)
    except ValidationError as error:
        raise ValueError(f"a malformed {event.type} event: {error}") from error


@cache
def _adapter(type_: str) -> TypeAdapter[Event]:
    return TypeAdapter(EVENTS[type_])
