"""One measurement: an upstream, a server and viewers for some seconds, and what they cost."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from scripts.benchmarks.load.build import program
from scripts.benchmarks.load.contenders import Contender, pinned
from scripts.benchmarks.machine import ask, line

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
    """What the client counted, and the upstream. ``due``: how many tokens there should have been; ``ended``, ``whole``,
    ``torn`` and ``unanswered``: how many viewers were over, had a debate from its first event to its last, had missed
    something or got it twice, and were not served when it began to count."""

    due: float
    tokens: int
    seconds: float
    ended: int
    whole: int
    torn: int
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
        """Whether it was what it was meant to be: all viewers there from the beginning to the end, missing nothing."""
        return not (self.unanswered or self.ended or self.torn)

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
            + ("" if self.sound else f"; {self.unanswered} UNANSWERED, {self.ended} ENDED EARLY, {self.torn} TORN")
        )


def tell(what: str, load: Load) -> None:
    """Progress, for who waits."""
    print(f"{what:<18} {load}", file=sys.stderr, flush=True)


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
async def coming(
    address: str, path: str, pid: int, *, count: int, ramp: float, seconds: float, aside: bool = False
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Viewers that come to a server's path over so many seconds. Their process says when they are ready to be counted.
    ``aside``: it gives way to others of the load, whose clocks it must not hold up."""
    first = ("nice", "-n", "10") if aside else ()
    words = (program("client"), urlsplit(address).port, path, count, ramp, seconds, pid)
    async with pinned(*first, *words, to_load=True) as started:
        yield started


@asynccontextmanager
async def viewers(
    address: str, path: str, pid: int, *, count: int, ramp: float, seconds: float, aside: bool = False
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Viewers of a server's path, once they are ready to be counted for so many seconds."""
    async with coming(address, path, pid, count=count, ramp=ramp, seconds=seconds, aside=aside) as started:
        assert await line(started), "a stream was refused"
        yield started


async def counted(client: asyncio.subprocess.Process, *, due: float) -> Load:
    """What viewers get in their seconds from now on."""
    return Load(due, **json.loads(await ask(client)))


@dataclass(frozen=True, slots=True)
class Live:
    """Live debates with their viewers, and the server that holds them."""

    address: str
    server: asyncio.subprocess.Process
    upstream: asyncio.subprocess.Process
    viewers: asyncio.subprocess.Process
    due: float

    async def count(self) -> Load:
        """What the viewers get in their seconds from now on, and what that costs; as often as wanted."""
        await ask(self.upstream)  # what it cost before does not count
        load = await counted(self.viewers, due=self.due)
        cost = json.loads(await ask(self.upstream))
        return replace(load, upstream_us=cost["cpu_us"], upstream_late_ms=cost["late_p99_ms"])


@asynccontextmanager
async def talking(contender: Contender, count: int, seconds: float, folder: Path | None = None) -> AsyncIterator[Live]:
    """So many debates at once, each with one viewer, to be counted for so many seconds. ``folder`` has a log to begin
    with."""
    async with upstream() as (url, up), contender.serving(url, folder) as (address, server):
        ramp = count / STARTS
        async with viewers(address, contender.debate, server.pid, count=count, ramp=ramp, seconds=seconds) as client:
            yield Live(address, server, up, client, due=count * RATE * seconds)


async def debates(contender: Contender, count: int, seconds: float) -> Load:
    """So many debates at once, each with one viewer."""
    async with talking(contender, count, seconds) as live:
        return await live.count()


async def crowd(contender: Contender, count: int, rate: float, seconds: float) -> Load:
    """One debate with so many viewers."""
    async with upstream(rate) as (url, up), contender.serving(url) as (address, server):
        path = await contender.broadcast(address)
        ramp = count / COMERS
        async with viewers(address, path, server.pid, count=count, ramp=ramp, seconds=seconds) as client:
            return await Live(address, server, up, client, due=count * rate * seconds).count()
