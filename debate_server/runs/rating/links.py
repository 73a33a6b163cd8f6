"""Links: between whom matches tell how far apart they are, and on which side of those the others are.

Points lead from who has won them to whom they were won from. Between two that points lead from to each other, if by way
of others, the distance is finite (Ford, Am. Math. Mon. 64, 1957); who only wins might be ahead by any.
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import shortest_path

# "within" the group that is linked; "ahead" of it: with those that are so too it has won everything against all others;
# "behind": lost everything; "apart": it has met none of the group, nor do points lead there or back.
Stands = Literal["within", "ahead", "behind", "apart"]

Truths = NDArray[np.bool_]


def ways(points: NDArray[np.float64]) -> Truths:
    """Of each whether points lead from it to each other one, and to itself. ``points[i, j]``: what i has won
    against j."""
    leads: Truths = np.isfinite(shortest_path(points > 0, unweighted=True))
    return leads


def stands(points: NDArray[np.float64], leads: Truths) -> list[Stands]:
    """How each stands to the largest group whose members points lead from to each other; of several that with the most
    matches. Where no two are linked, to the one that most can be compared with and that is in their middle."""
    linked = leads & leads.T

    def weight(one: int) -> tuple[float, ...]:
        group = linked[one]
        ahead, behind = leads[:, one].sum() - group.sum(), leads[one].sum() - group.sum()
        return group.sum(), points[np.ix_(group, group)].sum(), ahead + behind, -abs(ahead - behind)

    one = max(range(len(points)), key=weight)
    sides: dict[tuple[bool, bool], Stands] = {
        (True, True): "within", (True, False): "ahead", (False, True): "behind", (False, False): "apart",
    }  # fmt: skip
    return [sides[bool(there), bool(back)] for there, back in zip(leads[:, one], leads[one], strict=True)]
