"""One measurement: an upstream, a server and viewers for some seconds, and what they cost."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from scripts.benchmarks.load.build import program
from scripts.benchmarks.load.contenders import Contender, pinned
from scripts.benchmarks.machine import line

# A speech has so many tokens, give or take half of them: a debate of three lives for 12 s at 50 a second, and longer.
TOKENS: Final = 400
RATE: Final = 50.0
# Debates are not begun faster than this, a second; viewers of one debate may come faster.
STARTS: Final = 150
COMERS: Final = 1000


# A fixed piece of work, the fastest of some: what it takes changes with what else the machine, or its host, does.
_WORK: Final = """
from time import perf_counter as now
def work():
    begun = now()
    sum(number * number for number in range(200_000))
    return now() - begun
print(min(work() for _ in range(7)) * 1000)
"""


@dataclass(frozen=True, slots=True)
class Load:
    """What the client counted, and the upstream. ``due``: how many tokens there should have been; ``unanswered``: how
    many viewers were not served when it began to count."""

    due: float
    tokens: int
    seconds: float
    ended: int
    unanswered: int
    server_cpu: float
    cpu: float
    p50_ms: float
    p99_ms: float
    max_ms: float
    upstream_us: float = 0.0
    upstream_late_ms: float = 0.0

    @property
    def us(self) -> float:
        """The server's CPU for one token, in microseconds."""
        return self.server_cpu / max(1, self.tokens) * 1e6

    @property
    def sound(self) -> bool:
        """Whether it was what it was meant to be: all viewers there from the beginning to the end."""
        return not self.unanswered and not self.ended

    @property
    def client_us(self) -> float:
        """The viewers' CPU for one token, in microseconds."""
        return self.cpu / max(1, self.tokens) * 1e6

    def __str__(self) -> str:
        return (
            f"{self.us:6.1f} µs per token, p50 {self.p50_ms:.1f} p99 {self.p99_ms:.1f} max {self.max_ms:.1f} ms, "
            f"{self.tokens / self.due:.0%} of {self.due:.0f} tokens; server {self.server_cpu / self.seconds:.0%} busy, "
            f"client {self.client_us:.1f} µs, upstream {self.upstream_us:.1f} µs, "
            f"late p99 {self.upstream_late_ms:.2f} ms"
            + ("" if self.sound else f"; {self.unanswered} UNANSWERED, {self.ended} ENDED EARLY")
        )


async def pace() -> float:
    """How fast the server's core is just now: milliseconds for a fixed piece of work."""
    async with pinned(sys.executable, "-c", _WORK) as working:
        return float(await line(working))


@asynccontextmanager
async def upstream(rate: float = RATE) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    """Its base URL and its process."""
    async with pinned(program("upstream"), TOKENS, rate, to_load=True) as started:
        yield await line(started), started


@asynccontextmanager
async def viewers(
    address: str, path: str, pid: int, *, count: int, ramp: float, seconds: float
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Viewers of a server's path, once they count; what they counted is left to be read."""
    words = (urlsplit(address).port, path, count, ramp, seconds, pid)
    async with pinned(program("client"), *words, to_load=True) as started:
        assert await line(started), "a stream was refused"
        yield started


@asynccontextmanager
async def talking(
    contender: Contender, count: int, seconds: float, folder: Path | None = None
) -> AsyncIterator[tuple[str, asyncio.subprocess.Process, Awaitable[Load]]]:
    """So many debates at once, each with one viewer, from the moment at which they are counted: the server's address,
    its process and, after the seconds, what was counted. ``folder`` has a log to begin with."""
    async with upstream() as (url, up), contender.serving(url, folder) as (address, server):
        ramp = count / STARTS
        async with viewers(address, contender.debate, server.pid, count=count, ramp=ramp, seconds=seconds) as client:
            yield address, server, _counted(client, up, due=count * RATE * seconds)


async def debates(contender: Contender, count: int, seconds: float) -> Load:
    """So many debates at once, each with one viewer."""
    async with talking(contender, count, seconds) as (_, _, counted):
        return await counted


async def crowd(contender: Contender, count: int, rate: float, seconds: float) -> Load:
    """One debate with so many viewers."""
    async with upstream(rate) as (url, up), contender.serving(url) as (address, server):
        path = await contender.broadcast(address)
        ramp = count / COMERS
        async with viewers(address, path, server.pid, count=count, ramp=ramp, seconds=seconds) as client:
            return await _counted(client, up, due=count * rate * seconds)


async def _counted(client: asyncio.subprocess.Process, up: asyncio.subprocess.Process, *, due: float) -> Load:
    counted = json.loads(await line(client))
    assert up.stdin is not None
    up.stdin.close()
    cost = json.loads(await line(up))
    return Load(due, **counted, upstream_us=cost["cpu_us"], upstream_late_ms=cost["late_p99_ms"])
