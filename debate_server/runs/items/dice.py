"""Draws by a seed that are the same in every version of Python.

Only ``random()`` is promised to give the same numbers for a whole number as its seed in versions to come ("Notes on
Reproducibility" in the documentation of ``random``); ``randrange``, ``choice`` and ``shuffle`` have changed before.
"""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """``seed``: 0 or more."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed).random

    def below(self, end: int) -> int:
        """A whole number from 0 to one less than ``end``."""
        return int(self._random() * end)

    def one(self, things: Sequence[T]) -> T:
        return things[self.below(len(things))]

    def some(self, things: Sequence[T], count: int) -> list[T]:
        """So many different ones of them, in any order."""
        left = list(things)
        return [left.pop(self.below(len(left))) for _ in range(count)]

    def shuffled(self, things: Sequence[T]) -> list[T]:
        return self.some(things, len(things))
