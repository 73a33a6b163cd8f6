"""Links: who can be compared with whom, and on which side of them the others are."""

import numpy as np
import pytest

from debate_server.runs.rating.links import Stands, stands, ways

SIDES: dict[str, Stands] = {"=": "within", "+": "ahead", "-": "behind", "?": "apart"}


@pytest.mark.parametrize(
    ("won", "told"),
    [
        ("AB BA", "=="),
        ("AB BC CA", "==="),  # each by way of others
        ("AB BA AC", "==-"),
        ("AB BA CA", "==+"),
        ("AB BA BC CD", "==--"),  # D by way of C
        ("CA AB BC DC ED CF FG", "===++--"),
        ("AB BA CD DC", "==??"),  # as many matches: the first
        ("AB BA CD DC DC", "??=="),  # more matches
        ("AB BA AB BA CD DE EC", "??==="),  # more of them, whatever they played
        ("AB BA CA CD", "==+?"),  # D has lost to one who is ahead, which tells nothing
        ("AB", "=-"),
        ("AB BC AC", "+=-"),  # no two are linked: beside the one in the middle
        ("AC BC", "++="),  # beside the one that both met
    ],
)
def test_who_has_won_against_whom_says_who_can_be_compared(won: str, told: str) -> None:
    points = np.zeros((len(told), len(told)))
    for pair in won.split():
        points[ord(pair[0]) - ord("A"), ord(pair[1]) - ord("A")] += 1
    assert stands(points, ways(points)) == [SIDES[side] for side in told]
