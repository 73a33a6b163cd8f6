"""In which words a report tells its numbers. Shares are from 0 to 1 and told as percent."""

import re
from collections.abc import Iterable
from typing import Final

from debate_server.core.telling.words import dollars
from debate_server.runs.evaluation.shape import Arm, Interval, Unit
from debate_server.runs.rating.rate import Rating

NONE: Final = "—"
# What the samples of a vote are bought for.
WORTH: Final[dict[Unit, str]] = {"dollars": "as much money", "tokens": "as many tokens"}
_ENDPOINT: Final = re.compile(r"@https?://[^\s,]+")
# From where on an exact p says no more.
_LEAST_P: Final = 0.001


def names_of(arms: Iterable[Arm]) -> dict[Arm, str]:
    """Each arm's name, with no more in it than tells it from the others: a model's address only where two models have
    the same name, the format or the model alone where the other is the same in all."""
    asked = list(dict.fromkeys(arms))
    formats = {format_ for format_, _ in asked}
    models = short_models(model for _, model in asked)
    if len(models) == 1:
        return {arm: arm[0] for arm in asked}
    return {arm: models[arm[1]] if len(formats) == 1 else f"{arm[0]} · {models[arm[1]]}" for arm in asked}


def short_models(models: Iterable[str]) -> dict[str, str]:
    """By model its name without whose it is and where it is asked, as far as they stay apart then."""
    asked = list(dict.fromkeys(models))
    for short in (
        lambda model: _ENDPOINT.sub("", model).rpartition("/")[2],
        lambda model: _ENDPOINT.sub("", model),
        str,
    ):
        names = {model: short(model) or "default model" for model in asked}
        if len(set(names.values())) == len(asked):
            return names
    return {model: model for model in asked}


def clipped(text: str, most: int) -> str:
    """The text on one line of at most so many characters."""
    line = " ".join(text[: 4 * most].split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def fitted(name: str, most: int) -> str:
    """The name on one line of at most so many characters, its middle left out: names differ at their ends."""
    line, tail = " ".join(name.split()), (most - 1) // 2
    return line if len(line) <= most else f"{line[: most - 1 - tail].rstrip()}…{line[len(line) - tail :].lstrip()}"


def percent(share: float) -> str:
    """Such as "60%"."""
    return f"{_whole(100 * share)}%"


def with_interval(share: Interval) -> str:
    """Such as "60% (95%: 42–75)"."""
    return f"{percent(share.value)} (95%: {span(share)})"


def span(share: Interval) -> str:
    """Such as "42–75", in percent."""
    return f"{_whole(100 * share.low)}–{_whole(100 * share.high)}"


def points(difference: Interval) -> str:
    """Such as "23 points (95%: 5 to 42)"."""
    value = _whole(100 * difference.value)
    return f"{value} point{'s' * (value not in ('1', '−1'))} (95%: {points_span(difference)})"


def points_span(difference: Interval) -> str:
    """Such as "−5 to 42"."""
    return f"{_whole(100 * difference.low)} to {_whole(100 * difference.high)}"


def signed(difference: Interval) -> str:
    """Such as "+23 (5 to 42)"."""
    value = _whole(100 * difference.value)
    return f"{'+' * (value[0] not in '−0')}{value} ({points_span(difference)})"


def rating_of(rating: Rating) -> str:
    """Such as "1,024 (95%: 980–1,061)", or "1,024" where there is no interval."""
    span = rating_span(rating)
    return count(rating.value) if span == NONE else f"{count(rating.value)} (95%: {span})"


def rating_span(rating: Rating) -> str:
    """Such as "980–1,061"; a dash where there is no interval."""
    return NONE if rating.low is None else f"{count(rating.low)}–{count(rating.high)}"


def p_of(p: float) -> str:
    """Such as "0.031", "0.45" or "< 0.001"."""
    if p < _LEAST_P:
        return f"< {_LEAST_P}"
    return f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def count(number: float | None) -> str:
    """Such as "1,204"; a dash for what is not known."""
    return NONE if number is None else f"{number:,.0f}".replace("-", "−")


def tenths(number: float) -> str:
    """Such as "17" or "17.5"."""
    return f"{number:,.1f}".removesuffix(".0")


def cost(amount: float | None) -> str:
    """Such as "$0.0021"; a dash for what is not known."""
    return NONE if amount is None else dollars(amount)


def _whole(number: float) -> str:
    """The nearest whole number, halves away from nought, with a minus sign that is one."""
    nearest = int(abs(number) + 0.5 + 1e-9)
    return f"{'−' * (number < 0 and nearest > 0)}{nearest:,}"
