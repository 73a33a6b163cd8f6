"""Sums as in "Improving Factuality and Reasoning in Language Models through Multiagent Debate" (Du et al.,
arXiv:2305.14325): six whole numbers from 0 to 29, of which the second and third, and the last two, are multiplied.

The paper's own numbers come from another generator; these are of the same kind, not the same.
"""

from typing import Final

from debate_server.runs.items.dice import Dice
from debate_server.runs.items.puzzle import Puzzle

_END: Final = 30


def arithmetic(dice: Dice) -> Puzzle:
    """Such as "What is the result of 12+15*21+0-3*27?"."""
    a, b, c, d, e, f = (dice.below(_END) for _ in range(6))
    return Puzzle(f"What is the result of {a}+{b}*{c}+{d}-{e}*{f}?", str(a + b * c + d - e * f), "arithmetic")
