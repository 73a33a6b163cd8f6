"""Holds debates side by side and says what that cost.

    python -m scripts.benchmarks.load.holding run|alone URL MODEL ITEMS AT_ONCE

As a run, with its output and its progress, or each by itself, with nothing but the engine. Prints, in JSON, the seconds
that it took, those of CPU, and by how many MB the process grew in the second half of them.
"""

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

import orjson
import uvloop

from debate_server.commands.batch import Batch, How
from debate_server.house import House, opened
from debate_server.runs.holding.venue import Here
from debate_server.runs.items.source import Source, open_items
from debate_server.runs.orders.wanted import ordered
from debate_server.settings import Settings
from debate_server.shell import start_log
from scripts.benchmarks.load.past import wanted
from scripts.benchmarks.machine import memory

PERIOD: Final = 0.2


async def main(how: str, url: str, model: str, file: str, at_once: int) -> None:
    with tempfile.TemporaryDirectory() as folder, open_items(file, longest=2000) as items:
        settings = Settings(data=folder, base_url=url, discover=False, max_running=at_once)
        async with opened(settings) as house:
            sizes = list[float]()
            weighing = asyncio.create_task(_weigh(sizes))
            began, cpu = time.monotonic(), time.process_time()
            await (_run if how == "run" else _alone)(house, settings, items, model, at_once)
            took, cpu = time.monotonic() - began, time.process_time() - cpu
            weighing.cancel()
    print(orjson.dumps({"seconds": took, "cpu": cpu, "grown": sizes[-1] - sizes[len(sizes) // 2]}).decode())


async def _weigh(sizes: list[float]) -> None:
    while True:
        sizes.append(memory(os.getpid()))
        await asyncio.sleep(PERIOD)


async def _run(house: House, settings: Settings, items: Source, model: str, at_once: int) -> None:
    out = Path(settings.data) / "out.ndjson"
    how = How(at_once=at_once, out=out, server="", again=False, dry_run=False)
    make = ordered(wanted(("classic",), (model,), rounds=1), items, settings)
    await Batch(make, how).hold(Here(house.log, house.upstream, house.runner), "")


async def _alone(house: House, settings: Settings, items: Source, model: str, at_once: int) -> None:
    venue = Here(house.log, house.upstream, house.runner)
    order = await ordered(wanted(("classic",), (model,), rounds=1), items, settings)(venue)
    ahead = order.planned()

    async def work() -> None:
        for one in ahead:
            await house.runner.ended(await house.runner.start(one.start, detached=True))

    await asyncio.gather(*(work() for _ in range(at_once)))


if __name__ == "__main__":
    start_log("error")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        how, url, model, items, at_once = sys.argv[1:]
        runner.run(main(how, url, model, items, int(at_once)))
