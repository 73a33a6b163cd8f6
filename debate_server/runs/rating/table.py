"""Ratings for the eye, for programs and for spreadsheets."""

import csv
import io
from dataclasses import asdict
from typing import Final, Literal

import orjson

from debate_server.runs.formulas import guarded
from debate_server.runs.rating.rate import Rated, Ratings
from debate_server.runs.rating.untold import around, untold

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
        csv.writer(file, lineterminator="\n").writerows([_COLUMNS, *map(_row, ratings.models)])
        return file.getvalue().rstrip("\n")
    return "\n".join(_text(ratings))


def _row(one: Rated) -> tuple[object, ...]:
    numbers = (one.rating.value, one.rating.low, one.rating.high)
    return guarded(one.model), *(None if number is None else f"{number:.1f}" for number in numbers), *_counts(one)


def _counts(one: Rated) -> tuple[int, ...]:
    return one.matches, one.won, one.tied, one.matches - one.won - one.tied


def _text(ratings: Ratings) -> list[str]:
    lines: list[tuple[str, ...]] = [("", *_COLUMNS[:2], "95% interval", *_COLUMNS[4:])]
    for number, one in enumerate(ratings.models, 1):
        low, high = one.rating.low, one.rating.high
        interval = "none" if low is None else f"{low:,.0f} to {high:,.0f}"
        lines.append((f"{number}", one.model, f"{one.rating.value:,.0f}", interval, *map(str, _counts(one))))
    told = _aligned(lines)
    if len(ratings.models) <= _MOST_ACROSS:
        numbers = [f"{number}" for number in range(1, len(ratings.models) + 1)]
        shares = [tuple("—" if share is None else f"{share:.0%}" for share in row) for row in ratings.beats]
        rows = [(number, one.model, *row) for number, one, row in zip(numbers, ratings.models, shares, strict=True)]
        told += ["", *_aligned([("", "wins against", *numbers), *rows])]
    on = f" on {ratings.topics} topic{'s' * (ratings.topics > 1)}" if ratings.topics else ""
    told += ["", f"Matches: {ratings.matches}{on}. Ratings are around {around(ratings)}; 400 more is ten wins to one."]
    return told + untold(ratings)


def _aligned(lines: list[tuple[str, ...]]) -> list[str]:
    """Columns of numbers, but for the names in the second."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rows = [[cell.rjust(width) for cell, width in zip(line, widths, strict=True)] for line in lines]
    return ["  ".join([row[0], line[1].ljust(widths[1]), *row[2:]]) for line, row in zip(lines, rows, strict=True)]
