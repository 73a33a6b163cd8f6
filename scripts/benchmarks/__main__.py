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

from scripts.benchmarks import cases, live, page, streams

CASES = {
    "startup": cases.startup,
    "latency": cases.latency,
    "embedded": cases.embedded,
    "resume": streams.resume,
    "replay": streams.replay,
    "idle": streams.idle,
    "crowd": streams.crowd,
    "deaf": streams.deaf,
    "page": page.usable,
    "flood": page.flood,
    "long": page.long,
}


async def main(names: list[str], *, quick: bool) -> list[dict[str, Any]]:
    """The figures, once they are printed."""
    beside_peers = live.cases(quick=quick)
    known = CASES | beside_peers
    chosen = names or list(beside_peers if quick else known)
    figures = []
    for case in [each for name in chosen for each in (beside_peers if name == "live" else [name])]:
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
    parser.add_argument("case", nargs="*", help=", ".join(names), metavar="CASE")
    asked = parser.parse_args()
    if unknown := set(asked.case) - set(names):
        parser.error(f"there is no case {', '.join(unknown)}")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        figures = runner.run(main(asked.case, quick=asked.quick))
    if asked.json is not None:
        asked.json.write_text(json.dumps(figures, indent=1, ensure_ascii=False), encoding="utf-8")
    sys.exit(0 if all(figure["met"] for figure in figures) else 1)
