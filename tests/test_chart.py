"""The README's chart is drawn from the figures of a run, to scale."""

import re
from dataclasses import asdict
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from scripts.benchmarks.chart import CONTENDERS, START, WIDTH, draw
from scripts.benchmarks.machine import Figure

SVG = "{http://www.w3.org/2000/svg}"
LOAD = "100 debates × 50 tokens/s"


def figures(**values: tuple[float, float]) -> list[dict[str, Any]]:
    """What a run writes down: of each contender the same, but where ``values`` has its cost and its delay."""
    made = []
    for who in CONTENDERS:
        cost, delay = values.get(who, (100.0, 10.0))
        share = 0.5 if delay > 500 else 1.0
        for case, name, value, unit in (
            ("tokens", f"CPU per token, {LOAD}", cost, "µs"),
            ("tokens", f"upstream → viewer, {LOAD}, p99", delay, "ms"),
            ("tokens", "tokens that came of those due", share, ""),
            ("fanout", "CPU per event, 1 debate × 1,000 viewers", 20.0, "µs"),
            ("fanout", "tokens that came of those due", 1.0, ""),
        ):
            figure = Figure(f"{name}, {who}", value, unit, low=value * 0.9, high=value * 1.1)
            made.append({"case": case, **asdict(figure), "met": figure.met})
    return made


def test_bars_are_as_long_and_dots_as_far_apart_as_the_figures_say() -> None:
    svg = ET.fromstring(draw(figures(ours=(50, 1), Hono=(100, 10), FastAPI=(200, 1000))))
    bars = [float(bar.attrib["width"]) for bar in svg.iter(f"{SVG}rect") if bar.attrib["class"] != "sheet"]
    ours, hono, aiohttp, fastapi = bars[:4]
    assert [hono, aiohttp, fastapi] == pytest.approx([2 * ours, 2 * ours, 4 * ours], rel=0.01)
    dots = [float(dot.attrib["cx"]) for dot in svg.iter(f"{SVG}circle")]
    assert dots[3] - dots[0] == pytest.approx(3 * (dots[1] - dots[0]), rel=0.01)
    ends = [float(line.attrib[end]) for line in svg.iter(f"{SVG}line") for end in ("x1", "x2")]
    assert START <= min(ends) < max(ends) < WIDTH


def test_its_words_are_the_figures_and_what_was_measured() -> None:
    svg = ET.fromstring(draw(figures(ours=(51.4, 6.28), FastAPI=(200, 1234))))
    said = ["".join(text.itertext()).strip() for text in svg.iter(f"{SVG}text")]
    words = [re.sub(r"\s+", " ", text) for text in said]
    assert {"debate-server", "51 µs", "6.3 ms", "100 µs", "1,234 ms50% delivered", f"CPU per token{LOAD}"} <= set(words)


@pytest.mark.parametrize("lost", ["CPU per event", "tokens that came"])
def test_a_missing_figure_is_named(lost: str) -> None:
    some = [figure for figure in figures() if not (figure["name"].startswith(lost) and "FastAPI" in figure["name"])]
    with pytest.raises(LookupError, match=f"{lost}.*, FastAPI"):
        draw(some)
