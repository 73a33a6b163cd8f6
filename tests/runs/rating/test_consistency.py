"""Consistency: the share of a judge's pairs of ballots that name the same winner."""

from debate_server.runs.evaluation.statistics import wilson
from debate_server.runs.rating.consistency import Consistency, consistency
from tests.runs.results import result, votes


def test_a_judge_is_as_consistent_as_its_pairs_name_one_winner() -> None:
    told = consistency(
        [
            result("1", votes=(*votes("J", ["Pro", "Pro"]), *votes("K", ["Pro", "Con"]))),
            result("2", votes=(*votes("J", ["tie", "tie"]), *votes("J", ["Con", "tie"], round_=2))),
            result("3", votes=(*votes("J", ["Pro", None]), *votes("K", ["Con"]))),  # no whole pairs
            result("4", votes=votes("J", ["Con", "Con"], model="other")),
        ]
    )
    assert told == (
        Consistency("J", "j", 3, 2, wilson(2, 3)),
        Consistency("J", "other", 1, 1, wilson(1, 1)),
        Consistency("K", "j", 1, 0, wilson(0, 1)),
    )


def test_who_has_cast_no_pair_is_left_out() -> None:
    assert consistency([result("1", votes=votes("J", ["Pro"]))]) == ()
