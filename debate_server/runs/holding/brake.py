"""The brake: an endpoint that fails slows a run down and stops it, before it has gone through the file for nothing.

So many debates run at a time as the last ones have shown to go well: a few at first, one more with each that succeeds
(the slow start of TCP, RFC 5681), half as many after each that its models failed, with a pause that doubles.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from debate_server.core.errors import DebateError

FIRST: Final = 4
# So many failures, each of a debate that was begun after the one before had failed, are no accident.
MOST_FAILURES: Final = 8
# Seconds before a debate is begun after one that failed; twice as many after the next.
FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 60.0


class EndpointFails(DebateError):
    """The models failed one debate after the other."""

    code = "endpoint_fails"


@dataclass(frozen=True, slots=True)
class How:
    """How a debate went: why its models failed it, None where they did not; ``hopeless``: so they would the next."""

    cause: str | None = None
    hopeless: bool = False


class Brake:
    """For debates of the same models, at most ``at_once`` of them at a time. ``pause`` waits so many seconds."""

    def __init__(self, at_once: int, pause: Callable[[float], Awaitable[None]]) -> None:
        self._most = at_once
        self._allowed = min(at_once, FIRST)
        self._running = 0
        self._failures = 0
        self._wait = 0.0
        self._waiting = False
        self._cause = ""
        self._pause = pause
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def held(self) -> AsyncIterator[Callable[[How], None]]:
        """While a debate is held; begins when it may. What it gives is to be told how that went. Raises EndpointFails
        where no more are to be begun."""
        async with self._changed:
            await self._changed.wait_for(self._is_free)
            if self._failures >= MOST_FAILURES:
                raise EndpointFails(
                    f"No more debates are begun with this model: {self._cause} Look at that; then the same command, "
                    "with --retry-failed, goes on."
                )
            self._running += 1
            wait, self._wait = self._wait, 0.0
        try:
            if wait:
                await self._slow_down(wait)
            begun = self._failures
            yield lambda how: self._note(how, begun)
        finally:
            self._running -= 1
            await self._tell()

    def _is_free(self) -> bool:
        return self._failures >= MOST_FAILURES or (self._running < self._allowed and not self._waiting)

    async def _slow_down(self, wait: float) -> None:
        self._waiting = True
        try:
            await self._pause(wait)
        finally:
            self._waiting = False
            await self._tell()

    def _note(self, how: How, begun: int) -> None:
        """``begun``: how many failures there had been when it began. Of those underway together one counts."""
        if how.cause is None:
            self._failures, self._wait = 0, 0.0
            self._allowed = min(self._most, self._allowed + 1)
        elif begun == self._failures:
            self._cause, self._failures = how.cause, MOST_FAILURES if how.hopeless else begun + 1
            self._allowed = max(1, self._allowed // 2)
            self._wait = min(LONGEST_PAUSE, FIRST_PAUSE * 2**begun)

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()
