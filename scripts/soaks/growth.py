"""Hours of debates on one server: its memory must stay flat, and its descriptors come back.

The server is a process of its own, the upstream and the people are in this one. After a warm-up, the memory of the
last fifth of the time may be no more than ``SLACK`` above that of the first fifth, as medians.
"""

import asyncio
import itertools
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp

from scripts.benchmarks.machine import line, memory, process
from scripts.soaks.stories import Town, everything_once, story, upstream
from tests.fakes.upstream import FakeUpstream

# Debates that run at a time, and stories that are told: some wait in line.
RUNNING: Final = 8
STORIES: Final = 10
# The warm-up: this share of the time, and these seconds where half of the time allows; caches and heaps have their size
# by then. Afterwards the memory may grow by no more than this share of it.
WARM_UP: Final = 0.1
SETTLING: Final = 240
SLACK: Final = 0.05
# Lines of the report.
LINES: Final = 30
# Connections that nobody uses any more are closed within so many seconds, at both ends.
REST_SECONDS: Final = 45
FLAGS: Final = (
    "--model", "fake-chat", "--max-running", str(RUNNING), "--write-deadline", "3", "--grace", "5", "--heartbeat", "2",
    "--token-timeout", "20",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sample:
    """What the server has: memory in MB, all of it and its share of what is shared; open descriptors."""

    rss: float
    pss: float
    descriptors: int

    @classmethod
    def of(cls, pid: int) -> "Sample":
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        pss = next(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))
        return cls(memory(pid), pss * 1024 / 1e6, len(list(Path(f"/proc/{pid}/fd").iterdir())))

    def __str__(self) -> str:
        return f"RSS {self.rss:6.1f} MB, PSS {self.pss:6.1f} MB, {self.descriptors:4d} descriptors"


def middle(samples: list[Sample]) -> Sample:
    """The median of each."""
    columns = zip(*((one.rss, one.pss, one.descriptors) for one in samples), strict=True)
    rss, pss, descriptors = map(statistics.median, columns)
    return Sample(rss, pss, int(descriptors))


async def grow(minutes: float, seed: int) -> None:
    """Tell stories for so long. Raises AssertionError, perhaps in an ExceptionGroup, where anything is wrong."""
    async with _opened(seed) as (town, pid):
        await everything_once(town)
        resting = await rest(pid)
        print(f"minutes: at rest {resting}, seed {seed}", flush=True)
        samples = list[Sample]()
        measuring = asyncio.create_task(_measure(pid, minutes * 60, town, samples))
        try:
            ends = time.monotonic() + minutes * 60
            numbers = itertools.count(seed)
            async with asyncio.TaskGroup() as telling:
                for _ in range(STORIES):
                    telling.create_task(_tell(town, numbers, ends))
        finally:
            measuring.cancel()
        print(f"minutes: {dict(town.happened)}", flush=True)
        print(f"minutes: {await _metrics(town)}", flush=True)
        check(samples, resting, await rest(pid, at_most=resting.descriptors))


async def _tell(town: Town, numbers: "itertools.count[int]", ends: float) -> None:
    while time.monotonic() < ends:
        await story(town, next(numbers))


def check(samples: list[Sample], resting: Sample, rested: Sample) -> None:
    """Raises AssertionError where the samples grow, or more descriptors are open at rest than before."""
    warm = samples[int(max(len(samples) * WARM_UP, min(SETTLING, len(samples) / 2))) :]  # one is a second
    first, last = middle(warm[: len(warm) // 5]), middle(warm[-len(warm) // 5 :])
    print(f"minutes: first fifth after the warm-up {first}\nminutes: last fifth {last}\nminutes: at rest {rested}")
    print(f"minutes: the memory grew by {last.rss / first.rss - 1:+.1%}", flush=True)
    assert last.rss <= first.rss * (1 + SLACK), "the memory grows"
    assert rested.descriptors <= resting.descriptors, "descriptors were left open"


async def _metrics(town: Town) -> str:
    """The counters of the server that tell what it went through."""
    async with town.session.get("/metrics") as response:
        lines = (await response.text()).splitlines()
    wanted = ("debate_turns_total", "debate_tokens_total", "debate_retries_total", "debate_dropped_viewers_total")
    return ", ".join(line for line in lines if line.startswith(wanted))


async def _measure(pid: int, seconds: float, town: Town, samples: list[Sample]) -> None:
    """A sample a second, and a line of the report now and then."""
    began, told = time.monotonic(), 0
    for number in range(1, LINES + 1):
        while time.monotonic() < began + seconds * number / LINES:
            await asyncio.sleep(1)
            samples.append(Sample.of(pid))
        done = f"{town.happened['debates']} debates, {town.happened['views']} views"
        print(f"minutes: {(time.monotonic() - began) / 60:5.1f}: {middle(samples[told:])}, {done}", flush=True)
        told = len(samples)


async def rest(pid: int, at_most: int = 0) -> Sample:
    """How the server is when nobody asks it anything, after a while, or as soon as it has so few descriptors."""
    ends = time.monotonic() + REST_SECONDS
    while (sample := Sample.of(pid)).descriptors > at_most and time.monotonic() < ends:  # noqa: ASYNC110  # no event
        await asyncio.sleep(1)
    return sample


@asynccontextmanager
async def _opened(seed: int) -> AsyncIterator[tuple[Town, int]]:
    """A server on a log of its own, with those who ask it; and its process's id. What it says on its stderr may hold
    no traceback."""
    async with FakeUpstream(upstream(seed)) as fake:
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as said:
            words = ("-m", "debate_server", "serve", "--port", "0", "--data", folder, "--base-url", fake.base_url)
            async with process(*words, *FLAGS, stderr=said) as started:
                address = await line(started)
                forgetting = asyncio.create_task(_forget(fake))
                try:
                    async with aiohttp.ClientSession(address, timeout=aiohttp.ClientTimeout(total=None)) as session:
                        yield Town(int(address.rpartition(":")[2]), session), started.pid
                finally:
                    forgetting.cancel()
            said.seek(0)
            assert b"Traceback" not in (text := said.read()), text[-5000:].decode()


async def _forget(fake: FakeUpstream) -> None:
    """The fake remembers all that it was asked, and hours of that are too much."""
    while True:
        await asyncio.sleep(10)
        fake.requests.clear()
