"""What is to be written: gathered from all debates, then frozen into a commit, of which all is written or nothing."""

from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from debate_server.log.rows import Key, Row, RunRow
from debate_server.log.store import Store
from debate_server.log.tail import Tail

# A turn's frames past this size become a segment before the turn ends, so that no replayed batch is much larger.
SEGMENT_FRAMES: Final = 512

Claims = dict[tuple[str, str], tuple[Key, str]]


@dataclass(slots=True)
class Pending:
    """Tails with pending frames, new debates, new or changed runs, changed rows, what was made under which key, debates
    to forget.

    ``drop``: journal rows before that id stand in segments. ``probe``: write something in any case, to see whether
    that can be done.
    """

    tails: dict[str, Tail] = field(default_factory=dict)
    new: list[Row] = field(default_factory=list)
    runs: dict[str, RunRow] = field(default_factory=dict)
    changed: dict[int, Row] = field(default_factory=dict)
    claims: Claims = field(default_factory=dict)
    forgotten: list[Row] = field(default_factory=list)
    drop: int = 0
    probe: bool = False

    def __bool__(self) -> bool:
        return bool(self.tails or self.runs or self.forgotten or self.drop or self.probe)

    def freeze(self, at: float, journal: int) -> "Commit":
        """All of it as it is at that time. What ends no segment goes into the journal row of that id."""
        parts, segments, blocks = list[Part](), list[Segment](), list[bytes]()
        for tail in self.tails.values():
            parts.append(Part(tail, len(tail.pending), tail.seal or tail.last - tail.sealed >= SEGMENT_FRAMES))
            if parts[-1].seals:
                segments += _segments(tail)
                tail.seal = False
            else:
                blocks += tail.pending
                tail.journal = tail.journal or journal
        rows = b"".join(blocks)
        new, changed = [replace(row) for row in self.new], [replace(row) for row in self.changed.values()]
        forgotten = [row.n for row in self.forgotten]
        probe = self.probe and not rows
        runs = list(self.runs.values())
        return Commit(at, journal, parts, new, runs, changed, segments, rows, self.claims, forgotten, self.drop, probe)


Segment = tuple[int, int, bytes]


class Part(NamedTuple):
    """Of a tail: so many of its pending frames, and whether they end a segment."""

    tail: Tail
    frames: int
    seals: bool


@dataclass(frozen=True, slots=True)
class Commit:
    """What is written together; may be written in a thread, while more is appended."""

    at: float
    journal: int
    parts: list[Part]
    new: list[Row]
    runs: list[RunRow]
    changed: list[Row]
    segments: list[Segment]
    frames: bytes
    claims: Claims
    forgotten: list[int]
    drop: int
    probe: bool

    def write(self, store: Store) -> int:
        """How many bytes of frames that was. Raises LogUnavailable, and then nothing was written."""
        with store.transaction():
            for new in self.new:
                store.add_debate(new)
            for run in self.runs:
                store.put_run(run)
            for changed in self.changed:
                store.change_debate(changed)
            for n, last, frames in self.segments:
                store.add_segment(n, last, self.at, frames)
            if self.frames or self.probe:
                store.add_journal(self.journal, self.at, self.frames)
            for key, made in self.claims.values():
                store.add_key(key, made)
            for forgotten in self.forgotten:
                store.forget(forgotten)
            if self.drop:
                store.drop_journal(self.drop)
        return len(self.frames) + sum(len(frames) for _, _, frames in self.segments)


def _segments(tail: Tail) -> list[Segment]:
    """The debate's number, the last seq and the frames of every segment that the tail's open frames make: one, but
    where a copy of another debate came in at once."""
    frames = tail.unsealed()
    first = tail.sealed + 1
    starts = range(0, len(frames), SEGMENT_FRAMES)
    cuts = [(start, min(start + SEGMENT_FRAMES, len(frames))) for start in starts]
    return [(tail.row.n, first + end - 1, b"".join(frames[start:end])) for start, end in cuts]
