"""A puzzle: a question that has one right answer. What it is about is made up in modules of their own."""

from dataclasses import dataclass
from typing import Final

# People that puzzles are about; no two begin with the same letter, and none is another word too.
NAMES: Final = (
    "Ada", "Bruno", "Cleo", "Dmitri", "Emma", "Felix", "Gloria", "Hana", "Ivan", "Jonas", "Kira", "Leila", "Marta",
    "Nils", "Omar", "Petra", "Quentin", "Rosa", "Samir", "Tessa",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Puzzle:
    """``choices``: the answers that there are, empty where any is one; ``kind``: what the puzzle is an instance of."""

    topic: str
    answer: str
    kind: str
    choices: tuple[str, ...] = ()
