"""Ratings, held against a published table, against statsmodels, and by what holds for any matches."""

import random
from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from debate_server.runs.rating.matches import Match, Outcome
from debate_server.runs.rating.met import Met
from debate_server.runs.rating.rate import MEAN, SCALE, Floats, Ratings, rate, strengths

TEAMS = ("Milwaukee", "Detroit", "Toronto", "New York", "Boston", "Cleveland", "Baltimore")
# How often the team of the row won against that of the column in 1987, at home and away.
BASEBALL = np.array(
    [
        [0, 7, 9, 7, 7, 9, 11],
        [6, 0, 7, 5, 11, 9, 9],
        [4, 6, 0, 7, 7, 8, 12],
        [6, 8, 6, 0, 6, 7, 10],
        [6, 2, 6, 7, 0, 7, 12],
        [4, 4, 5, 6, 6, 0, 6],
        [2, 4, 1, 3, 1, 7, 0],
    ],
    dtype=float,
)
PUBLISHED = (1.581, 1.436, 1.294, 1.248, 1.108, 0.684, 0.0)

names = st.sampled_from("ABCDE")
EITHER: tuple[Outcome, ...] = ("first", "second", "first")
outcomes: st.SearchStrategy[Outcome] = st.sampled_from(("first", "second", "tie"))
matches = st.lists(
    st.builds(Match, names, names, outcomes, st.sampled_from(("", "x", "y", "z"))).filter(
        lambda m: m.first != m.second
    ),
    min_size=1,
    max_size=30,
)


def season() -> list[Match]:
    return [
        Match(TEAMS[one], TEAMS[other], "first")
        for one, row in enumerate(BASEBALL)
        for other, won in enumerate(row)
        for _ in range(int(won))
    ]


def against(points: Floats) -> Floats:
    """The strengths of a logistic regression on who plays, the last one's being 0."""
    rows, won = [], []
    for one, other in combinations(range(len(points)), 2):
        row = np.zeros(len(points))
        row[one], row[other] = 1, -1
        rows.append(row[:-1])
        won.append((points[one, other], points[other, one]))
    fitted = sm.GLM(np.array(won), np.array(rows), family=sm.families.Binomial()).fit(tol=1e-12)
    return np.append(fitted.params, 0.0)


def test_strengths_are_the_published_ones() -> None:
    """Agresti, Categorical Data Analysis, the American League East of 1987; to three digits as in Turner & Firth,
    "Bradley-Terry Models in R: The BradleyTerry2 Package", J. Stat. Softw. 48(9) (2012), section 2."""
    told = strengths(BASEBALL)
    assert told - told[-1] == pytest.approx(PUBLISHED, abs=5e-4)
    assert told.sum() == pytest.approx(0, abs=1e-9)


def test_strengths_are_those_of_another_library_with_ties_too() -> None:
    dice = np.random.default_rng(3)
    for size in (3, 5, 9):
        points = dice.integers(1, 40, size=(size, size)) / 2
        np.fill_diagonal(points, 0)
        told = strengths(points)
        assert told - told[-1] == pytest.approx(against(points), abs=1e-6)


def test_ratings_are_strengths_in_elo_points_drawn_in_a_little() -> None:
    told = rate(season(), seed=1)
    assert [one.model for one in told.models] == list(TEAMS)
    assert (told.matches, told.topics, {one.stands for one in told.models}) == (273, 0, {"within"})
    assert [(one.matches, one.won, one.tied) for one in told.models[:2]] == [(78, 50, 0), (78, 47, 0)]
    regular = against(BASEBALL + (1 - np.eye(7)) / 12)
    ratings = np.array([one.rating.value for one in told.models])
    assert ratings == pytest.approx(MEAN + SCALE * (regular - regular.mean()), abs=1e-3)
    assert ratings - ratings[-1] == pytest.approx(SCALE * np.array(PUBLISHED), rel=0.02)


def test_a_difference_of_400_is_ten_wins_to_one() -> None:
    told = rate([*[Match("A", "B", "first")] * 1000, *[Match("A", "B", "second")] * 100], seed=1)
    [a, b] = (one.rating.value for one in told.models)
    assert a - b == pytest.approx(400, abs=2)
    assert a + b == pytest.approx(2 * MEAN)
    assert told.beats[0][1] == pytest.approx(10 / 11, abs=1e-3)


