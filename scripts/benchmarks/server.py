"""``debate serve`` with a probe beside it that measures how long the event loop is blocked.

On every line that it reads from stdin it prints, in milliseconds, the longest lag since the last one and the 99th
percentile of what would have been felt every millisecond.
"""

import asyncio
import sys
from array import array
from typing import Any

import uvloop

PERIOD = 0.001
# Lags are counted by tenths of a millisecond, so that the probe's memory does not grow.
BUCKET = 0.0001
BUCKETS = 10_000


class Lags:
    """How often the loop was how late."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._counts = array("L", bytes(array("L").itemsize * BUCKETS))

    def note(self, late: float) -> None:
        self.longest = max(self.longest, late)
        while late > 0:
            self._counts[min(int(late / BUCKET), BUCKETS - 1)] += 1
            late -= PERIOD  # what the probe would have felt that was due meanwhile

    def p99(self) -> float:
        left = sum(self._counts) // 100
        for bucket in range(BUCKETS - 1, 0, -1):
            if (left := left - self._counts[bucket]) < 0:
                return (bucket + 1) * BUCKET
        return 0.0


async def probed(work: Any) -> None:
    loop = asyncio.get_running_loop()
    lags = Lags()

    async def probe() -> None:
        while True:
            before = loop.time()
            await asyncio.sleep(PERIOD)
            lags.note(loop.time() - before - PERIOD)

    async def tell() -> None:
        nonlocal lags
        while await loop.run_in_executor(None, sys.stdin.readline):
            print(lags.longest * 1000, lags.p99() * 1000, flush=True)
            lags = Lags()

    beside = [asyncio.create_task(probe()), asyncio.create_task(tell())]
    await work
    for task in beside:
        task.cancel()


def run(work: Any) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(probed(work))


if __name__ == "__main__":
    from debate_server import cli, shell
    from debate_server.commands import serve

    shell.run_to_end = run
    assert serve
    cli.main()
