"""How anyone reads events: cursors into debates, and a callback for when there is more.

Live and replayed events come the same way: what lies past a cursor, from memory if it is there, else from disk, then
the wait for more. Whoever leaves takes down its own bell and touches nobody else.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Iterator
from dataclasses import dataclass

from debate_server.core.errors import LogUnavailable
from debate_server.log import frames as fr
from debate_server.log.rows import Row
from debate_server.log.store import Store
from debate_server.log.tail import Batch, Bell, Tail


@dataclass(slots=True)
class Place:
    """Where a viewer is in a debate: it has all events up to ``seq``. ``tail`` is None where the debate is done."""

    row: Row
    tail: Tail | None
    seq: int = 0


def step(store: Store, place: Place) -> Batch | None:
    """The batch past a place, and the place moved past it; None where there is nothing (yet)."""
    row, tail, seq = place.row, place.tail, place.seq
    if tail is not None and seq >= tail.last:
        return None
    batch = tail.after(seq) if tail is not None else None
    if batch is None and (found := store.segment_after(row.n, seq)):
        last, frames = found
        batch = Batch(row.id, fr.after(frames, seq), seq, last, fr.ends_debate(frames))
    if batch is not None:
        place.seq = batch.last
    return batch


def committed(store: Store, place: Place) -> Iterator[bytes]:
    """All that is committed past a place, in batches."""
    while batch := step(store, place):
        yield batch.frames


class Cursors:
    """Where one viewer is in every debate that it follows. ``ring`` is called, mostly from the log's own flush, when
    one of them has grown or failed: it may take what there is, or note that there is some. ``close`` it at the end."""

    __slots__ = ("_places", "_ring", "_store", "_tails")

    def __init__(self, store: Store, places: Iterable[Place], ring: Bell) -> None:
        self._store = store
        self._places = list(places)
        self._tails = [place.tail for place in self._places if place.tail is not None]
        self._ring = ring
        for tail in self._tails:
            tail.bells.add(ring)

    @property
    def over(self) -> bool:
        """Whether all has been taken and nothing more can come."""
        return not self._places

    def take(self) -> Batch | None:
        """The next batch past the cursors, of each debate in its turn; None where there is nothing (yet)."""
        for _ in range(len(self._places)):
            place = self._places.pop(0)
            batch = self._step(place) or _failure(place)
            if not (batch.final if batch else _is_over(place)):
                self._places.append(place)
            if batch is not None:
                return batch
        return None

    def meets(self, batch: Batch) -> bool:
        """Whether a new batch is all that there is to take: what comes next in the only debate. Then it is taken."""
        if len(self._places) != 1:
            return False
        [place] = self._places
        if place.seq != batch.after or place.row.id != batch.debate:
            return False
        place.seq = batch.last
        if batch.final:
            self._places.clear()
        return True

    def _step(self, place: Place) -> Batch | None:
        try:
            return step(self._store, place)
        except LogUnavailable as error:  # what is on disk cannot be read
            return Batch(place.row.id, b"", place.seq, place.seq, final=True, failed=error)

    def close(self) -> None:
        """Hear nothing more."""
        for tail in self._tails:
            tail.bells.discard(self._ring)


async def follow(store: Store, places: Iterable[Place]) -> AsyncGenerator[Batch, None]:
    """Batches past the places as they come, to the end of every debate."""
    more = asyncio.Event()
    cursors = Cursors(store, places, lambda _: more.set())
    try:
        while not cursors.over:
            more.clear()  # before looking: what comes from here on rings
            while batch := cursors.take():
                yield batch
            if not cursors.over:
                await more.wait()
    finally:
        cursors.close()


def _failure(place: Place) -> Batch | None:
    """The batch that says that no more of a debate can be had."""
    if place.tail is None or place.tail.failed is None:
        return None
    return Batch(place.row.id, b"", place.seq, place.seq, final=True, failed=place.tail.failed)


def _is_over(place: Place) -> bool:
    """Whether nothing more can come."""
    return place.tail is None or place.tail.over
