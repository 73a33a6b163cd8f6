"""The few statistics that an evaluation needs. They know numbers only, and nothing of debates."""

from collections.abc import Sequence
from math import sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import binomtest

from debate_server.runs.evaluation.shape import Interval

# How often a mean is drawn anew: the ends of its interval then wander by about a hundredth of its width.
RESAMPLES: Final = 10_000
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


def accuracy(groups: Sequence[tuple[int, int]]) -> Interval:
    """The share that is right of all, where each group is (right, of): the repeats of one item.

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


def mean(values: Sequence[float], *, seed: int) -> Interval:
    """The mean of some values, at least one, with a 95% percentile bootstrap interval (Efron & Tibshirani, 1993).

    To draw n of n values is to draw how often each distinct one comes: differences of right and wrong have but three,
    however many there are. Where all values are equal, the interval has no width.
    """
    distinct, counts = np.unique(np.array(values, dtype=float), return_counts=True)
    dice, number = np.random.default_rng(seed), len(values)
    rows = max(1, _AT_A_TIME // len(distinct))
    drawn = [
        dice.multinomial(number, counts / number, size=min(rows, RESAMPLES - done)) @ distinct / number
        for done in range(0, RESAMPLES, rows)
    ]
    return percentiles(float(counts @ distinct / number), np.concatenate(drawn))


def percentiles(value: float, drawn: NDArray[np.float64]) -> Interval:
    """A value with the middle 95% of what was drawn for it."""
    low, high = np.quantile(drawn, (0.025, 0.975))
    return _around(value, float(low), float(high))


def _around(value: float, low: float, high: float) -> Interval:
    """Rounding alone must not put an estimate outside its interval."""
    return Interval(float(value), min(float(value), low), max(float(value), high))
