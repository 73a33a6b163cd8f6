"""How many debates may be begun within a minute, where there is a limit to it."""

from collections import deque
from collections.abc import Callable
from math import ceil
from typing import Final

from debate_server.core.errors import TooManyStarts

MINUTE: Final = 60.0


class Rate:
    """At most ``most`` starts in any minute; 0: as many as one likes. ``clock`` gives seconds."""

    def __init__(self, most: int, clock: Callable[[], float]) -> None:
        self._most = most
        self._clock = clock
        self._starts = deque[float](maxlen=most)

    def count(self) -> None:
        """A debate was begun."""
        self._starts.append(self._clock())

    def check(self) -> None:
        """Whether one may be begun now. Raises TooManyStarts."""
        if not self._most or len(self._starts) < self._most:
            return
        if (wait := self._starts[0] + MINUTE - self._clock()) > 0:
            raise TooManyStarts(
                f"{self._most} debates were begun within a minute.",
                limit=self._most,
                setting="--starts-per-minute",
                retry_after=ceil(wait),
            )