def test_a_tie_is_half_a_win_for_each() -> None:
    tied = rate([Match("A", "B", "tie")] * 2 + [Match("A", "B", "first")], seed=1)
    won = rate([Match("A", "B", "first")] * 2 + [Match("A", "B", "second")], seed=1)
    assert [one.rating.value for one in tied.models] == pytest.approx([one.rating.value for one in won.models])
    assert [(one.matches, one.won, one.tied) for one in tied.models] == [(3, 1, 2), (3, 0, 2)]


def ends(told: Ratings) -> set[float | None]:
    return {end for one in told.models for end in (one.rating.low, one.rating.high)}


def width(told: Ratings) -> float:
    rating = told.models[0].rating
    assert rating.low is not None
    assert rating.high is not None
    return rating.high - rating.low


def test_there_is_no_interval_where_nothing_tells_one() -> None:
    both = [Match("A", "B", "first"), Match("A", "B", "second")]
    assert ends(rate([replace(match, topic="one") for match in both * 20], seed=1)) == {None}  # one topic
    few = [replace(both[n % 2], topic=f"{n}") for n in range(4)]
    assert ends(rate(few, seed=1)) == {None}
    alike = [replace(match, topic=f"{n}") for n in range(20) for match in both]
    assert ends(rate(alike, seed=1)) == {None}
    assert ends(rate([Match("A", "B", "tie")] * 20, seed=1)) == {None}
    assert ends(rate(both * 2, seed=1)) == {None}
    assert None not in ends(rate(both * 3, seed=1))


def test_who_has_won_everything_has_a_rating_and_it_says_that_the_matches_do_not_tell() -> None:
    told = rate([Match("A", "B", "first")] * 20, seed=1)
    [a, b] = (one.rating.value for one in told.models)
    assert a - b == pytest.approx(SCALE * np.log(20.5 / 0.5))
    assert {one.stands for one in told.models} != {"within"}
    assert ends(told) == {None}


def league(players: str, beaten: str = "", topics: int = 20) -> list[Match]:
    """All pairs of some on every topic, either of whom may win, and of them and others that lose to all of them."""
    dice, won = random.Random(2), list[Match]()
    for topic in map(str, range(topics)):
        won += [Match(one, other, dice.choice(EITHER), topic) for one, other in combinations(players, 2)]
        won += [Match(one, other, "first", topic) for one in players for other in beaten]
    return won


def test_one_that_loses_everything_moves_no_rating_and_no_interval_of_the_others() -> None:
    alone, told = rate(league("ABC"), seed=1), rate(league("ABC", "D"), seed=1)
    assert {one.model: one.rating for one in told.models[:3]} == {one.model: one.rating for one in alone.models}
    assert None not in ends(alone)
    assert [one.stands for one in told.models] == ["within"] * 3 + ["behind"]
    assert (told.models[3].model, told.models[3].rating.low) == ("D", None)
    assert sum(one.rating.value for one in told.models[:3]) == pytest.approx(3 * MEAN)
    assert told.beats[1][3] == pytest.approx(20.17 / 20.33, abs=0.004)


def test_one_that_wins_everything_is_ahead_without_an_interval() -> None:
    won = [Match("D", name, "first", f"{topic}") for name in "ABC" for topic in range(20)]
    first, *others = rate([*league("ABC"), *won], seed=1).models
    assert (first.model, first.stands, first.rating.low) == ("D", "ahead", None)
    assert [one.rating for one in others] == [one.rating for one in rate(league("ABC"), seed=1).models]


def test_of_two_groups_that_never_met_the_larger_one_has_the_intervals() -> None:
    """Two by two that with more matches: nothing tells how far apart the groups are, nor who would win."""
    told = rate([*league("AB", topics=9), *league("CD", topics=19)], seed=1)
    by_name = {one.model: one for one in told.models}
    assert [by_name[name].stands for name in "ABCD"] == ["apart", "apart", "within", "within"]
    assert [by_name[name].rating.low is None for name in "ABCD"] == [True, True, False, False]
    assert by_name["C"].rating.value + by_name["D"].rating.value == pytest.approx(2 * MEAN)
    place = {one.model: number for number, one in enumerate(told.models)}
    assert told.beats[place["A"]][place["C"]] is None
    assert told.beats[place["A"]][place["B"]] is not None


def test_few_topics_of_the_linked_are_few_however_many_others_lose_on() -> None:
    lost = [Match("A", "C", "first", f"{topic}") for topic in range(20)]
    assert ends(rate([*league("AB", topics=4), *lost], seed=1)) == {None}
    assert ends(rate([*league("AB", topics=5), *lost], seed=1)) != {None}


