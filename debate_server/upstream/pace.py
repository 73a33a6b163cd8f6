"""The pace of an endpoint: how many requests it is asked at a time, and from when on again, once it said "too many".

Until it says so there is no limit, and nobody waits. Then nobody asks it for as long as it wants; one goes first to
see whether it answers again, and the others follow, up to what it bore. After about as many successes one more is
tried (additive increase: Chiu and Jain, 1989): what it takes it bears, and what it refuses cost one attempt, and is not
tried again for twice as long. A request that was refused before tries nothing, so that no speech is refused time and
again for the sake of finding out.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

from debate_server.core.errors import Busy, UpstreamError
from debate_server.upstream.endpoint import Endpoint

# Seconds for which nobody asks, where an endpoint names no time: the first, and twice as many after each refusal.
FIRST_PAUSE: Final = 1.0
# An endpoint that wants more patience than this has said no: whoever was refused is not tried again, and one of the
# others asks after it, so that a run goes on slowly and not for nothing.
LONGEST_PAUSE: Final = 60.0
# By how much longer than at first nothing is tried, at most: else nobody would see that it bears more by now.
MOST_CAUTION: Final = 16
# Addresses that somebody asked for; few have more than a handful.
MAX_KEPT: Final = 64

Clock = Callable[[], float]
Pause = Callable[[float], Awaitable[None]]


def loop_time() -> float:
    """Seconds of the running loop's monotonic clock."""
    return asyncio.get_running_loop().time()


@dataclass(slots=True, eq=False)
class _Place:
    """A request in flight. ``cuts``: how often the limit had been cut when it was sent."""

    cuts: int
    served: bool = False


class Pace:
    """The pace of one endpoint. ``clock`` gives seconds, ``pause`` waits so many of them, and ``jitter`` gives numbers
    from 0 to 1, so that several programs that were refused at once do not come back at once."""

    def __init__(self, *, clock: Clock, pause: Pause, jitter: Callable[[], float]) -> None:
        self._clock = clock
        self._pause = pause
        self._jitter = jitter
        # Who holds it is the first in line, and the only one that waits for anything else.
        self._line = asyncio.Lock()
        self._stirred = asyncio.Event()
        self._until: float | None = None  # nobody asks before that
        self._next_pause = FIRST_PAUSE
        self._borne: int | None = None  # how many at a time it is known to bear; None: any number, as far as we know
        self._successes = 0  # since the limit changed
        self._caution = 1  # so many times what it bears are to succeed before one more is tried
        self._in_doubt = False  # since it refused nobody was accepted; so one goes ahead, the scout
        self._scout: _Place | None = None
        self._cuts = 0
        self._wanted = 0  # in flight, or in line
        self._most_wanted = 0
        self._in_flight = 0
        self._served = 0  # of those in flight
        self._most_served = 0  # at the same time, since the last cut

    @property
    def limit(self) -> int | None:
        """How many requests may be in flight; None for any number."""
        return None if self._borne is None else self._borne + self._tries

    @property
    def _tries(self) -> bool:
        """Whether one more than it is known to bear may be tried."""
        return self._borne is not None and self._successes >= self._borne * self._caution

    @asynccontextmanager
    async def place(self, *, careful: bool = False) -> AsyncIterator[Callable[[], None]]:
        """Have a place among the requests in flight, as soon as there is one: first come, first served. Gives what is
        to be called when the request is accepted. ``careful``: it was refused before.

        An UpstreamError that is raised inside, and asks for patience, slows the pace.
        """
        self._wanted += 1
        self._most_wanted = max(self._most_wanted, self._wanted)
        try:
            if self._borne is not None:
                await self._wait(careful)
            place = self._take()
            refusal: UpstreamError | None = None
            try:
                yield partial(self._accept, place)
            except UpstreamError as error:
                refusal = error if isinstance(error, Busy) or error.retry_after is not None else None
                raise
            finally:
                self._leave(place)
                if refusal is not None:
                    self._cut(place, refusal.retry_after)
        finally:
            self._wanted -= 1

    async def _wait(self, careful: bool) -> None:
        async with self._line:
            while True:
                if self._until is not None:
                    await self._rest(self._until)
                elif not self._has_room(careful):
                    self._stirred.clear()
                    await self._stirred.wait()
                else:
                    return

    async def _rest(self, until: float) -> None:
        if (left := until - self._clock()) > 0:
            await self._pause(left)
        if self._until == until:  # else it was refused again
            self._until = None

    def _has_room(self, careful: bool) -> bool:
        if self._borne is None:
            return True
        return self._scout is None and self._in_flight < self._borne + (self._tries and not careful)

    def _take(self) -> _Place:
        place = _Place(self._cuts)
        self._in_flight += 1
        if self._in_doubt:
            self._scout = place
        return place

    def _accept(self, place: _Place) -> None:
        place.served = True
        self._served += 1
        self._most_served = max(self._most_served, self._served)
        if self._borne is None or place.cuts != self._cuts:
            return
        self._in_doubt, self._scout = False, None
        self._next_pause = FIRST_PAUSE
        if self._served > self._borne:
            self._borne, self._successes, self._caution = self._served, 0, 1
        else:
            self._successes += 1
        if self._tries and self._borne >= self._most_wanted and self._until is None:
            self._borne, self._most_wanted = None, self._wanted  # nobody ever wanted more
        self._stirred.set()

    def _leave(self, place: _Place) -> None:
        self._in_flight -= 1
        self._served -= place.served
        if self._scout is place:
            self._scout = None
        self._stirred.set()

    def _cut(self, place: _Place, retry_after: float | None) -> None:
        """It was refused, and is gone. One that was sent before the last cut tells nothing of what it bears since."""
        stale = self._borne is not None and place.cuts != self._cuts
        if self._borne is not None and stale:
            self._borne = min(self._borne, max(1, self._in_flight, self._most_served))
        else:
            self._cuts += 1
            if self._tries:
                self._caution = min(2 * self._caution, MOST_CAUTION)
            self._borne, self._most_served = max(1, self._in_flight), self._served
            self._in_doubt = True
        self._successes = 0
        if retry_after:
            self._hold(min(retry_after, LONGEST_PAUSE))
        elif not stale:
            self._hold(self._next_pause * (1 + self._jitter()) / 2)
            self._next_pause = min(2 * self._next_pause, LONGEST_PAUSE)

    def _hold(self, seconds: float) -> None:
        self._until = max(self._until or 0.0, self._clock() + seconds)


class Paces:
    """The paces of all endpoints, by address."""

    def __init__(self, *, clock: Clock, pause: Pause, jitter: Callable[[], float] = random.random) -> None:
        self._make = partial(Pace, clock=clock, pause=pause, jitter=jitter)
        self._kept: dict[str, Pace] = {}

    def of(self, endpoint: Endpoint) -> Pace:
        pace = self._kept.get(endpoint.base_url)
        if pace is None:
            if len(self._kept) >= MAX_KEPT:
                del self._kept[next(iter(self._kept))]
            pace = self._kept[endpoint.base_url] = self._make()
        return pace

    def limits(self) -> dict[str, int]:
        """By address, how many requests may be in flight, where that is limited."""
        return {address: pace.limit for address, pace in self._kept.items() if pace.limit is not None}
