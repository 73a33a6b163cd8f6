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

    def take(self) -> None:
        """Count a start. Raises TooManyStarts, and then it does not count."""
        if not self._most:
            return
        now = self._clock()
        if len(self._starts) == self._most and (wait := self._starts[0] + MINUTE - now) > 0:
            raise TooManyStarts(
                f"{self._most} debates were begun within a minute.",
                limit=self._most,
                setting="--starts-per-minute",
                retry_after=ceil(wait),
            )
        self._starts.append(now)
