"""Ratings: how strong each is, by who won against whom."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import log
from typing import Final

import choix
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.special import expit

from debate_server.runs.evaluation.shape import Interval
from debate_server.runs.evaluation.statistics import percentiles
from debate_server.runs.rating.links import Stands, stands, ways
from debate_server.runs.rating.matches import Match
from debate_server.runs.rating.met import Met, met

# What all ratings are around, as in Chatbot Arena (Chiang et al., arXiv:2403.04132), and how many points there are to
# a unit of strength: odds of ten to one are 400 apart, as Elo had it for chess.
MEAN: Final = 1000.0
SCALE: Final = 400 / log(10)
RESAMPLES: Final = 1000
# Fewer topics, or matches that name none, say nothing of what others would have been.
LEAST: Final = 5
# Of fewer points than that is an interval that has no width but for rounding: whatever was drawn was alike.
_NO_WIDTH: Final = 0.01
# Digits of a rating: what is behind them is noise, which would put two in order that are equal.
_DIGITS: Final = 3
# Rounds of the estimation, far more than any table has been seen to need.
_ROUNDS: Final = 10_000
# What a match is worth to its first.
_POINTS: Final = {"first": 1.0, "tie": 0.5, "second": 0.0}

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rating:
    """An estimate and its 95% interval; that is None where the matches do not tell it."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Rated:
    """A model's rating, its matches, and how it ``stands`` to those that are linked: where not within them, its rating
    is a guess."""

    model: str
    rating: Rating
    stands: Stands
    matches: int
    won: int
    tied: int


@dataclass(frozen=True, slots=True)
class Ratings:
    """``models``: the best first. ``beats[i][j]``: how probably model i wins against model j where one of them does;
    0.5 against itself; None where they have neither met nor are linked. ``met``: all pairs that did. ``topics``: how
    many the matches name."""

    models: tuple[Rated, ...]
    beats: tuple[tuple[float | None, ...], ...]
    met: tuple[Met, ...]
    matches: int
    topics: int


def rate(matches: Iterable[Match], *, seed: int) -> Ratings:
    """The ratings of all who are in some matches, at least one, by the model of Bradley and Terry (Biometrika, 1952).
    What comes first, among the matches or in one, makes no difference.

    A tie is half a win for each. Each is given half a win and half a loss more, in equal parts against all the others:
    between two that is Firth's correction (Biometrika 80, 1993) for the bias of estimates from few matches, and it
    holds those in bounds who have won or lost everything or have never met.

    Those that are linked are rated by the matches among themselves, around ``MEAN``: the others, where they are is a
    guess, move none of them. The 95% intervals of the linked are percentiles of a bootstrap which draws topics, each
    with all its matches, since those are alike; a match that names none is drawn by itself. Few topics, and few
    matches, make them too narrow; there are none where there are fewer than ``LEAST``, or where they are all alike.
    """
    played = list(matches)
    names = sorted({name for match in played for name in (match.first, match.second)})
    total = _total(*_points(played, names), len(names))
    leads = ways(total)
    stand = stands(total, leads)
    strong, spans = _regular(total), dict[int, Interval]()
    if len(linked := [place for place, how in enumerate(stand) if how == "within"]) > 1:
        strong -= strong[linked].mean()
        strong[linked], drawn = _among(played, [names[place] for place in linked], seed)
        spans = {place: percentiles(strong[place], own) for place, own in zip(linked, drawn, strict=False)}
    ratings = [_rating(strength, spans.get(place)) for place, strength in enumerate(strong)]
    # Names are sorted, and stay so where ratings are equal.
    order = sorted(range(len(names)), key=lambda place: -ratings[place].value)
    known = (leads & leads.T) | (total + total.T > 0)
    return Ratings(
        _rated(played, {names[place]: (ratings[place], stand[place]) for place in order}),
        tuple(
            tuple(float(expit(strong[one] - strong[other])) if known[one, other] else None for other in order)
            for one in order
        ),
        met(played, [names[place] for place in order]),
        len(played), len({match.topic for match in played} - {""}),
    )  # fmt: skip


def strengths(points: Floats, near: Floats | None = None) -> Floats:
    """The most likely strengths, which add up to 0: i wins against j with odds of exp(strength i - strength j).

    ``points[i, j]``: what i has won against j. They are finite where everyone has points from everyone, if by way of
    others (Ford, Am. Math. Mon. 64, 1957). ``near``: where to begin.
    """
    found: Floats = choix.ilsr_pairwise_dense(points, initial_params=near, max_iter=_ROUNDS)
    return found


def _regular(points: Floats, near: Floats | None = None) -> Floats:
    """The same with half a win and half a loss more for each."""
    size = len(points)
    return strengths(points + (1 - np.eye(size)) / (2 * (size - 1)), near)


def _among(played: list[Match], names: list[str], seed: int) -> tuple[Floats, Floats]:
    """The strengths of those by what they played among themselves, and of each what was drawn for it; nothing where
    there is too little to draw from."""
    among, size, dice = set(names), len(names), np.random.default_rng(seed)
    groups, often = _points([match for match in played if {match.first, match.second} <= among], names)
    best, number = _regular(_total(groups, often, size)), int(often.sum())
    draws = (dice.multinomial(number, often / number) for _ in range(RESAMPLES if number >= LEAST else 0))
    drawn = [_regular(_total(groups, times, size), near=best) for times in draws]
    return best, np.array(drawn).T


def _total(groups: csr_array, often: NDArray[np.int64], size: int) -> Floats:
    """What each has won against each where the groups come so often."""
    total: Floats = (often @ groups).reshape(size, size)
    return total


def _points(played: list[Match], names: list[str]) -> tuple[csr_array, NDArray[np.int64]]:
    """By topic, or by match where that is none, what each has won against each: the table of points in one row. The
    rows that are distinct, and how often each comes: single matches have but three for every two who meet."""
    place, size = {name: number for number, name in enumerate(names)}, len(names)
    groups: dict[str | int, Counter[int]] = {}
    for number, match in enumerate(played):
        first, second, points = place[match.first], place[match.second], _POINTS[match.winner]
        group = groups.setdefault(match.topic or number, Counter())
        group.update({first * size + second: points, second * size + first: 1 - points})
    often = Counter(tuple(sorted(group.items())) for group in groups.values())
    rows = sorted(often)
    at = [number for number, row in enumerate(rows) for _ in row]
    cells, shares = zip(*(cell for row in rows for cell in row), strict=True)
    return csr_array((shares, (at, cells)), shape=(len(rows), size**2)), np.array([often[row] for row in rows])


def _rating(strength: float, span: Interval | None) -> Rating:
    value = _elo(strength)
    low, high = (_elo(span.low), _elo(span.high)) if span else (value, value)
    return Rating(value, low, high) if high - low > _NO_WIDTH else Rating(value, None, None)


def _rated(played: list[Match], ratings: dict[str, tuple[Rating, Stands]]) -> tuple[Rated, ...]:
    count = Counter(name for match in played for name in (match.first, match.second))
    tied = Counter(name for match in played if match.winner == "tie" for name in (match.first, match.second))
    won = Counter(match.first if match.winner == "first" else match.second for match in played if match.winner != "tie")
    return tuple(Rated(name, *rating, count[name], won[name], tied[name]) for name, rating in ratings.items())


def _elo(strength: float) -> float:
    return round(MEAN + SCALE * float(strength), _DIGITS)
