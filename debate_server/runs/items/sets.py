"""The sets of items that ship: made by a seed, and the same wherever they are made."""

from collections.abc import Callable, Iterator
from typing import Final

from debate_server.runs.items.addition import addition
from debate_server.runs.items.arithmetic import arithmetic
from debate_server.runs.items.dice import Dice
from debate_server.runs.items.logic import logic
from debate_server.runs.items.puzzle import Puzzle
from debate_server.runs.items.shape import Item

# Each has more than anybody may ask for at once.
SETS: Final[dict[str, Callable[[Dice], Puzzle]]] = {"addition": addition, "arithmetic": arithmetic, "logic": logic}


def made(name: str, count: int, seed: int) -> Iterator[Item]:
    """So many different items of that set. A seed's first ones are the same, however many there are.

    Raises KeyError where there is no such set.
    """
    make, dice, topics = SETS[name], Dice(seed), set[str]()
    while len(topics) < count:
        puzzle = make(dice)
        if puzzle.topic not in topics:
            topics.add(puzzle.topic)
            number = len(topics)
            yield Item(
                f"{name}-{seed}-{number}", number, puzzle.topic, answer=puzzle.answer, choices=puzzle.choices,
                tags=(puzzle.kind,),
            )  # fmt: skip
