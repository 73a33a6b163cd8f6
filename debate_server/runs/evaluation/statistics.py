"""The few statistics that an evaluation needs. They know numbers only, and nothing of debates."""

from collections.abc import Sequence
from math import fsum, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import binomtest

from debate_server.runs.evaluation.shape import Interval

# How often a mean is drawn anew: the ends of its interval then wander by about a hundredth of its width.
RESAMPLES: Final = 10_000
# How often signs are drawn for a p: one of 0.05 is then told to within 0.002.
SIGNS: Final = 100_000
# What differs by less is the same but for rounding: decimals of a difference, and a sum of many.
_DECIMALS: Final = 12
_NEAR: Final = 1e-6
# Numbers that are drawn at a time, which bounds the memory that it takes (8 bytes each).
_AT_A_TIME: Final = 1_000_000
_Z: Final = float(ndtri(0.975))


def wilson(right: float, of: float) -> Interval:
    """The share that is right, with Wilson's 95% score interval (J. Am. Stat. Assoc. 22, 1927, without a correction for
    continuity). ``of``: above 0; neither need be whole, as an effective sample is not."""
    share = right / of
    middle = (share + _Z**2 / (2 * of)) / (1 + _Z**2 / of)
    reach = _Z / (1 + _Z**2 / of) * sqrt(share * (1 - share) / of + _Z**2 / (4 * of**2))
    return _around(share, max(0.0, middle - reach), min(1.0, middle + reach))


def accuracy(groups: Sequence[tuple[float, int]]) -> Interval:
    """The share that is right of all, where each group is (right, of): the repeats of one item, any of which may be
    half right.

    Repeats of an item are alike, so that five of them tell less than five items: Wilson's interval is taken of the
    effective sample (Kish, Survey Sampling, 1965; in this interval Franco et al., J. Surv. Stat. Methodol. 7, 2019),
    which has as many as there are items at least and as there are repeats at most. Without repeats that is plain
    Wilson. There is at least one group, and none is empty.
    """
    right, of = np.array(groups, dtype=float).T
    items, all_ = len(groups), float(of.sum())
    share = float(right.sum()) / all_
    spread = float(((right - share * of) ** 2).sum()) / all_**2 * items / max(1, items - 1)
    effective = share * (1 - share) / spread if spread else items
    sample = min(max(effective, items), all_)
    return wilson(share * sample, sample)


def mcnemar(only_first: int, only_second: int) -> float:
    """The two-sided p of McNemar's exact test: of the items that only one of two has right, whether each is as likely
    to be the one (McNemar, Psychometrika 12, 1947; exact as a binomial test)."""
    discordant = only_first + only_second
    return float(binomtest(only_first, discordant).pvalue) if discordant else 1.0


def randomised(differences: Sequence[float], *, seed: int) -> float:
    """The two-sided p of the paired randomisation test (Fisher, The Design of Experiments, 1935; Pitman, Suppl. J. R.
    Stat. Soc. 4, 1937): how often the differences come to as much as they do, where each is as likely to have the other
    sign. Where each is -1, 0 or 1, that is McNemar's exact test.

    Else signs are drawn, and what was found is one of the draws (Phipson & Smyth, Stat. Appl. Genet. Mol. Biol. 9,
    2010). To draw the signs of k that are of one size is to draw how many of them are positive.
    """
    sizes, counts = _distinct([abs(one) for one in differences])
    if set(sizes) <= {0.0, 1.0}:
        return mcnemar(sum(one > 0 for one in differences), sum(one < 0 for one in differences))
    dice, drawn = np.random.default_rng(seed), np.zeros(SIGNS)
    for size, count in zip(sizes, counts, strict=True):
        drawn += size * (2.0 * dice.binomial(count, 0.5, size=SIGNS) - count)
    as_much = np.abs(drawn) >= abs(fsum(differences)) - _NEAR
    return float((1 + as_much.sum()) / (1 + SIGNS))


def mean(values: Sequence[float], *, seed: int) -> Interval:
    """The mean of some values from -1 to 1, at least one, with a 95% percentile bootstrap interval (Efron & Tibshirani,
    1993).

    To draw n of n values is to draw how often each distinct one comes: differences of right and wrong have but three,
    however many there are. Where all are alike, drawing them anew shows nothing of what n of them leave unseen: the
    interval then reaches as far as if as many were one off, either way, as Wilson's bound for none of n allows.
    """
    number, value = len(values), fsum(values) / len(values)
    distinct, counts = _distinct(values)
    if len(distinct) == 1:
        unseen = wilson(0, number).high
        return _around(value, max(-1.0, value - unseen), min(1.0, value + unseen))
    dice = np.random.default_rng(seed)
    rows = max(1, _AT_A_TIME // len(distinct))
    drawn = [
        dice.multinomial(number, counts / number, size=min(rows, RESAMPLES - done)) @ distinct / number
        for done in range(0, RESAMPLES, rows)
    ]
    return percentiles(value, np.concatenate(drawn))


def _distinct(values: Sequence[float]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The values that are not the same but for rounding, in their order, and how often each comes."""
    all_ = np.sort(np.array(values, dtype=float))
    _, first, counts = np.unique(all_.round(_DECIMALS), return_index=True, return_counts=True)
    return all_[first], counts


def percentiles(value: float, drawn: NDArray[np.float64]) -> Interval:
    """A value with the middle 95% of what was drawn for it."""
    low, high = np.quantile(drawn, (0.025, 0.975))
    return _around(value, float(low), float(high))


def _around(value: float, low: float, high: float) -> Interval:
    """Rounding alone must not put an estimate outside its interval."""
    return Interval(float(value), min(float(value), low), max(float(value), high))
