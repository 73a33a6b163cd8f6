"""What the log's next flush writes: gathered from all debates, and committed in one transaction or not at all."""

from dataclasses import dataclass, field
from typing import Final

from debate_server.log.store import Key, Row, Store
from debate_server.log.tail import Tail

# A turn's frames past this size become a segment before the turn ends, so that no replayed batch is much larger.
SEGMENT_FRAMES: Final = 512


@dataclass(slots=True)
class Pending:
    """Tails with pending frames, new debates, changed rows, what was made under which key, debates to forget."""

    tails: dict[str, Tail] = field(default_factory=dict)
    new: list[Row] = field(default_factory=list)
    changed: dict[int, Row] = field(default_factory=dict)
    claims: dict[tuple[str, str], tuple[Key, str]] = field(default_factory=dict)
    forgotten: list[Row] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.tails or self.forgotten)

    def write(self, store: Store, at: float, journal: int) -> int:
        """Write it all down at that time; what ends no segment goes into the journal row of that id. How many bytes of
        frames that was. Raises LogUnavailable, and then nothing was written."""
        segments, blocks = list[tuple[int, int, bytes]](), list[bytes]()
        for tail in self.tails.values():
            tail.seal = tail.seal or tail.last - tail.sealed >= SEGMENT_FRAMES
            if tail.seal:
                segments += _segments(tail)
            else:
                blocks += tail.pending
        row = b"".join(blocks)
        with store.transaction():
            for new in self.new:
                store.add_debate(new)
            for changed in self.changed.values():
                store.change_debate(changed)
            for n, last, frames in segments:
                store.add_segment(n, last, at, frames)
            if row:
                store.add_journal(journal, at, row)
            for key, made in self.claims.values():
                store.add_key(key, made)
            for forgotten in self.forgotten:
                store.forget(forgotten.n)
        for tail in self.tails.values():
            if tail.journal is None and not tail.seal:
                tail.journal = journal
        return len(row) + sum(len(frames) for _, _, frames in segments)


def _segments(tail: Tail) -> list[tuple[int, int, bytes]]:
    """The debate's number, the last seq and the frames of every segment that the tail's open frames make: one, but
    where a copy of another debate came in at once."""
    frames = tail.unsealed()
    first = tail.sealed + 1
    starts = range(0, len(frames), SEGMENT_FRAMES)
    cuts = [(start, min(start + SEGMENT_FRAMES, len(frames))) for start in starts]
    return [(tail.row.n, first + end - 1, b"".join(frames[start:end])) for start, end in cuts]
