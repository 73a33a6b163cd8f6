"""What the tables of the log have rows of."""

from dataclasses import dataclass, field

from debate_server.core.events import DoneReason, Usage
from debate_server.core.transcript import Status


@dataclass(slots=True)
class Row:
    """A debate as the list shows it. ``n`` counts debates; ``speeches`` and ``words`` count what is said to the end,
    ``input`` to ``estimated`` what it has cost by then. A fork has a ``parent``, which may be deleted by now, and
    ``turn`` is the first one that is its own (None: there is none). One of a ``run`` has a ``name`` in it, which it
    shares with those that were held before it for the same ``entry``; that and ``plan`` are what others want to find
    again; ``counted``: it is one of those that the run has so many of."""

    n: int
    id: str
    created: str
    topic: str
    format: str
    status: Status = "queued"
    reason: DoneReason | None = None
    verdict: str | None = None
    speeches: int = 0
    words: int = 0
    input: int = 0
    output: int = 0
    cost_usd: float | None = None
    estimated: bool = False
    parent: str | None = None
    turn: int | None = None
    run: str | None = None
    name: str | None = None
    entry: bytes | None = None
    counted: bool = False
    plan: bytes = b""

    @property
    def entry_name(self) -> str | None:
        """What all attempts at the same entry of a run share of their names."""
        return None if self.name is None else self.name.partition(":")[2]

    @property
    def usage(self) -> Usage:
        return Usage(self.input, self.output, self.cost_usd, bool(self.estimated))

    @usage.setter
    def usage(self, usage: Usage) -> None:
        self.input, self.output = usage.input, usage.output
        self.cost_usd, self.estimated = usage.cost_usd, usage.estimated


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run. ``n`` counts runs; ``asked`` is what was asked for."""

    n: int
    id: str
    created: str
    asked: bytes


@dataclass(frozen=True, slots=True)
class Member:
    """Which run a debate is of, by what name there (its attempt's number, a colon, and what all attempts share), what
    that has of it, and whether it is ``counted`` there."""

    run: str
    name: str
    entry: bytes
    counted: bool = True


@dataclass(slots=True)
class Leftover:
    """Frames of a debate that are in no segment; the seq of the last one and when it was committed."""

    frames: list[bytes] = field(default_factory=list)
    last: int = 0
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Key:
    """An idempotency key: where it counts (``scope``), its name, and a fingerprint of what is ``asked`` under it."""

    scope: str
    name: str
    asked: str
