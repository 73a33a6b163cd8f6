"""How anyone reads events: a viewer has a place in each debate it follows, and one bell that hangs on all of them.

Live and replayed events come the same way: what lies past the viewer's place, from memory if it is there, else from
disk, then the wait for more. Cancelling one viewer takes down its own bell and touches no other.
"""

from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass

from debate_server.log import frames as fr
from debate_server.log.bell import Bell
from debate_server.log.store import Row, Store
from debate_server.log.tail import Batch, Tail


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
        batch = Batch(row.id, fr.after(frames, seq), last, fr.ends_debate(frames))
    if batch is not None:
        place.seq = batch.last
    return batch


def committed(store: Store, place: Place) -> Iterator[bytes]:
    """All that is committed past a place, in batches."""
    while batch := step(store, place):
        yield batch.frames


async def follow(store: Store, places: list[Place], idle: float | None) -> AsyncGenerator[Batch, None]:
    """Batches past the places as they come, to the end of every debate; after ``idle`` seconds of silence an empty
    one. Where the log fails underway, that debate ends with a batch that says so."""
    bell = Bell(idle)
    tails = [place.tail for place in places if place.tail is not None]
    for tail in tails:
        tail.bells.add(bell)
    try:
        while places:
            news = False
            for place in list(places):
                if batch := step(store, place) or _failure(place):
                    news = True
                    yield batch
                if batch.final if batch else _is_over(place):
                    places.remove(place)
            # Where there was news, more may have come while it was written; where not, nothing could come since.
            if places and not news and not await bell.wait():
                yield Batch("", b"", 0, False)
    finally:
        bell.cancel()
        for tail in tails:
            tail.bells.discard(bell)


def _failure(place: Place) -> Batch | None:
    """The batch that says that no more of a debate can be had."""
    if place.tail is None or place.tail.failed is None:
        return None
    return Batch(place.row.id, b"", place.seq, final=True, failed=place.tail.failed)


def _is_over(place: Place) -> bool:
    """Whether nothing more can come."""
    return place.tail is None or place.tail.over
