"""Dots with their intervals, a row each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from matplotlib.ticker import MaxNLocator

from debate_server.runs.evaluation.shape import Interval
from debate_server.runs.report.figures.canvas import LETTER, NARROW, Canvas, colour
from debate_server.runs.report.words import fitted

# Pixels of a character of a note.
_DIGIT: Final = 6.8
# From where to where numbers reach at least: ratings less than that apart win about as often.
_LEAST: Final = 100.0


@dataclass(frozen=True, slots=True)
class Dot:
    """A row: its name, where it stands if it has a place, and what is written behind it; with neither it is the heading
    of those that follow. ``hollow``: it is compared with."""

    name: str
    at: Interval | None = None
    note: str = ""
    hollow: bool = False


@dataclass(frozen=True, slots=True)
class Scale:
    """From where to where, and what stands at which places; ``strong``: the place that is compared with."""

    low: float
    high: float
    ticks: Sequence[tuple[float, str]]
    strong: float | None = None


SHARES = Scale(0, 1, [(share / 4, f"{25 * share}%") for share in range(5)])


def differences(rows: Sequence[Dot]) -> Scale:
    """In points, as far to one side of nought as to the other."""
    most = max(max(abs(row.at.low), abs(row.at.high)) for row in rows if row.at)
    reach = next(step for step in (0.1, 0.2, 0.4, 0.6, 1.0, float("inf")) if step >= min(most, 1))
    ticks = [
        (reach * at / 2, f"{'+' if at > 0 else '−' if at < 0 else ''}{abs(50 * reach * at):.0f}") for at in range(-2, 3)
    ]
    return Scale(-reach, reach, ticks, strong=0)


def numbers(rows: Sequence[Dot]) -> Scale:
    """Whatever numbers they are, at round ones; what is nearly alike stays near."""
    low, high = min(row.at.low for row in rows if row.at), max(row.at.high for row in rows if row.at)
    more = max(0.0, _LEAST - (high - low)) / 2
    at = MaxNLocator(4, steps=[1, 2, 5, 10]).tick_values(low - more, high + more)
    return Scale(float(at[0]), float(at[-1]), [(float(tick), f"{tick:,.0f}".replace("-", "−")) for tick in at])


def dots(name: str, says: str, rows: Sequence[Dot], scale: Scale, width: int) -> str:
    """The figure. In a narrow one the words stand above the dots."""
    narrow = width == NARROW
    step, bottom = (44, 24) if narrow else (26, 24)
    left, right = (10, 10) if narrow else (250, 184)
    height = step * len(rows) + bottom + 8
    canvas = Canvas(name, width, height, left=left, right=right, top=8, bottom=bottom)
    canvas.axes.set(xlim=(scale.low, scale.high), ylim=(len(rows), 0))
    canvas.scale(scale.ticks, strong=scale.strong)
    for number, row in enumerate(rows):
        base = 8 + step * number + (17 if narrow else step / 2 + 4)
        if row.at is None and not row.note:
            canvas.write(0, base + 10 * narrow, fitted(row.name, 36), kind="heading")
            continue
        if row.at is not None:
            _dot(canvas, row.at, number + (0.72 if narrow else 0.5), row.hollow)
        canvas.write(0, base, fitted(row.name, int((width - _DIGIT * len(row.note)) / LETTER) if narrow else 30))
        canvas.write(width, base, row.note, "end", "note")
    return canvas.svg(says)


def _dot(canvas: Canvas, at: Interval, y: float, hollow: bool) -> None:
    canvas.axes.plot([at.low, at.high], [y, y], color=colour("ink"), lw=1.5, clip_on=False)
    canvas.axes.plot(
        [at.value],
        [y],
        "o",
        ms=8,
        color=colour("sheet" if hollow else "for"),
        mec=colour("ink"),
        mew=1.5,
        clip_on=False,
    )
