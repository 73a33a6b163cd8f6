"""The open streams: how many there may be, and their end when the server ends."""

import asyncio
from typing import Final

from debate_server.core.errors import Full

# So many viewers are written a large slice before all else has its turn. A crowd that catches up all at once would stop
# the live debates for as long as that takes.
CATCHING_UP: Final = 4


class Viewers:
    """Counts the viewers and can send them all away. ``leaving``: the server is ending. ``turns`` are the places of
    those who catch up.

    A context manager: inside, the current task is a viewer. It makes nothing for each of them, since they may be many
    and wait for hours.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._tasks: set[asyncio.Task[object]] = set()
        self.leaving = False
        self.turns = asyncio.Semaphore(CATCHING_UP)

    def __len__(self) -> int:
        return len(self._tasks)

    def __enter__(self) -> None:
        """Raises Full."""
        if len(self._tasks) >= self._most:
            raise Full(f"{self._most} viewers are watching.", limit=self._most, setting="--max-viewers", retry_after=10)
        self._tasks.add(_task())

    def __exit__(self, *_: object) -> None:
        self._tasks.discard(_task())

    def leave(self) -> None:
        """End all streams; their viewers come back by cursor."""
        self.leaving = True
        for task in self._tasks:
            task.cancel()


def _task() -> asyncio.Task[object]:
    task = asyncio.current_task()
    assert task is not None
    return task
