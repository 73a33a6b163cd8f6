"""The cases of a log that is there already: starting on it, and resuming in it beside live debates."""

import asyncio
import os
import random
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from scripts.benchmarks.load import logs, run
from scripts.benchmarks.load.contenders import OURS, cores, pinned
from scripts.benchmarks.machine import Figure, line, percentile

# Between two resumes.
PAUSE: Final = 0.02


async def restart(times: int, debates: int = 10_000) -> AsyncIterator[Figure]:
    """How long the server takes until it accepts, on a log of many debates and on an empty one."""
    with tempfile.TemporaryDirectory() as full, tempfile.TemporaryDirectory() as empty:
        await logs.write(Path(full), debates=debates, tokens=10)
        starts = {full: list[float](), empty: list[float]()}
        for _ in range(times):
            for folder, seconds in starts.items():
                seconds.append(await _start(folder))
    for name, folder, goal in ((f"a log of {debates:,} debates", full, 1.0), ("an empty log", empty, None)):
        seconds = starts[folder]
        low, high = min(seconds), max(seconds)
        yield Figure(f"debate serve on {name}", statistics.median(seconds), "s", goal, low=low, high=high)


async def catch_up(seconds: float, events: int = 10_000, debates: int = 100) -> AsyncIterator[Figure]:
    """From the request with a cursor to the first event, at random places of a long debate, beside live ones."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        debate = await logs.write(folder, debates=1, tokens=events // 3)
        async with run.talking(OURS, debates, seconds, folder) as live:
            resuming = asyncio.to_thread(_resume_again, live.address, debate, events, seconds)
            times, load = await asyncio.gather(resuming, live.count())
    run.tell("catchup", load)
    beside = f"resume in {events:,} events beside {debates} debates, first event"
    yield Figure(f"{beside}, p50", percentile(times, 0.5), "ms")
    yield Figure(f"{beside}, p99 of {len(times)}", percentile(times, 0.99), "ms", 10)


async def _start(folder: str) -> float:
    before = time.perf_counter()
    words = ("-m", "debate_server", "serve", "--port", "0", "--data", folder, "--no-discover")
    async with pinned(sys.executable, *words) as started:
        assert await line(started), "the server did not start"
        return time.perf_counter() - before


def _resume_again(address: str, debate: str, events: int, seconds: float) -> list[float]:
    """Resume one time after the other for so long; how many milliseconds each took. To be run in a thread."""
    if where := cores():
        os.sched_setaffinity(0, map(int, where[1].split(",")))  # of this thread
    until = time.monotonic() + seconds
    times = []
    while time.monotonic() < until:
        times.append(_first_event(urlsplit(address).port, debate, random.randrange(events)) * 1000)
        time.sleep(PAUSE)
    return times


def _first_event(port: int | None, debate: str, cursor: int) -> float:
    """Seconds from a request with that cursor until the event that follows it is here."""
    path = f"/api/debates/{debate}/events"
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nLast-Event-ID: {debate}.{cursor}\r\n\r\n".encode()
    wanted, read = f"\nid: {debate}.{cursor + 1}\n\n".encode(), b""
    before = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(request)
        while wanted not in read:
            more = connection.recv(65536)
            assert more, f"the stream ended before event {cursor + 1}: {read[:200]!r}"
            read += more
    return time.perf_counter() - before
