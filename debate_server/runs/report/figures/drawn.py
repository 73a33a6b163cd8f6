"""Which figure a section has."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from debate_server.core.telling.words import many
from debate_server.runs.evaluation.shape import Arm, Interval, Matched, Score
from debate_server.runs.rating.rate import Rating
from debate_server.runs.report.comparisons import beside
from debate_server.runs.report.figures.canvas import NARROW, WIDE, Colour
from debate_server.runs.report.figures.dots import SHARES, Dot, differences, dots, numbers
from debate_server.runs.report.figures.scatter import Spot, scatter
from debate_server.runs.report.figures.slopes import Slope, slopes
from debate_server.runs.report.figures.strips import Part, Strip, strips
from debate_server.runs.report.sections import best_first, in_order
from debate_server.runs.report.shape import Report
from debate_server.runs.report.tally import Endings, Tally
from debate_server.runs.report.words import names_of, percent, rating_of, short_models, signed, span

# Rows of a figure; what is more stands in the table alone.
MOST: Final = 60

# Draws at a width.
Draw = Callable[[int], str]


def drawn(report: Report, told: Tally) -> dict[str, str]:
    """By the name of its section each figure that there is something to draw for, wide and narrow."""
    figures = {**_of_scores(report), **_of_sides(report, told), **_of_ratings(report)}
    return {name: draw(WIDE) + draw(NARROW) for name, draw in figures.items()}


def _of_scores(report: Report) -> dict[str, Draw]:
    scores = report.evaluation.scores
    names = names_of((score.format, score.model) for score in scores)
    scored = best_first([score for score in scores if score.accuracy])[:MOST]
    figures: dict[str, Draw] = {}
    if scored:
        rows = [row for score in scored if (row := _accuracy(score, names[score.format, score.model]))]
        figures["accuracy"] = lambda width: dots("accuracy", _told("How often right", rows), rows, SHARES, width)
        figures["cost"] = _cost(scored, names)
    if matched := report.evaluation.matched[:MOST]:
        differing = list(_matched(matched, names))
        scale, says = differences(differing), _told("Difference in points", differing)
        figures["matched"] = lambda width: dots("matched", says, differing, scale, width)
    if played := [score for score in scored if score.rounds]:
        cut = [strip for score in played for strip in _rounds(score, names[score.format, score.model])][:MOST]
        figures["rounds"] = lambda width: strips(
            "rounds",
            "After each round what stays right, is won, is lost and is wrong; numbers in the table.",
            cut,
            width,
        )
    return figures


def _told(what: str, rows: Sequence[Dot]) -> str:
    return f"{what}: {'; '.join(f'{row.name}: {row.note}'.removesuffix(': ') for row in rows)}."


def _accuracy(score: Score, name: str) -> Dot | None:
    if score.accuracy is None:
        return None
    note = f"{score.right:,} of {score.scored:,}, {percent(score.accuracy.value)} ({span(score.accuracy)})"
    return Dot(name, score.accuracy, note, score.role != "debate")


def _matched(matched: Sequence[Matched], names: dict[Arm, str]) -> Iterator[Dot]:
    for baseline in dict.fromkeys(map(beside, matched)):
        yield Dot(f"beside {baseline}")
        for row in matched:
            if beside(row) == baseline:
                yield Dot(names.get((row.format, row.model), row.format), row.difference, signed(row.difference))


def _cost(scored: Sequence[Score], names: dict[Arm, str]) -> Draw:
    """In dollars where all prices are known and something was paid, else in tokens."""
    paid = all(score.cost_each for score in scored)
    spots = [
        Spot(names[score.format, score.model], each, score.accuracy, score.role != "debate")
        for score in scored
        if score.accuracy and (each := score.cost_each if paid else score.tokens_each) is not None
    ]
    unit = "dollars" if paid else "tokens"
    says = f"How often right against {unit} a debate; numbers in the table."
    return lambda width: scatter("cost", says, spots, unit, width)


def _rounds(score: Score, name: str) -> list[Strip]:
    rows = [Strip(name)]
    for row in score.rounds:
        kept, wrong = row.right - row.won, row.items - row.right - row.lost
        parts = (
            Part(kept, f"{kept:,}", "for"),
            Part(row.won, f"+{row.won:,}", "won"),
            Part(row.lost, f"−{row.lost:,}", "lost"),
            Part(wrong, f"{wrong:,}", "sheet"),
        )
        rows.append(Strip(f"Round {row.round}", parts, f"{row.right:,} of {row.items:,}"))
    return rows


def _of_sides(report: Report, told: Tally) -> dict[str, Draw]:
    figures: dict[str, Draw] = {}
    if swaps := report.evaluation.swaps[:MOST]:
        names = names_of((swap.format, swap.model) for swap in swaps)
        lines = [Slope(names[swap.format, swap.model], swap.speaking_for, swap.speaking_against) for swap in swaps]
        says = "; ".join(f"{line.name}: from {percent(line.before)} to {percent(line.after)}" for line in lines)
        figures["swaps"] = lambda width: slopes(
            "swaps", f"For the topic and against it: {says}.", lines, ("for", "against"), width
        )
    if ended := [(arm, endings) for arm, endings in told.endings.items() if endings.won][:MOST]:
        names = names_of(arm for arm, _ in ended)
        rows = [Strip(names[arm], _winners(endings), many(endings.debates, "debate")) for arm, endings in ended]
        figures["winners"] = lambda width: strips("winners", "Who won how often; numbers in the table.", rows, width)
    return figures


def _winners(ended: Endings) -> list[Part]:
    return [
        Part(often, f"{who} {often:,}", _fill(side, at), f"{often:,}")
        for at, (who, often, side) in enumerate(in_order(ended))
    ]


def _fill(side: str, at: int) -> Colour:
    fills: dict[str, Colour] = {
        "for": "for", "against": "against", "tie": "rule", "answer": "sheet", "nobody": "sheet",
    }  # fmt: skip
    return fills.get(side) or ("chair", "other")[at % 2]


def _of_ratings(report: Report) -> dict[str, Draw]:
    figures: dict[str, Draw] = {}
    models = report.ratings.models[:MOST] if report.ratings else ()
    if sum(rated.stands == "within" for rated in models) > 1:
        names = short_models(rated.model for rated in models)
        rows = [
            Dot(names[rated.model], _at(rated.rating), rating_of(rated.rating))
            if rated.stands == "within" else Dot(names[rated.model], note="no place that matches tell")
            for rated in models
        ]  # fmt: skip
        scale = numbers(rows)
        figures["ratings"] = lambda width: dots("ratings", _told("Ratings", rows), rows, scale, width)
    if judges := report.judges[:MOST]:
        models_of = short_models(judge.model for judge in judges)
        steady = [
            Dot(f"{judge.judge} · {models_of[judge.model]}", judge.share,
                f"{judge.same:,} of {judge.pairs:,}, {percent(judge.share.value)} ({span(judge.share)})")
            for judge in judges
        ]  # fmt: skip
        figures["judges"] = lambda width: dots("judges", _told("Steady", steady), steady, SHARES, width)
    return figures


def _at(rating: Rating) -> Interval:
    low, high = (rating.value if end is None else end for end in (rating.low, rating.high))
    return Interval(rating.value, low, high)
