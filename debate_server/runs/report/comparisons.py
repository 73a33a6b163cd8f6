"""The sections that compare: formats with baselines and with each other, and models on either side."""

from collections.abc import Sequence
from typing import Final

from debate_server.core.telling.words import listed
from debate_server.runs.evaluation.shape import Arm, Evaluation, Matched, Side
from debate_server.runs.evaluation.statistics import RESAMPLES, SIGNS
from debate_server.runs.report.section import Section, Table
from debate_server.runs.report.words import (
    WORTH,
    cost,
    count,
    names_of,
    p_of,
    percent,
    signed,
    span,
    tenths,
    with_interval,
)

# Rows of a table that grows with the square of what is compared.
MOST_PAIRS: Final = 60
# Of so many formats it is told in words what a side is worth; the rest is in the table.
_FORMATS: Final = 3
_BY_CHANCE: Final = 0.05
_DIFFERENCE: Final = (
    f"Difference in percentage points, 95% interval by a bootstrap of {RESAMPLES:,} resamples of the items, and where "
    "all of them differ alike by Wilson's bound for none of so many"
)
_P: Final = (
    "p by McNemar's exact test, and where an item is right in part by the paired randomisation test that it is one of "
    f"(Pitman, 1937), with {SIGNS:,} draws"
)
_LEFT_OUT: Final = (
    "Left out are unmarked items, where nobody has said whether what the baseline comes to is right, and missing ones, "
    "which it has no answer to. "
)


def matched(shown: Evaluation, names: dict[Arm, str]) -> Section:
    """Each beside the baselines."""
    units = list(dict.fromkeys(row.unit for row in shown.matched if row.unit is not None))
    rows = tuple(
        (names.get((row.format, row.model), row.format),
         f"{row.baseline}{f' for {row.unit}' if row.unit and len(units) > 1 else ''}", _items(row),
         f"{tenths(row.right)} / {tenths(row.baseline_right)}", f"{row.better:,} / {row.worse:,}",
         signed(row.difference), p_of(row.p), f"{count(row.tokens_each)} / {count(row.baseline_tokens_each)}",
         f"{cost(row.cost_each)} / {cost(row.baseline_cost_each)}", f"{row.samples:.1f}", count(row.short))
        for row in shown.matched
    )  # fmt: skip
    vote = f", and beside a vote of as many samples as its {' or '.join(units)} buy" if units else ""
    return Section(
        "matched", f"Beside a baseline{f' for {WORTH[units[0]]}' if len(units) == 1 else ''}",
        f"Each beside one answer of {_whose(shown.matched, names)}{vote}, item by item: is talking worth more than "
        "asking again?",
        "In pairs: it / the baseline. Tokens are read and said together, whatever either costs; samples are bought for "
        "dollars where each debate and each sample has a known cost, else for tokens. Short: on so many items there "
        "were fewer samples than that. Where an item was held several times, or answers are tied, it is right in part. "
        f"{_LEFT_OUT * any(row.unmarked or row.missing for row in shown.matched)}{_DIFFERENCE}; {_P}.",
        Table(
            ("what", "beside", "items", "right", "better on", "difference", "p", "tokens an item", "cost an item",
             "samples", "short"), rows, 2,
        ),
    )  # fmt: skip


def beside(row: Matched) -> str:
    """Beside what it is: "one answer", or such as "a vote for as many tokens"."""
    return "one answer" if row.unit is None else f"a {row.baseline} for {WORTH[row.unit]}"


def _whose(matched: Sequence[Matched], names: dict[Arm, str]) -> str:
    """Whose the baselines are."""
    mixed = dict.fromkeys((row.format, row.model) for row in matched if not row.same_model)
    told = listed(names.get(arm, arm[0]) for arm in mixed)
    return f"the run's model (in {told} others spoke too)" if mixed else "the same model"


def pairs(shown: Evaluation, names: dict[Arm, str]) -> Section:
    """Each beside each other."""
    pairs = sorted(shown.pairs, key=lambda pair: pair.p)
    rows = tuple(
        (names.get(pair.first, pair.first[0]), names.get(pair.second, pair.second[0]), count(pair.items),
         count(pair.first_better), count(pair.second_better), signed(pair.difference), p_of(pair.p))
        for pair in pairs[:MOST_PAIRS]
    )  # fmt: skip
    chance = len(pairs) * _BY_CHANCE
    says = "Each beside each other, on the items that both have a score for."
    if chance >= 1:
        says += f" Of {len(pairs):,} comparisons about {chance:.0f} come below p = 0.05 by chance alone."
    if len(pairs) > MOST_PAIRS:
        says += f" The {MOST_PAIRS} with the least p are shown; all are in the report as JSON."
    return Section(
        "pairs", "Two at a time", says,
        f"{_DIFFERENCE}; {_P}, not corrected for how many there are.",
        Table(("first", "second", "items", "first better on", "second better on", "difference", "p"), rows, 2),
    )  # fmt: skip


def swaps(shown: Evaluation) -> Section:
    """What the side is worth, to all and to each."""
    names = names_of((swap.format, swap.model) for swap in shown.swaps)
    several = len(shown.sides) > 1
    of_all = [
        (f"{side.format} · all" if several else "all", count(side.meetings),
         f"{percent(side.share.value)} ({span(side.share)})", percent(1 - side.share.value),
         _signed_points(1 - 2 * side.share.value), f"{side.same:,} of {side.meetings:,}")
        for side in shown.sides
    ]  # fmt: skip
    rows = (
        (names[swap.format, swap.model], count(swap.meetings), percent(swap.speaking_for),
         percent(swap.speaking_against), _signed_points(swap.speaking_against - swap.speaking_for),
         f"{swap.same:,} of {swap.meetings:,}")
        for swap in shown.swaps
    )  # fmt: skip
    told = " ".join(_worth(side, f"In {side.format} " if several else "") for side in shown.sides[:_FORMATS])
    return Section(
        "swaps", "With the sides exchanged",
        f"{told} The share of its points that each has when it speaks for the topic, and when it speaks against it: "
        "where the line is level, the side does not matter.",
        "Over meetings: two models on one item, once either way; a tie is half a point. Same: the same model won both. "
        "All: 95% interval, Wilson (1927); meetings on an item count for as much as they tell (Kish, 1965).",
        Table(("what", "meetings", "for", "against", "change", "same winner"), (*of_all, *rows)),
    )  # fmt: skip


def _worth(side: Side, where: str) -> str:
    """What the side is worth, in a sentence."""
    share = side.share
    told = "whoever spoke against it had more" if share.high < 0.5 else "that side had more"
    if share.low <= 0.5 <= share.high:
        told = "neither side is shown to be worth more"
    of = f"{'of' if where else 'Of'} all points {with_interval(share)} went to whoever spoke for the topic"
    return f"{where}{of}: {told}."


def _signed_points(change: float) -> str:
    """Such as "+4"."""
    return f"{'+' if change >= 0.005 else '−' if change <= -0.005 else ''}{abs(100 * change):.0f}"


def _items(row: Matched) -> str:
    left_out = [f"{number:,} {why}" for number, why in ((row.unmarked, "unmarked"), (row.missing, "missing")) if number]
    return ", ".join((count(row.items), *left_out))
