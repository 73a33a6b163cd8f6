"""What an evaluation tells: plain numbers, for whoever shows them."""

from dataclasses import dataclass

# A format and a model: what is compared.
Arm = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate and the 95% interval around it."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class RoundScore:
    """After that round: of so many debates of ``items`` so many have it ``right``; ``lost``: had it right the round
    before and do no longer; ``won``: the other way round. What counts is the answer that most of the agents gave last;
    a tie and no answer are wrong, and a debate that was over before keeps what it had, so that all rounds are of the
    same debates: right = right before - lost + won."""

    round: int
    items: int
    right: int
    lost: int
    won: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How one arm did. ``debates`` came to an end, ``failed`` did not; of ``scored`` ones ``right`` are right, and
    ``unread`` are wrong since they came to no answer that could be read. The
    interval of ``accuracy`` is Wilson's (1927), with repeats of an item counted for as much as they tell. Tokens are
    read and said together, ``tokens_each`` and ``cost_each`` on average of the debates that came to an end; dollars are
    None where a price is unknown; what it costs to be right counts all that was spent on items that have an answer,
    failures too, and is None where nothing is right. ``decided``: by winner, how often, where debates have winners."""

    format: str
    model: str
    role: str
    debates: int
    failed: int
    scored: int
    right: int
    unread: int
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
    """An arm beside a baseline for as many tokens on the same items: ``baseline`` is "single", or "vote" of as many
    samples as the tokens of the arm buy, item by item. ``samples``: how many that were on average; ``short``: on so
    many items there were fewer samples than could be paid for. Left out are ``unmarked`` items, where nobody has said
    whether what the baseline comes to is right, and ``missing`` ones, which it has no answer to. Tokens are by item.
    ``difference``: the arm's accuracy less the baseline's, the mean over items, with a bootstrap interval; ``p``:
    McNemar's exact test. Where an item was held several times, the difference is of all those debates on average, and
    where answers of a vote are tied, of what drawing one of them comes to: the share of right ones. ``right``,
    ``baseline_right``, ``only_arm``, ``only_baseline`` and ``p`` are of the first, since a test of counts takes each
    item once: of the first debate, and of the tied answer that was given first."""

    format: str
    model: str
    baseline: str
    items: int
    right: int
    baseline_right: int
    tokens_each: float
    baseline_tokens_each: float
    samples: float
    short: int
    unmarked: int
    missing: int
    only_arm: int
    only_baseline: int
    difference: Interval
    p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two arms that were asked for, on the items that both have a score for: ``only_first`` items only the first has
    right. ``difference``: the first's accuracy less the second's. Several debates of an item are as in ``Matched``."""

    first: Arm
    second: Arm
    items: int
    only_first: int
    only_second: int
    difference: Interval
    p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """How a model does on either side of a format: ``straight`` and ``swapped`` are the shares of its points, a tie
    half a one, as it sits in the debates as they were asked for and in those with the sides exchanged. ``items``: how
    many times an item was held both ways, against whomever; ``same``: of them the same model won both."""

    format: str
    model: str
    items: int
    straight: float
    swapped: float
    same: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Of a run: each arm by itself, beside the baselines, and in pairs."""

    scores: tuple[Score, ...]
    matched: tuple[Matched, ...]
    pairs: tuple[Pair, ...]
    swaps: tuple[Swap, ...]
