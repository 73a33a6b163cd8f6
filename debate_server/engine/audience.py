"""The audience: who watches which debate, and since when nobody has.

A debate that nobody watches any more stops at the end of a turn, unless it was started to run on its own.
"""

from collections import Counter
from collections.abc import Callable, Collection


class Audience:
    """Counts the viewers of each debate. ``clock`` gives seconds; polling counts as watching for a moment."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._viewers: Counter[str] = Counter()
        # When each debate that runs here was last watched.
        self._seen: dict[str, float] = {}

    def expect(self, debate: str) -> None:
        """A debate begins here: from now on its audience may come."""
        self._seen[debate] = self._clock()

    def forget(self, debate: str) -> None:
        """A debate is over here: whether it is watched does not matter any more."""
        self._seen.pop(debate, None)

    def come(self, debates: Collection[str]) -> None:
        """One viewer watches these debates from now on."""
        self._viewers.update(iter(debates))  # one each, also where it is a mapping: its values are no counts

    def go(self, debates: Collection[str]) -> None:
        """One who came leaves."""
        for debate in debates:
            self._viewers[debate] -= 1
            if not self._viewers[debate]:
                del self._viewers[debate]
            self.glance(debate)

    def glance(self, debate: str) -> None:
        """Somebody looked in, as one who polls does."""
        if debate in self._seen:
            self._seen[debate] = self._clock()

    def absent(self, debate: str) -> float:
        """For how many seconds nobody has watched (0: somebody does)."""
        return 0.0 if debate in self._viewers else self._clock() - self._seen.get(debate, self._clock())
