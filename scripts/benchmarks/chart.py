"""The README's chart: ours beside peers, as one SVG that follows the reader's theme and stays legible on a phone.

``scripts/bench --chart FILE`` draws it of what it measured; from the figures of an earlier run it is drawn by

    .venv/bin/python -m scripts.benchmarks.chart FIGURES.json docs/performance.svg
"""

import json
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

# A figure and its case, as ``scripts/bench --json`` writes them.
Written = Mapping[str, Any]

TITLE: Final = "What a token costs, and how late it comes"
NOTES: Final = (
    "Medians, on one core; lines go from least to most; %: tokens delivered.",
    "debate-server commits a token before it is seen; others keep nothing.",
)
CONTENDERS: Final = {"ours": "debate-server", "Hono": "Hono", "aiohttp-sse": "aiohttp-sse", "FastAPI": "FastAPI"}
# Whoever delivers less than this share of the tokens that are due has it said.
WHOLE: Final = 0.99
# In pixels: the chart's width, its margin, where bars begin, how long the longest is, and a row's height.
WIDTH, MARGIN, START, REACH, ROW = 760, 28, 214, 350, 28


@dataclass(frozen=True, slots=True)
class Panel:
    """One comparison: the figures of a case whose names begin so. ``tenfold``: equal steps stand for ten times as much,
    since the largest would leave nothing to be seen of the least."""

    title: str
    case: str
    begins: str
    tenfold: bool = False


PANELS: Final = (
    Panel("CPU per token", "tokens", "CPU per token, "),
    Panel("How late a token comes", "tokens", "upstream → viewer, ", tenfold=True),
    Panel("CPU per token for each viewer", "fanout", "CPU per event, "),
)
CASES: Final = {panel.case for panel in PANELS}


def draw(known: Sequence[Written]) -> str:
    """The chart as an SVG document. Raises LookupError, which names it, where a figure is missing."""
    svg = ET.Element("svg", xmlns="http://www.w3.org/2000/svg", role="img")
    ET.SubElement(svg, "title").text = TITLE
    ET.SubElement(svg, "style").text = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
    sheet = ET.SubElement(svg, "rect", {"class": "sheet"}, x="0.5", y="0.5", rx="8", width=f"{WIDTH - 1}")
    _text(svg, MARGIN, 42, TITLE, "title")
    y = 92
    for panel in PANELS:
        y = _panel(svg, y, panel, known)
    for note in NOTES:
        _text(svg, MARGIN, y, note, "faint")
        y += 24
    y += 6
    sheet.set("height", f"{y - 1}")
    svg.attrib |= {"viewBox": f"0 0 {WIDTH} {y}", "width": f"{WIDTH}", "height": f"{y}"}
    ET.indent(svg)
    return ET.tostring(svg, encoding="unicode") + "\n"


def _panel(svg: ET.Element, y: int, panel: Panel, known: Sequence[Written]) -> int:
    """Draw a panel from there down; where the next one begins."""
    rows = {who: _find(known, panel.case, panel.begins, who) for who in CONTENDERS}
    load = rows["ours"]["name"].removeprefix(panel.begins).removesuffix(", ours")
    ET.SubElement(_text(svg, MARGIN, y, panel.title, "head"), "tspan", {"class": "faint"}, dx="10").text = load
    top = y + 16
    bottom = top + ROW * len(rows)
    least, most = min(row["low"] for row in rows.values()), max(row["high"] for row in rows.values())
    first, last = math.floor(math.log10(least)), math.ceil(math.log10(most))

    def x(value: float) -> float:
        share = (math.log10(value) - first) / (last - first) if panel.tenfold else value / most
        return START + REACH * share

    for power in range(first, last + 1) if panel.tenfold else ():
        _line(svg, "grid", x(10**power), top, x(10**power), bottom)
        _text(svg, x(10**power), bottom + 13, f"{10**power:,g} {rows['ours']['unit']}", "faint", anchor="middle")
    for number, (who, row) in enumerate(rows.items()):
        middle = top + ROW * number + ROW // 2
        came = _find(known, panel.case, "tokens that came of those due", who)["value"]
        _text(svg, MARGIN, middle, CONTENDERS[who], "ours" if who == "ours" else "name")
        _mark(svg, "ours" if who == "ours" else "theirs", x(row["value"]), middle, dot=panel.tenfold)
        _line(svg, "span", x(row["low"]), middle, x(row["high"]), middle)
        told = _text(svg, x(row["high"]) + 14, middle, _number(row), "value")
        if came < WHOLE:
            ET.SubElement(told, "tspan", {"class": "faint"}, dx="8").text = f"{came:.0%}"
            ET.SubElement(told, "tspan", {"class": "faint more"}).text = " delivered"
    return bottom + (58 if panel.tenfold else 38)


def _mark(svg: ET.Element, kind: str, x: float, middle: int, *, dot: bool) -> None:
    """A dot at x, or a bar that ends there."""
    if dot:
        ET.SubElement(svg, "circle", {"class": kind}, cx=f"{x:.1f}", cy=f"{middle}", r="7")
    else:
        size = {"x": f"{START}", "y": f"{middle - 7}", "width": f"{x - START:.1f}", "height": "14", "rx": "2"}
        ET.SubElement(svg, "rect", size | {"class": kind})


def _find(known: Sequence[Written], case: str, begins: str, who: str) -> Written:
    for figure in known:
        if figure["case"] == case and figure["name"].startswith(begins) and figure["name"].endswith(f", {who}"):
            return figure
    raise LookupError(f"The chart lacks the figure “{begins.rstrip(', ')}, {who}” of the case {case}.")


def _number(figure: Written) -> str:
    value = figure["value"]
    return f"{value:,.{0 if value >= 10 else 1}f} {figure['unit']}"


def _text(svg: ET.Element, x: float, y: int, text: str, kind: str, anchor: str = "start") -> ET.Element:
    element = ET.SubElement(svg, "text", {"class": kind, "x": f"{x:.1f}", "y": f"{y}", "text-anchor": anchor})
    element.text = text
    return element


def _line(svg: ET.Element, kind: str, x1: float, y1: int, x2: float, y2: int) -> None:
    ET.SubElement(svg, "line", {"class": kind}, x1=f"{x1:.1f}", y1=f"{y1}", x2=f"{x2:.1f}", y2=f"{y2}")


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(draw(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))), encoding="utf-8")
