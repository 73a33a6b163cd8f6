"""A process that plays an upstream: every speech is paced tokens, each stamped with the time it is sent.

Its arguments: tokens of a speech, and tokens a second.
"""

import asyncio
import sys
import time
from typing import Any

from tests.fakes.script import Pace, Say, Script
from tests.fakes.upstream import FakeUpstream

# Tokens of a paragraph.
PARAGRAPH = 50


def stamp() -> str:
    """CLOCK_MONOTONIC is the same for all processes of a machine."""
    return f"@{time.monotonic_ns()} "


async def serve(tokens: int, rate: float) -> None:
    def script(_: dict[str, Any]) -> Script:
        paragraph = "word " * (PARAGRAPH - 1) + "word.\n\n"
        return [Say("Well,", finish=None), Pace(rate, stamp), Say(paragraph * (tokens // PARAGRAPH))]

    async with FakeUpstream(script) as fake:
        print(fake.base_url, flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2])))
