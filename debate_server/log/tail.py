"""The tail of a live debate: its newest frames in memory, and the bells of those who wait for more.

Frames are first ``pending`` (made, not committed: nobody may see them), then published. A viewer is a cursor: it
takes what lies past it and waits until its bell rings: a callback of its own, so that cancelling one viewer touches no
other. A bell brings what is new: one batch for all who have what came before it.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from debate_server.core.errors import LogUnavailable
from debate_server.core.events import Event
from debate_server.log import frames as fr
from debate_server.log.rows import Row

# More frames than these are not kept: a viewer would get them in one piece. Only the copy that a fork begins with has
# so many at once.
MOST_FRAMES: Final = 2048
# So many hear at once what is new, which takes a millisecond; the others of a crowd once all else has had its turn.
CROWD: Final = 64


@dataclass(slots=True)
class Batch:
    """Frames past the cursor ``after``, joined; ``last`` is the seq of the last of them. Without frames: the log
    ``failed`` and no more of this debate can be had. ``made`` is what was made of it, by the maker, so that it is made
    once for all viewers."""

    debate: str
    frames: bytes
    after: int
    last: int
    final: bool
    failed: LogUnavailable | None = None
    made: dict[object, bytes] = field(init=False, default_factory=dict)


# What a viewer is told: the batch that is new, or that it has to look for itself.
Bell = Callable[[Batch | None], None]


class Tail:
    """What is in memory of one debate. ``first`` is the seq of ``frames[0]``, ``last`` the last published."""

    def __init__(self, row: Row, *, last: int = 0) -> None:
        self.row = row
        self.first = last + 1
        self.last = last
        self.frames: list[bytes] = []
        self.pending: list[bytes] = []
        # ``closed``: ``done`` is appended, so nothing may follow. ``failed``: the log could not be written.
        self.closed = False
        self.failed: LogUnavailable | None = None
        self.bells: set[Bell] = set()
        # The oldest journal row that has a frame which is in no segment (None: all are).
        self.journal: int | None = None
        # Whether the next commit ends a segment, and the last seq that is in one.
        self.seal = False
        self.sealed = last
        self._before = last  # the last seq before what is new
        self._batch: Batch | None = None

    @property
    def over(self) -> bool:
        """Whether the last event is published."""
        return self.closed and not self.pending and self.failed is None

    def add(self, event: Event, created: str) -> int:
        """Make the next event's frame; its seq."""
        seq = self.last + len(self.pending) + 1
        self.pending.append(fr.frame(self.row.id, seq, event, created))
        return seq

    def copy(self, batches: Iterable[bytes]) -> None:
        """Batches of frames from another debate come next."""
        self.pending += [block for batch in batches for block in fr.split(batch)]
        self.seal = True

    def unsealed(self) -> list[bytes]:
        """All frames that are in no segment, the pending ones included."""
        return self.frames[self.sealed + 1 - self.first :] + self.pending

    def publish(self, frames: int, *, seals: bool) -> None:
        """So many of the pending frames are committed, and may be seen; ``seals``: they end a segment. Frames that a
        viewer who keeps up does not need any more (those before the segment before this one) are let go."""
        self._before = self.last
        self.frames += self.pending[:frames]
        del self.pending[:frames]
        self.last += frames
        if seals:
            # Where there are too many, none is kept: on disk they stand in segments as large as a viewer should get.
            drop = self.sealed + 1 - self.first if len(self.frames) <= MOST_FRAMES else len(self.frames)
            del self.frames[:drop]
            self.first += drop
            self.sealed = self.last
            self.journal = None

    def after(self, seq: int) -> Batch | None:
        """The batch past a cursor; None where it begins before what is in memory. One for all viewers that stand at the
        same place."""
        if seq + 1 < self.first:
            return None
        batch = self._batch
        if batch is None or batch.after != seq or batch.last != self.last:
            batch = Batch(self.row.id, b"".join(self.frames[seq + 1 - self.first :]), seq, self.last, self.over)
            self._batch = batch
        return batch

    def ring(self) -> None:
        """Tell those who wait what is new; where the log has failed, to look for themselves."""
        if self.bells and (self._before < self.last or self.failed is not None):
            self._tell(self.after(self._before) if self.failed is None else None, list(self.bells))
        self._batch = None

    def _tell(self, batch: Batch | None, bells: Sequence[Bell]) -> None:
        for bell in bells[:CROWD]:
            if bell in self.bells:
                bell(batch)
        if len(bells) > CROWD:
            asyncio.get_running_loop().call_soon(self._tell, batch, bells[CROWD:])

    def fail(self, error: LogUnavailable) -> None:
        """The pending frames could not be committed: nobody sees them."""
        self.pending = []
        self.closed, self.seal, self.failed = False, False, error
