"""The line: how long a debate has only waited for its place at its endpoints. That is no time that it ran."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Line:
    """``clock`` gives seconds. What counts is the time in which requests of the debate wait and none is on its way."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._waiting = self._asked = 0
        self._spent = 0.0
        self._since: float | None = None

    @property
    def spent(self) -> float:
        """For how many seconds by now."""
        return self._spent + (self._clock() - self._since if self._since is not None else 0.0)

    @contextmanager
    def request(self) -> Iterator[Callable[[], None]]:
        """While a request waits, and after it is told to leave until its answer is over."""
        left = False

        def leave() -> None:
            nonlocal left
            left = True
            self._change(-1, 1)

        self._change(1, 0)
        try:
            yield leave
        finally:
            self._change(*((0, -1) if left else (-1, 0)))

    def _change(self, waiting: int, asked: int) -> None:
        self._waiting, self._asked = self._waiting + waiting, self._asked + asked
        if self._waiting and not self._asked:
            self._since = self._clock() if self._since is None else self._since
        elif self._since is not None:
            self._spent, self._since = self.spent, None
