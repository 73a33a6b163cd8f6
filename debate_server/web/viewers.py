"""The open streams: how many there may be, and their end when the server ends."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from debate_server.core.errors import Full


class Viewers:
    """Counts the viewers and can send them all away. ``leaving``: the server is ending."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._tasks: set[asyncio.Task[object]] = set()
        self.leaving = False

    def __len__(self) -> int:
        return len(self._tasks)

    @contextmanager
    def one(self) -> Iterator[None]:
        """The current task is a viewer. Raises Full."""
        if len(self._tasks) >= self._most:
            raise Full(f"{self._most} viewers are watching.", limit=self._most, setting="--max-viewers", retry_after=10)
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            yield
        finally:
            self._tasks.discard(task)

    def leave(self) -> None:
        """End all streams; their viewers come back by cursor."""
        self.leaving = True
        for task in self._tasks:
            task.cancel()