def test_equal_ratings_are_in_the_order_of_names_whatever_noise_there_is() -> None:
    """A and E are alike, and so are B and D; their strengths differ in the twelfth digit."""
    won = {"AB": 5, "BA": 1, "AC": 5, "CA": 5, "AD": 1, "DA": 3, "AE": 4, "BC": 1, "CB": 4, "BD": 5}
    mirrored = {pair.translate(str.maketrans("ABCDE", "EDCBA")): times for pair, times in won.items()}
    played = [Match(pair[0], pair[1], "first", "x") for pair, times in (won | mirrored).items() for _ in range(times)]
    models = rate(played, seed=1).models
    assert [one.model for one in models] == ["C", "A", "E", "B", "D"]
    assert [one.rating == other.rating for one, other in pairwise(models)] == [False, True, False, True]


def test_who_met_whom_is_counted_the_better_rated_one_first() -> None:
    played = [Match("A", "B", "second"), Match("B", "A", "first"), Match("A", "B", "tie"), Match("A", "B", "first")]
    told = rate([*played, Match("C", "B", "first")], seed=1)
    assert told.met == (Met("C", "B", 1, 1, 0, 0), Met("B", "A", 4, 2, 1, 1))


def test_those_who_have_never_met_are_rated_by_their_own_matches() -> None:
    told = rate([Match("A", "B", "first"), Match("C", "D", "first"), Match("C", "D", "first")], seed=1)
    assert [one.model for one in told.models] == ["C", "A", "B", "D"]
    assert {one.stands for one in told.models} != {"within"}
    ring = rate([Match("A", "B", "first"), Match("B", "C", "tie"), Match("C", "A", "first")], seed=1)
    assert {one.stands for one in ring.models} == {"within"}


def test_matches_of_a_topic_are_drawn_together() -> None:
    of_a_topic: tuple[list[Outcome], ...] = (["first"] * 10, ["second"] * 10)
    alike = [Match("A", "B", winner, f"{topic}") for topic in range(20) for winner in of_a_topic[topic % 2]]
    apart = rate([replace(match, topic="") for match in alike], seed=1)
    assert width(rate(alike, seed=1)) == pytest.approx(width(apart) * 10**0.5, rel=0.2)


def test_intervals_are_as_wide_as_the_theory_of_many_matches_says() -> None:
    told = rate([Match("A", "B", "first")] * 360 + [Match("A", "B", "second")] * 240, seed=1)
    error = SCALE / 2 / (600 * 0.6 * 0.4) ** 0.5  # each has half of the difference, whose variance is 1 / npq
    assert width(told) == pytest.approx(2 * 1.96 * error, rel=0.1)


def test_another_seed_is_other_dice() -> None:
    played = [Match("A", "B", "first"), Match("A", "B", "second"), Match("A", "B", "tie")] * 99
    drawn = [rate(played, seed=seed).models for seed in (1, 1, 2, 3, 4)]
    assert drawn[0] == drawn[1]
    assert any(other != drawn[0] for other in drawn[2:])


@settings(max_examples=4, deadline=None)
@given(matches, st.randoms(use_true_random=False))
def test_ratings_are_in_order_around_their_mean_and_the_order_of_matches_makes_no_difference(
    played: list[Match], dice: random.Random
) -> None:
    told = rate(played, seed=1)
    ratings = [one.rating.value for one in told.models]
    assert ratings == sorted(ratings, reverse=True)
    linked = [one.rating.value for one in told.models if one.stands == "within"]
    around = linked if len(linked) > 1 else ratings
    assert sum(around) / len(around) == pytest.approx(MEAN)
    for rating in (one.rating for one in told.models):
        assert rating.low is None or rating.high is None or rating.low <= rating.value <= rating.high
    assert sum(one.matches for one in told.models) == 2 * len(played)
    assert sum(pair.matches for pair in told.met) == len(played)
    shares = np.array(told.beats, dtype=float)
    assert np.nan_to_num(shares + shares.T, nan=1.0) == pytest.approx(np.ones_like(shares))
    turned: dict[Outcome, Outcome] = {"first": "second", "second": "first", "tie": "tie"}
    other = [
        replace(one, first=one.second, second=one.first, winner=turned[one.winner]) if dice.random() < 0.5 else one
        for one in played
    ]
    dice.shuffle(other)
    assert rate(iter(other), seed=1) == told
