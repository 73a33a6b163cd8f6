"""``debate serve`` with a probe beside it that measures how long the event loop is blocked.

On every line that it reads from stdin it prints the longest lag since the last one, in milliseconds.
"""

import asyncio
import sys
from typing import Any

import uvloop

from debate_server import cli
from debate_server.commands import serve

PERIOD = 0.001


async def probed(work: Any) -> None:
    loop = asyncio.get_running_loop()
    longest = 0.0

    async def probe() -> None:
        nonlocal longest
        while True:
            before = loop.time()
            await asyncio.sleep(PERIOD)
            longest = max(longest, loop.time() - before - PERIOD)

    async def tell() -> None:
        nonlocal longest
        while await loop.run_in_executor(None, sys.stdin.readline):
            print(longest * 1000, flush=True)
            longest = 0.0

    beside = [asyncio.create_task(probe()), asyncio.create_task(tell())]
    await work
    for task in beside:
        task.cancel()


def run(work: Any) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(probed(work))


if __name__ == "__main__":
    cli._run = run
    assert serve
    cli.main()
