"""What an evaluation tells: plain numbers, for whoever shows them."""

from dataclasses import dataclass
from typing import Literal

# A format and a model: what is compared.
Arm = tuple[str, str]
# What samples are bought for.
Unit = Literal["dollars", "tokens"]


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate and the 95% interval around it."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class RoundScore:
    """After that round: of so many debates of ``items`` so many have it ``right``; ``lost``: had it right the round
    before and do no longer; ``won``: the other way round. What counts is the answer that most of the agents gave last,
    where a tie and no answer are wrong, and after a debate's last round its own answer, whoever decided on it. A debate
    that was over before keeps what it had, so that all rounds are of the same debates, right = right before - lost +
    won, and the last ones right are those of the score. Left out are debates an answer of which nobody has marked."""

    round: int
    items: int
    right: int
    lost: int
    won: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How one arm did. ``debates`` came to an end, ``failed`` did not; of ``scored`` ones ``right`` are right, and
    ``unread`` are wrong since they came to no answer that could be read; ``unmarked``: came to an answer of which
    nobody has said whether it is right. The interval of ``accuracy`` is Wilson's (1927), with repeats of an item
    counted for as much as they tell. Tokens are read and said together, ``tokens_each`` and ``cost_each`` on average of
    the debates that came to an end; dollars are None where a price is unknown; what it costs to be right counts all
    that was spent on debates that were scored, or would have been had they not failed, and is None where nothing is
    right. ``rounds``: none where most gave no answer before their last. ``decided``: by winner, how often, where
    debates have winners."""

    format: str
    model: str
    role: str
    debates: int
    failed: int
    scored: int
    right: int
    unread: int
    unmarked: int
    accuracy: Interval | None
    tokens: int
    cost_usd: float | None
    tokens_each: float | None
    cost_each: float | None
    tokens_per_right: float | None
    cost_per_right: float | None
    rounds: tuple[RoundScore, ...]
    decided: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """An arm beside a baseline on the same items: ``baseline`` is "single", or "vote" of as many samples as what the
    arm has spent buys, item by item. ``unit``: whether those are bought for dollars, where each debate and each sample
    is known to have cost some, or for tokens; None beside a single answer. ``same_model``: all that spoke on either
    side are of one. ``samples``: how many were bought on average; ``short``: on so many items there were fewer than
    could be paid for. Left out are ``unmarked`` items, where nobody has said whether what the baseline comes to is
    right, and ``missing`` ones, which it has no answer to. Tokens and dollars are on average of the items; the latter
    None where one is unknown.

    Where an item was held several times, each side is as right on it as its debates are on average, and where answers
    of a vote are tied, as drawing one of them would be: ``right`` and ``baseline_right`` are sums of such shares.
    ``better`` and ``worse``: on so many items the arm is more right than the baseline, or less. ``difference``: the
    arm's accuracy less the baseline's, the mean over items, with a bootstrap interval; ``p``: of a paired randomisation
    test on the items, which is McNemar's exact one where each is wholly right or wholly wrong."""

    format: str
    model: str
    baseline: str
    unit: Unit | None
    same_model: bool
    items: int
    right: float
    baseline_right: float
    tokens_each: float
    baseline_tokens_each: float
    cost_each: float | None
    baseline_cost_each: float | None
    samples: float
    short: int
    unmarked: int
    missing: int
    better: int
    worse: int
    difference: Interval
    p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two arms that were asked for, on the items that both have a score for: on ``first_better`` of them the first is
    more right, on ``second_better`` the second. ``difference``: the first's accuracy less the second's. Several debates
    of an item, and ``p``, are as in ``Matched``."""

    first: Arm
    second: Arm
    items: int
    first_better: int
    second_better: int
    difference: Interval
    p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """How a model does on either side of a format: the shares of its points, a tie half a one, when it speaks for the
    topic and when it speaks against it. ``meetings``: how many times it met another on an item, once either way;
    ``same``: of them the same model won both."""

    format: str
    model: str
    meetings: int
    speaking_for: float
    speaking_against: float
    same: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What the side is worth in a format, whoever speaks for it: ``share`` is that of all points that went to whoever
    spoke for the topic, with an interval in which ``meetings`` on one item count for as much as they tell; ``same`` as
    in ``Swap``."""

    format: str
    meetings: int
    share: Interval
    same: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Of a run: each arm by itself, beside the baselines, and in pairs; each model, and all, on either side."""

    scores: tuple[Score, ...]
    matched: tuple[Matched, ...]
    pairs: tuple[Pair, ...]
    swaps: tuple[Swap, ...]
    sides: tuple[Side, ...]
