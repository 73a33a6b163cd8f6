"""Lines from one share to another: how each does on one side and on the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from debate_server.runs.report.figures.canvas import LETTER, NARROW, Canvas, colour
from debate_server.runs.report.words import fitted, percent

# Pixels between the baselines of two lines of words.
_LINE: Final = 18
# Pixels from the end of a line to where "100%" begins, to where that ends, and to where the name begins.
_BEGIN: Final = 22
_END: Final = 58
_NAME: Final = 66


@dataclass(frozen=True, slots=True)
class Slope:
    name: str
    before: float
    after: float


def slopes(name: str, says: str, lines: Sequence[Slope], ends: tuple[str, str], width: int) -> str:
    """The figure; it is as high as its words need, which stand beside the ends of the lines without touching."""
    narrow = width == NARROW
    left, right = (58, 200) if narrow else (60, 320)
    canvas = Canvas(name, width, max(240, _LINE * (len(lines) + 4) + 48), left=left, right=right, top=34, bottom=14)
    shares = [share for line in lines for share in (line.before, line.after)]
    canvas.axes.set(xlim=(0, 1), ylim=(max(0, min(*shares, 0.5) - 0.05), min(1, max(*shares, 0.5) + 0.05)))
    canvas.axes.set_xticks([])
    for x in (0, 1):
        canvas.axes.axvline(x, color=colour("edge"), lw=1, clip_on=False)
    canvas.axes.plot([0, 1], [0.5, 0.5], color=colour("edge"), lw=1, dashes=(3, 3))
    for line in lines:
        canvas.axes.plot(
            [0, 1], [line.before, line.after], "-o", color=colour("for"), lw=1.5, ms=7, mec=colour("ink"), mew=1,
            clip_on=False,
        )  # fmt: skip
    canvas.write(left, 16, ends[0], "middle", "tick")
    canvas.write(width - right, 16, ends[1], "middle", "tick")
    begins = {percent(line.before): line.before for line in lines}
    for at, y in _places(canvas, list(begins.values()), 0):
        canvas.write(left - _BEGIN, y, list(begins)[at], "end", "note")
    for at, y in _places(canvas, [line.after for line in lines], 1):
        canvas.write(width - right + _END, y, percent(lines[at].after), "end", "note")
        canvas.write(width - right + _NAME, y, fitted(lines[at].name, int((right - _NAME) / LETTER) - 1))
    return canvas.svg(says)


def _places(canvas: Canvas, shares: Sequence[float], x: int) -> list[tuple[int, float]]:
    """The baseline for the words of each, after a line has been led from its dot to there."""
    dots = [canvas.pixel(x, share) for share in shares]
    spread = _spread([y for _, y in dots], 34, canvas.height - 14)
    for (across, down), y in zip(dots, spread, strict=True):
        away = 1 if x else -1
        canvas.lead((across + 5 * away, down), (across + 19 * away, y))
    return [(at, y + 4) for at, y in enumerate(spread)]


def _spread(wanted: Sequence[float], top: float, bottom: float) -> list[float]:
    """Places as near to those as lets each have a line of its own."""
    order = sorted(range(len(wanted)), key=lambda one: wanted[one])
    placed, least = [0.0] * len(wanted), top
    for one in order:
        placed[one] = least = max(wanted[one], least)
        least += _LINE
    most = bottom
    for one in reversed(order):
        placed[one] = most = min(placed[one], most)
        most -= _LINE
    return placed
