"""An event loop whose clock can be held: where it would wait for time to pass, it then lets it pass at once.

So what comes within a second of its clock is the same on a fast machine and on a slow one. Its sockets are real.
"""

import asyncio
import selectors
import time
from collections.abc import Iterator
from contextlib import contextmanager

Ready = list[tuple[selectors.SelectorKey, int]]


class _Selector(selectors.DefaultSelector):
    """What the loop waits with. ``held`` is the time where the clock stands (None: it runs)."""

    held: float | None = None

    def select(self, timeout: float | None = None) -> Ready:
        if self.held is None or timeout is None:
            return super().select(timeout)
        ready = super().select(0)
        if not ready:
            self.held += timeout
        return ready


class ClockLoop(asyncio.SelectorEventLoop):
    """A loop like any other, until its clock is held."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self._waiting = _Selector()
        super().__init__(self._waiting)

    def time(self) -> float:
        held = self._waiting.held
        return time.monotonic() + self._ahead if held is None else held

    @contextmanager
    def held(self) -> Iterator[None]:
        """Meanwhile work takes no time, and waiting takes none of ours. Not for work in threads: it might seem to take
        hours."""
        self._waiting.held = self.time()
        try:
            yield
        finally:
            self._ahead = self._waiting.held - time.monotonic()
            self._waiting.held = None
