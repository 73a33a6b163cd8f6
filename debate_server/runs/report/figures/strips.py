"""Strips that are cut into parts, a row each, with headings between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from debate_server.runs.report.figures.canvas import NARROW, Canvas, Colour, colour
from debate_server.runs.report.words import fitted

# Pixels of a character in a strip.
_DIGIT: Final = 6.2
_PALE: Final = ("sheet", "rule", "won", "lost")


@dataclass(frozen=True, slots=True)
class Part:
    """``size``: how many they are; ``says``: what is written in it where there is room, or else ``short``."""

    size: int
    says: str
    fill: Colour
    short: str = ""


@dataclass(frozen=True, slots=True)
class Strip:
    """A row; without parts it is the heading of those that follow."""

    name: str
    parts: Sequence[Part] = ()
    note: str = ""


def strips(name: str, says: str, rows: Sequence[Strip], width: int) -> str:
    """The figure. Each strip is as long as the others: the parts are shares."""
    narrow = width == NARROW
    step = 42 if narrow else 28
    left, right = (1, 1) if narrow else (250, 110)
    canvas = Canvas(name, width, step * len(rows) + 8, left=left, right=right, top=4, bottom=4)
    canvas.axes.set(xlim=(0, 1), ylim=(len(rows), 0))
    canvas.axes.set_xticks([])
    for number, row in enumerate(rows):
        base = 4 + step * number + (15 if narrow else 18)
        if row.parts:
            canvas.write(0, base, fitted(row.name, 30))
        else:
            canvas.write(0, base + 8 * narrow, fitted(row.name, 36), kind="heading")
        canvas.write(width, base, row.note, "end", "note")
        _strip(canvas, row, number + (0.74 if narrow else 0.5), 20 / step, width - left - right)
    return canvas.svg(says)


def _strip(canvas: Canvas, row: Strip, y: float, thick: float, room: int) -> None:
    total, at = sum(part.size for part in row.parts), 0.0
    for part in row.parts:
        share = part.size / total if total else 0
        if share:
            canvas.axes.barh(y, share, thick, at, color=colour(part.fill), ec=colour("ink"), lw=1, clip_on=False)
            fitting = (text for text in (part.says, part.short) if len(text) * _DIGIT + 4 <= share * room)
            if written := next(fitting, ""):
                across, down = canvas.pixel(at + share / 2, y)
                canvas.write(across, down + 4, written, "middle", "on" if part.fill in _PALE else "in")
        at += share
