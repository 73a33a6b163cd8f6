"""The watch over a speech's deadlines: one timer for all of them, which is put off only when it fires. Setting one for
each token would cost more than the token."""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Self

from debate_server.upstream.deadlines import Deadlines


class Watch:
    """A context manager: inside, ``passed`` is called once when a deadline has passed."""

    def __init__(self, deadlines: Deadlines, passed: Callable[[], object]) -> None:
        self._deadlines = deadlines
        self._passed = passed
        self._loop = asyncio.get_running_loop()
        self._due = deadlines.at
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> Self:
        self._look()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def hasten(self) -> None:
        """To be called where the next deadline may have become an earlier one."""
        if self._deadlines.at < self._due and self._timer is not None:
            self._timer.cancel()
            self._look()

    def _look(self) -> None:
        self._due = self._deadlines.at
        if self._loop.time() < self._due:
            self._timer = self._loop.call_at(self._due, self._look)
        else:
            self._passed()
