"""Statistics, held against published worked examples and against statsmodels and scipy."""

import tracemalloc
from fractions import Fraction
from itertools import product
from operator import mul

import numpy as np
import pytest
import scipy.stats
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import mcnemar as reference_mcnemar
from statsmodels.stats.proportion import proportion_confint

from debate_server.runs.evaluation.statistics import RESAMPLES, SIGNS, accuracy, mcnemar, mean, randomised, wilson

DICE = np.random.default_rng(1)
counts = st.integers(1, 10_000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))
differences = st.lists(st.sampled_from([-1.0, -0.5, 0.0, 0.5, 1.0]), min_size=1, max_size=60)


@pytest.mark.parametrize(
    ("right", "of", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilsons_interval_is_the_published_one(right: int, of: int, low: float, high: float) -> None:
    """Newcombe, "Two-sided confidence intervals for the single proportion", Stat. Med. 17 (1998), table I, method 3."""
    told = wilson(right, of)
    assert (told.value, told.low, told.high) == pytest.approx((right / of, low, high), abs=5e-5)


def test_wilsons_interval_is_the_one_of_another_library() -> None:
    for of in DICE.integers(1, 5000, size=100):
        right = DICE.integers(0, of + 1)
        told = wilson(right, of)
        assert (told.low, told.high) == pytest.approx(proportion_confint(right, of, method="wilson"), abs=1e-9)


@settings(deadline=None)
@given(counts)
def test_an_interval_of_a_share_holds_it_and_is_mirrored_by_the_rest(count: tuple[int, int]) -> None:
    right, of = count
    told, rest = wilson(right, of), wilson(of - right, of)
    assert 0 <= told.low <= told.value <= told.high <= 1
    assert (told.low, told.high) == pytest.approx((1 - rest.high, 1 - rest.low))
    assert told.high - told.low > (more := wilson(right * 2, of * 2)).high - more.low


@pytest.mark.parametrize(("only_first", "only_second", "p"), [(12, 2, 0.0129), (6, 16, 0.052479), (1, 7, 0.0703)])
def test_mcnemars_exact_p_is_the_published_one(only_first: int, only_second: int, p: float) -> None:
    """The culture media of Armitage & Berry, Statistical Methods in Medical Research (1994), p. 127, by Liddell's exact
    test; Cavo et al. (2012) and Bentur et al. (2009) as in Fagerland, Lydersen & Laake, BMC Med. Res. Methodol. 13:91
    (2013) and their Statistical Analysis of Contingency Tables (2017)."""
    assert mcnemar(only_first, only_second) == pytest.approx(p, abs=5e-5)


def test_mcnemars_exact_p_is_the_one_of_another_library() -> None:
    for only_first, only_second in DICE.integers(0, 300, size=(50, 2)):
        reference = reference_mcnemar([[5, only_first], [only_second, 7]], exact=True).pvalue
        assert mcnemar(only_first, only_second) == pytest.approx(reference, abs=1e-9)


@settings(deadline=None)
@given(st.integers(0, 500), st.integers(0, 500))
def test_which_of_two_comes_first_makes_no_difference_to_p(one: int, other: int) -> None:
    assert mcnemar(one, other) == mcnemar(other, one)
    assert 0 < mcnemar(one, other) <= 1
    assert mcnemar(one, one) == 1


@settings(deadline=None)
@given(st.lists(st.sampled_from([-1.0, 0.0, 1.0]), min_size=1, max_size=40), st.integers(0, 5))
def test_where_each_item_is_right_or_wrong_the_randomisation_test_is_mcnemars(values: list[float], seed: int) -> None:
    assert randomised(values, seed=seed) == mcnemar(values.count(1), values.count(-1))


@pytest.mark.parametrize("number", [2, 3, 12])
def test_a_paired_randomisation_test_is_the_exact_one_of_another_library(number: int) -> None:
    for _ in range(10):
        values = DICE.choice([0.5, -0.5, 1, -1, 0, 0.25], number)
        exact = scipy.stats.permutation_test((values,), np.sum, permutation_type="samples", n_resamples=2**number)
        assert randomised(list(values), seed=1) == pytest.approx(exact.pvalue, abs=_reach(exact.pvalue))


@settings(deadline=None, max_examples=20)
@given(st.lists(st.fractions(-1, 1, max_denominator=6), min_size=1, max_size=8))
def test_a_paired_randomisation_test_is_the_one_of_all_signs(values: list[Fraction]) -> None:
    """In whole numbers, so that rounding has no part in it."""
    sums = [abs(sum(map(mul, signs, values))) for signs in product((1, -1), repeat=len(values))]
    exact = sum(one >= abs(sum(values)) for one in sums) / len(sums)
    assert randomised(list(map(float, values)), seed=1) == pytest.approx(exact, abs=_reach(exact))


def _reach(p: float) -> float:
    """How far draws may be off."""
    return float(5 * np.sqrt(p * (1 - p) / SIGNS) + 2 / SIGNS)


def test_the_same_mean_on_more_items_is_surer() -> None:
    few, more = [1.0] * 3 + [0.0] * 9, [1 / 3] * 9 + [0.0] * 3  # the same mean: all of it on few items, or on more
    assert randomised(few, seed=1) == 0.25
    assert randomised(more, seed=1) == pytest.approx(2 / 2**9, abs=_reach(2 / 2**9))


@settings(deadline=None, max_examples=20)
@given(differences)
def test_which_of_two_comes_first_makes_no_difference_to_a_p_by_draws(values: list[float]) -> None:
    told = randomised(values, seed=1)
    assert 0 < told <= 1
    assert randomised([-value for value in reversed(values)], seed=1) == told


def test_a_p_by_draws_is_never_nought() -> None:
    assert randomised([0.5] * 2000, seed=1) == 1 / (1 + SIGNS)
    assert randomised([0.0] * 5, seed=1) == 1


@settings(deadline=None, max_examples=20)
@given(st.lists(st.tuples(st.sampled_from([0, 0.5, 1, 1.5, 2]), st.just(2)), min_size=1, max_size=30))
def test_an_interval_of_a_share_of_points_holds_it(groups: list[tuple[float, int]]) -> None:
    told = accuracy(groups)
    assert 0 <= told.low <= told.value <= told.high <= 1
    assert told.value == pytest.approx(sum(right for right, _ in groups) / (2 * len(groups)))


def test_without_repeats_accuracy_is_plain_wilson() -> None:
    assert accuracy([(1, 1)] * 30 + [(0, 1)] * 10) == wilson(30, 40)


def test_repeats_that_are_all_alike_tell_nothing_more() -> None:
    once = [(1, 1)] * 30 + [(0, 1)] * 10
    told, plain = accuracy([(5 * right, 5) for right, _ in once]), accuracy(once)
    assert told.value == plain.value
    assert (told.low, told.high) == pytest.approx((plain.low, plain.high), abs=1e-3)
    assert accuracy([(5, 5)] * 30) == wilson(30, 30)
    assert accuracy([(3, 5)]) == wilson(0.6, 1)


def test_repeats_count_for_as_much_as_a_cluster_robust_variance_says() -> None:
    compared = 0
    for _ in range(20):
        groups = [
            (int(DICE.binomial(of, share)), int(of))
            for share, of in zip(DICE.beta(2, 1, 80), DICE.integers(1, 6, 80), strict=True)
        ]
        said = np.concatenate([[1.0] * right + [0.0] * (of - right) for right, of in groups])
        items = np.repeat(np.arange(80), [of for _, of in groups])
        fitted = sm.OLS(said, np.ones(len(said))).fit(cov_type="cluster", cov_kwds={"groups": items})
        share, effective = said.mean(), said.mean() * (1 - said.mean()) / fitted.bse[0] ** 2
        if 80 < effective < len(said):
            compared += 1
            told = accuracy(groups)
            expected = proportion_confint(share * effective, effective, method="wilson")
            assert (told.value, told.low, told.high) == pytest.approx((share, *expected))
    assert compared > 10


@pytest.mark.parametrize("values", [[1.0] * 30 + [-1.0] * 12 + [0.0] * 58, list(DICE.normal(0.1, 1, 300))])
def test_a_bootstrap_interval_is_the_one_of_another_library(values: list[float]) -> None:
    told = mean(values, seed=1)
    reference = scipy.stats.bootstrap((values,), np.mean, n_resamples=RESAMPLES, method="percentile", rng=2)
    expected = (np.mean(values), reference.confidence_interval.low, reference.confidence_interval.high)
    assert (told.value, told.low, told.high) == pytest.approx(expected, abs=0.01)


@settings(deadline=None)
@given(differences, st.randoms(use_true_random=False))
def test_a_bootstrap_interval_holds_the_mean_and_the_order_makes_no_difference(
    values: list[float], dice: object
) -> None:
    told = mean(values, seed=7)
    if len(set(values)) > 1:
        assert min(values) <= told.low <= told.value <= told.high <= max(values)
    assert -1 <= told.low <= told.value <= told.high <= 1
    shuffled = list(values)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    assert mean(shuffled, seed=7) == told


def test_another_seed_is_other_dice() -> None:
    values = [1.0] * 33 + [0.0] * 41 + [-0.5] * 7
    told = {(mean(values, seed=seed).low, mean(values, seed=seed).high) for seed in range(20)}
    assert len(told) > 1


@pytest.mark.parametrize("value", [1.0, 0.0, -1.0, 0.25, 2 / 3])
@pytest.mark.parametrize("number", [1, 9, 30, 400])
def test_where_all_differ_alike_the_interval_is_as_wide_as_what_was_not_seen(value: float, number: int) -> None:
    """Wilson's upper bound for none of so many, by statsmodels: 11 of 100 for 30."""
    told, (_, unseen) = mean([value] * number, seed=1), proportion_confint(0, number, method="wilson")
    assert told.value == pytest.approx(value)
    assert (told.low, told.high) == pytest.approx((max(-1, value - unseen), min(1, value + unseen)))


def test_rounding_makes_no_difference_of_equal_ones() -> None:
    one, other = 1 - 2 / 3, 2 / 3 - 1 / 3  # which are not the same in floating point
    assert one != other
    told = mean([one, other] * 20, seed=1)
    assert told.high - told.low == pytest.approx(2 * wilson(0, 40).high)
    assert randomised([one, -other] * 20, seed=1) == 1


def test_the_memory_of_a_bootstrap_is_bounded() -> None:
    values = list(DICE.normal(size=700))
    tracemalloc.start()
    mean(values, seed=1)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 40e6  # all draws at a time would be above 100 MB
