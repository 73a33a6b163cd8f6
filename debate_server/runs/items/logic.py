"""Logic puzzles of two kinds, each with one solution: who comes where in an order, and who lies."""

from debate_server.runs.items.dice import Dice
from debate_server.runs.items.knights import knights
from debate_server.runs.items.ordering import ordering
from debate_server.runs.items.puzzle import Puzzle


def logic(dice: Dice) -> Puzzle:
    """A puzzle of either kind."""
    return dice.one((ordering, knights))(dice)
