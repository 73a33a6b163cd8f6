"""Run the cases that are named, or all; print their figures, and exit with 1 where a goal is missed."""

import asyncio
import gc
import json
import sys

import uvloop

from scripts.benchmarks import cases, page, streams

CASES = {
    "startup": cases.startup,
    "latency": cases.latency,
    "embedded": cases.embedded,
    "resume": streams.resume,
    "replay": streams.replay,
    "idle": streams.idle,
    "crowd": streams.crowd,
    "page": page.usable,
    "flood": page.flood,
    "long": page.long,
}


async def main(names: list[str], as_json: bool) -> int:
    missed = 0
    for name in names or list(CASES):
        async for figure in CASES[name]():
            missed += not figure.met
            fields = {
                "case": name,
                "name": figure.name,
                "value": figure.value,
                "unit": figure.unit,
                "goal": figure.goal,
            }
            print(json.dumps(fields) if as_json else figure, flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    gc.disable()  # or it would measure its own collections, with a million delays at hand
    names = [word for word in sys.argv[1:] if word != "--json"]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.exit(runner.run(main(names, "--json" in sys.argv)))
