"""Ratings for the eye, for programs and for spreadsheets."""

import csv
import io
from dataclasses import asdict
from typing import Final, Literal

import orjson

from debate_server.runs.formulas import guarded
from debate_server.runs.rating.rate import MEAN, Ratings

Kind = Literal["text", "json", "csv"]

_COLUMNS: Final = ("model", "rating", "low", "high", "matches", "won", "tied", "lost")
# More columns of who wins against whom are wider than a terminal.
_MOST_ACROSS: Final = 12


def table(ratings: Ratings, kind: Kind) -> str:
    """The ratings as lines, without the last one's end: JSON is one object in one line."""
    if kind == "json":
        return orjson.dumps(asdict(ratings)).decode()
    if kind == "csv":
        file = io.StringIO()
        rows = [(guarded(f"{model}"), *numbers) for model, *numbers in _rows(ratings)]
        csv.writer(file, lineterminator="\n").writerows([_COLUMNS, *rows])
        return file.getvalue().rstrip("\n")
    return "\n".join(_text(ratings))


def _rows(ratings: Ratings) -> list[tuple[object, ...]]:
    return [
        (
            one.model, *(_rounded(number) for number in (one.rating.value, one.rating.low, one.rating.high)),
            one.matches, one.won, one.tied, one.matches - one.won - one.tied,
        )
        for one in ratings.models
    ]  # fmt: skip


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 1)


def _text(ratings: Ratings) -> list[str]:
    lines: list[tuple[str, ...]] = [("", *_COLUMNS[:2], "95% interval", *_COLUMNS[4:])]
    for number, (model, value, low, high, *counts) in enumerate(_rows(ratings), 1):
        interval = "none" if low is None else f"{low:.0f} to {high:.0f}"
        lines.append((f"{number}", f"{model}", f"{value:.0f}", interval, *map(str, counts)))
    told = _aligned(lines)
    if len(ratings.models) <= _MOST_ACROSS:
        numbers = [f"{number}" for number in range(1, len(ratings.models) + 1)]
        shares = [tuple(f"{share:.0%}" for share in row) for row in ratings.beats]
        rows = [(number, one.model, *row) for number, one, row in zip(numbers, ratings.models, shares, strict=True)]
        told += ["", *_aligned([("", "wins against", *numbers), *rows])]
    on = f" on {ratings.topics} topics" if ratings.topics else ""
    told += ["", f"Matches: {ratings.matches}{on}. Ratings are around {MEAN:.0f}; 400 more is ten wins to one."]
    if not ratings.linked:
        told.append("Some have won or lost everything against the others: how far apart they are, matches do not say.")
    elif any(one.rating.low is None for one in ratings.models):
        told.append("Where there is no interval, topics and matches are too few or too much alike to tell one.")
    return told


def _aligned(lines: list[tuple[str, ...]]) -> list[str]:
    """Columns of numbers, but for the names in the second."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rows = [[cell.rjust(width) for cell, width in zip(line, widths, strict=True)] for line in lines]
    return ["  ".join([row[0], line[1].ljust(widths[1]), *row[2:]]) for line, row in zip(lines, rows, strict=True)]
