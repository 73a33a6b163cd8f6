"""What something costs against how good it is: a numbered dot each, and what the numbers mean beside or below."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from matplotlib.ticker import LogLocator, MaxNLocator

from debate_server.runs.evaluation.shape import Interval
from debate_server.runs.report.figures.canvas import NARROW, Canvas, colour
from debate_server.runs.report.words import fitted

# From so many times the least on, costs are shown by their size.
_APART: Final = 8
# Pixels between the lines of the key; how far from its spot a number may stand, to the side and up or down.
_LINE: Final = 22
_AWAY: Final = (14, 20, 28, 38, 50)
_RISE: Final = (0, -10, 10, -20, 20)


@dataclass(frozen=True, slots=True)
class Spot:
    """``hollow``: it is compared with."""

    name: str
    cost: float
    good: Interval
    hollow: bool = False


def scatter(name: str, says: str, spots: Sequence[Spot], unit: str, width: int) -> str:
    """The figure."""
    narrow = width == NARROW
    plot, key = 260, _LINE * len(spots) + 10
    height = plot + key if narrow else max(plot, key)
    left, right = (40, 12) if narrow else (44, 300)
    canvas = Canvas(name, width, height, left=left, right=right, top=12, bottom=height - plot + 44)
    canvas.axes.set_ylim(-0.02, 1.02)
    _costs(canvas, [spot.cost for spot in spots], unit)
    for share in range(5):
        canvas.axes.axhline(share / 4, color=colour("rule"), lw=1, zorder=0, clip_on=False)
        canvas.write(left - 8, canvas.pixel(spots[0].cost, share / 4)[1] + 4, f"{25 * share}%", "end", "tick")
    canvas.write(left + (width - left - right) / 2, plot - 8, f"{unit} a debate", "middle", "tick")
    for spot in spots:
        _spot(canvas, spot)
    for number, (x, y) in enumerate(_beside([canvas.pixel(spot.cost, spot.good.value) for spot in spots]), 1):
        canvas.write(x, y + 4, str(number), "middle", "number")
    for number, spot in enumerate(spots, 1):
        y = (plot if narrow else 8) + _LINE * number - 8
        start = left + 6 if narrow else width - right + 46
        canvas.write(start, y, str(number), "end", "number")
        canvas.write(start + 10, y, fitted(spot.name, 30))
    return canvas.svg(says)


def _spot(canvas: Canvas, spot: Spot) -> None:
    fill = colour("sheet" if spot.hollow else "for")
    canvas.axes.plot(
        [spot.cost] * 2, [spot.good.low, spot.good.high], color=colour("edge"), lw=1, clip_on=False, zorder=2
    )
    canvas.axes.plot(
        [spot.cost], [spot.good.value], "o", ms=9, color=fill, mec=colour("ink"), mew=1.5, clip_on=False, zorder=3
    )


def _beside(spots: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """A place near each for its number, where there is neither a spot nor another number; or else the nearest."""
    taken, placed = list(spots), list[tuple[float, float]]()
    for x, y in spots:
        around = [(x + away * side, y + rise) for away in _AWAY for rise in _RISE for side in (1, -1)]
        free = [
            place for place in around if all(abs(place[0] - at) > 12 or abs(place[1] - up) > 12 for at, up in taken)
        ]
        placed.append(free[0] if free else around[0])
        taken.append(placed[-1])
    return placed


def _costs(canvas: Canvas, costs: Sequence[float], unit: str) -> None:
    low, high = min(costs), max(costs)
    if low > 0 and high / low >= _APART:
        canvas.axes.set_xscale("log")
        low, high = low / 1.6, high * 1.6
        at = LogLocator(subs=(1, 3) if high / low < 300 else (1,)).tick_values(low, high)
    else:
        low, high = 0, 1.15 * high or 1
        at = MaxNLocator(4).tick_values(low, high)
    canvas.axes.set_xlim(low, high)
    dollars = unit == "dollars"
    canvas.scale([(float(x), f"{'$' * dollars}{x:,.4g}") for x in at if low <= x <= high])
    canvas.axes.minorticks_off()
