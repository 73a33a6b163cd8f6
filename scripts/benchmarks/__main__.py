"""Run the cases that are named, or all; print their figures, and exit with 1 where a goal is missed."""

import argparse
import asyncio
import gc
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import uvloop

from scripts.benchmarks import cases, chart, hardship, live, page, runs, steering, streams

CASES = {
    "startup": cases.startup,
    "latency": cases.latency,
    "embedded": cases.embedded,
    "resume": streams.resume,
    "replay": streams.replay,
    "idle": streams.idle,
    "crowd": streams.crowd,
    "slow": hardship.slow,
    "disk": hardship.disk,
    "torrent": hardship.torrent,
    "rush": hardship.rush,
    "formats": steering.formats,
    "council": steering.council,
    "fork": steering.fork,
    "run": runs.run,
    "again": runs.again,
    "report": runs.report,
    "page": page.usable,
    "flood": page.flood,
    "long": page.long,
}


def chosen(names: list[str], *, quick: bool) -> list[str]:
    """The cases that are meant by these names, or by none."""
    beside_peers = list(live.cases(quick=quick))
    if not names:
        return beside_peers if quick else [*CASES, *beside_peers]
    return [each for name in names for each in (beside_peers if name == "live" else [name])]


async def main(names: list[str], *, quick: bool) -> list[dict[str, Any]]:
    """The figures of these cases, once they are printed."""
    known = CASES | live.cases(quick=quick)
    figures = []
    for case in names:
        async for figure in known[case]():
            figures.append({"case": case, **asdict(figure), "met": figure.met})
            print(figure, flush=True)
    return figures


if __name__ == "__main__":
    gc.disable()  # or it would measure its own collections, with a million delays at hand
    names = ("live", *live.cases(quick=True), *CASES)
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="only live debates, in under three minutes")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--chart", type=Path, metavar="FILE", help="draw the README's chart there, from the figures")
    parser.add_argument("case", nargs="*", help=", ".join(names), metavar="CASE")
    asked = parser.parse_args()
    if unknown := set(asked.case) - set(names):
        parser.error(f"there is no case {', '.join(unknown)}")
    meant = chosen(asked.case, quick=asked.quick)
    if asked.chart is not None and (left_out := chart.CASES - set(meant)):
        parser.error(f"the chart needs {' and '.join(sorted(left_out))} too")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        figures = runner.run(main(meant, quick=asked.quick))
    if asked.json is not None:
        asked.json.write_text(json.dumps(figures, indent=1, ensure_ascii=False), encoding="utf-8")
    if asked.chart is not None:
        try:
            asked.chart.write_text(chart.draw(figures), encoding="utf-8")
        except LookupError as missing:
            sys.exit(f"{missing}")
    sys.exit(0 if all(figure["met"] for figure in figures) else 1)
