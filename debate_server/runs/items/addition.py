"""Sums of two numbers, for models that are too small for anything else: the embedded one is right on some of them."""

from debate_server.runs.items.dice import Dice
from debate_server.runs.items.puzzle import Puzzle


def addition(dice: Dice) -> Puzzle:
    """Such as "What is 7+42?": each number is below ten as often as it is any below a hundred."""
    a, b = (dice.below(dice.one((10, 100))) for _ in range(2))
    return Puzzle(f"What is {a}+{b}?", str(a + b), "addition")
