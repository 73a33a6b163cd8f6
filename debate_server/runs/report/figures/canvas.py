"""A sheet to draw on with matplotlib, and how what is drawn becomes a small SVG that belongs to its page.

Colours are names: they are drawn in colours that nothing else has, which then become classes, so that the page's style
says what they are, by day and by night. Words, which anybody may have written, never pass through matplotlib: it sets
marks in their place. What was drawn twice is the same, byte by byte: ids are salted with the figure's name.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any, Final, Literal
from xml.etree import ElementTree as ET

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

# One unit is a point of matplotlib's and a pixel of the page's.
_DPI: Final = 72
WIDE: Final = 720
NARROW: Final = 328
# Pixels of a character of a label, in a broad typeface.
LETTER: Final = 8.2

Colour = Literal["ink", "faint", "rule", "edge", "sheet", "for", "against", "won", "lost", "chair", "other"]
_COLOURS: Final[tuple[Colour, ...]] = (
    "ink", "faint", "rule", "edge", "sheet", "for", "against", "won", "lost", "chair", "other",
)  # fmt: skip
_HEX: Final = {name: f"#0101{number:02x}" for number, name in enumerate(_COLOURS, 1)}
_NAMED: Final = {code: name for name, code in _HEX.items()}
_SVG: Final = "{http://www.w3.org/2000/svg}"
_LINK: Final = "{http://www.w3.org/1999/xlink}href"
_ANCHORS: Final = {"start": "left", "middle": "center", "end": "right"}
# What of matplotlib's style means something: all else is the default of SVG.
_KEPT: Final = {"fill", "stroke", "stroke-width", "stroke-dasharray", "text-anchor"}
_UNSEEN: Final = re.compile(r"[^\t -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Anchor = Literal["start", "middle", "end"]


def colour(name: Colour) -> str:
    """What to tell matplotlib to draw in."""
    return _HEX[name]


@dataclass(frozen=True, slots=True)
class _Words:
    text: str
    kind: str


class Canvas:
    """A figure of that many pixels with one pair of axes in it, the given distances from its edges."""

    def __init__(self, name: str, width: int, height: int, *, left: int, right: int, top: int, bottom: int) -> None:
        self.name, self.width, self.height, self._words = name, width, height, list[_Words]()
        self._figure = Figure(figsize=(width / _DPI, height / _DPI), dpi=_DPI)
        box = (left / width, bottom / height, (width - left - right) / width, (height - top - bottom) / height)
        self.axes: Axes = self._figure.add_axes(box, frameon=False)
        self.axes.tick_params(length=0, left=False, labelleft=False, labelbottom=False)

    def write(self, x: float, y: float, text: str, anchor: Anchor = "start", kind: str = "label") -> None:
        """Words at pixels from the left and from the top, on their baseline. ``kind`` is a class of the page's."""
        self._figure.text(
            x / self.width, 1 - y / self.height, self._mark(text, kind), ha=_ANCHORS[anchor], va="baseline"
        )

    def lead(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """A hairline between two places, in pixels from the left and from the top."""
        (x, y), (to_x, to_y) = start, end
        across, down = [x / self.width, to_x / self.width], [1 - y / self.height, 1 - to_y / self.height]
        self._figure.add_artist(Line2D(across, down, color=colour("edge"), lw=0.75))

    def pixel(self, x: float, y: float) -> tuple[float, float]:
        """Where a place of the axes is, in pixels from the left and from the top."""
        across, up = self.axes.transData.transform((x, y))
        return float(across), self.height - float(up)

    def scale(self, ticks: Sequence[tuple[float, str]], *, strong: float | None = None) -> None:
        """A hairline down through the axes at each of the places, named below; ``strong``: where one is drawn that is
        compared with."""
        self.axes.set_xticks([])
        for x, name in ticks:
            self.axes.axvline(x, color=colour("edge" if x == strong else "rule"), lw=1, zorder=0, clip_on=False)
            across, _ = self.pixel(x, 0)
            self.write(across, self.height * (1 - self.axes.get_position().y0) + 16, name, "middle", "tick")

    def svg(self, says: str) -> str:
        """What was drawn; ``says`` is read to who does not see it."""
        out = StringIO()
        with mpl.rc_context(
            {"svg.fonttype": "none", "svg.hashsalt": f"{self.name}-{self.width}", "path.simplify": False}
        ):
            self._figure.savefig(out, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
        drawn = ET.fromstring(out.getvalue())
        root = ET.Element(
            "svg", {"viewBox": f"0 0 {self.width} {self.height}", "role": "img", "aria-label": _clean(says),
                    "class": "narrow" if self.width == NARROW else "wide"},
        )  # fmt: skip
        for child in drawn:
            self._take(child, root)
        return ET.tostring(root, encoding="unicode", short_empty_elements=True)

    def _mark(self, text: str, kind: str) -> str:
        self._words.append(_Words(_clean(text), kind))
        return f"w{len(self._words) - 1}"

    def _take(self, drawn: ET.Element, into: ET.Element) -> None:
        """Take over what can be seen; groups fall away, what is in them stays."""
        tag = drawn.tag.removeprefix(_SVG)
        if tag in ("metadata", "style") or (tag == "path" and _invisible(drawn)):
            return
        if tag == "defs" and not [child for child in drawn if child.tag != f"{_SVG}style"]:
            return
        if tag == "g":
            for child in drawn:
                self._take(child, into)
            return
        taken = ET.SubElement(into, tag, _attributes(drawn))
        if tag == "text":
            words = self._words[int((drawn.text or "").strip().removeprefix("w"))]
            taken.text, taken.attrib["class"] = words.text, words.kind
        for child in drawn:
            self._take(child, taken)


def _clean(text: str) -> str:
    """Without what no XML may hold."""
    return _UNSEEN.sub("�", text)


def _invisible(path: ET.Element) -> bool:
    style = path.get("style", "")
    return "opacity: 0" in style.replace("opacity: 0.", "") or style == "fill: #ffffff"


def _attributes(drawn: ET.Element) -> dict[str, str]:
    kept, classes = dict[str, Any](), list[str]()
    for name, value in drawn.attrib.items():
        if name == _LINK:
            kept["href"] = value
        elif name in ("id", "x", "y", "d"):
            kept[name] = _short(value)
    for rule in drawn.get("style", "").split(";"):
        name, _, value = (part.strip() for part in rule.partition(":"))
        if value in _NAMED:
            classes.append(f"{name[0]}-{_NAMED[value]}")
        elif name in _KEPT:
            kept[name] = _short(value)
    if classes:
        kept["class"] = " ".join(classes)
    return kept


def _short(text: str) -> str:
    """Numbers to a tenth of a pixel, on one line."""
    return " ".join(re.sub(r"-?\d+\.\d+", lambda found: f"{float(found[0]):.1f}".removesuffix(".0"), text).split())
