"""How anyone reads events: a viewer has a place in each debate it follows, and one bell that hangs on all of them.

Live and replayed events come the same way: what lies past the viewer's place, from memory if it is there, else from
disk, then the wait for more. Cancelling one viewer takes down its own bell and touches no other.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass

from debate_server.log import frames as fr
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
    bell = asyncio.Event()
    silence = _Silence(bell, idle) if idle is not None else None
    for place in places:
        if place.tail is not None:
            place.tail.bells.add(bell)
    try:
        while places:
            bell.clear()  # before looking: what comes from here on rings
            news = False
            for place in list(places):
                batch = step(store, place)
                if batch is not None:
                    news = True
                    yield batch
                    if silence is not None:
                        silence.broken()
                elif place.tail is not None and place.tail.failed is not None:
                    yield Batch(place.row.id, b"", place.seq, final=True, failed=place.tail.failed)
                if batch.final if batch else _is_over(place):
                    places.remove(place)
            if places and not news:
                await bell.wait()
                if silence is not None and silence.over():
                    yield Batch("", b"", 0, False)
    finally:
        if silence is not None:
            silence.cancel()
        for place in places:
            if place.tail is not None:
                place.tail.bells.discard(bell)


class _Silence:
    """Rings a viewer's bell after ``idle`` seconds without a batch. One timer for all of a viewer's waits, put off
    only when it fires: a timer per wait would cost more than the wait."""

    def __init__(self, bell: asyncio.Event, idle: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._bell, self._idle = bell, idle
        self.broken()
        self._timer = self._loop.call_at(self._since + idle, self._fire)

    def broken(self) -> None:
        """There was a batch: the silence begins anew."""
        self._since, self._rang = self._loop.time(), False

    def over(self) -> bool:
        """Whether it was this that rang; asked once for each ring."""
        rang, self._rang = self._rang, False
        return rang

    def cancel(self) -> None:
        self._timer.cancel()

    def _fire(self) -> None:
        if self._loop.time() - self._since >= self._idle:
            self.broken()
            self._rang = True
            self._bell.set()
        self._timer = self._loop.call_at(self._since + self._idle, self._fire)


def _is_over(place: Place) -> bool:
    """Whether nothing more can come."""
    return place.tail is None or place.tail.over or place.tail.failed is not None
