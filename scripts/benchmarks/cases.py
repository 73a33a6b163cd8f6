"""The cases, each a coroutine that yields figures."""

import asyncio
import re
import time
from collections.abc import AsyncIterator

import aiohttp

from scripts.benchmarks.machine import Figure, lag, line, memory, percentile, process, server

STAMP = re.compile(rb"@(\d+) ")


async def startup() -> AsyncIterator[Figure]:
    """How long ``debate --help`` takes, and a server until it accepts."""
    times = []
    for _ in range(5):
        before = time.perf_counter()
        async with process("-m", "debate_server", "--help") as helped:
            await helped.communicate()
        times.append(time.perf_counter() - before)
    yield Figure("debate --help, median of 5", percentile(times, 0.5), "s", 0.3)
    before = time.perf_counter()
    async with server("--no-discover"):
        yield Figure("debate serve, until it accepts", time.perf_counter() - before, "s")


async def latency(debates: int = 10, rate: float = 50, tokens: int = 150) -> AsyncIterator[Figure]:
    """Ten debates at once: from the upstream's write to the viewer's read; memory before and after."""
    async with process("-m", "scripts.benchmarks.upstream", str(tokens), str(rate)) as upstream:
        url = await line(upstream)
        async with server("--base-url", url, "--model", "fake-chat") as (address, ours), session_at(address) as session:
            yield Figure("memory of a server at rest", memory(ours.pid), "MB", 60)
            await lag(ours)
            watched = await asyncio.gather(*(_watch(session, number / 37) for number in range(debates)))
            delays = [delay for one in watched for delay in one]
            yield Figure(
                f"upstream → viewer, {debates} debates × {rate:g} tokens/s, p50", percentile(delays, 0.5), "ms"
            )
            yield Figure(
                f"upstream → viewer, {debates} debates × {rate:g} tokens/s, p99", percentile(delays, 0.99), "ms", 20
            )
            yield Figure(f"the loop was blocked at most, {len(delays)} tokens", await lag(ours), "ms", 50)
            yield Figure(f"memory after {debates} debates", memory(ours.pid), "MB", 100)


async def embedded() -> AsyncIterator[Figure]:
    """The embedded model: loading, first token, speed, and what the loop feels of it."""
    async with server("--demo") as (address, ours), session_at(address) as session:
        await lag(ours)
        first, _, _ = await _demo(session)
        yield Figure("embedded model, first token of the first debate", first, "s")
        yield Figure("the loop was blocked at most while it loaded", await lag(ours), "ms", 50)
        first, tokens, seconds = await _demo(session)
        yield Figure("embedded model, first token once it is loaded", first, "s", 1.5)
        yield Figure("the loop was blocked at most while it spoke", await lag(ours), "ms", 50)
        yield Figure("embedded model, tokens a second", tokens / seconds, "/s")


def session_at(address: str) -> aiohttp.ClientSession:
    """A client without bounds of its own."""
    return aiohttp.ClientSession(
        address, timeout=aiohttp.ClientTimeout(total=None), connector=aiohttp.TCPConnector(limit=0), read_bufsize=2**20
    )


async def _watch(session: aiohttp.ClientSession, after: float) -> list[float]:
    """One debate with a viewer: how long each token was underway, in milliseconds. Starts are spread, so that the
    debates do not march in step."""
    await asyncio.sleep(after)
    delays = []
    async with session.get("/api/debate", params={"topic": "How fast?", "rounds": "1"}) as response:
        async for read in response.content.iter_any():
            now = time.monotonic_ns()
            delays += [(now - int(sent)) / 1e6 for sent in STAMP.findall(read)]
    # The speeches stand once more in their agent_end: those stamps are old.
    return sorted(delays)[: len(delays) // 2]


async def _demo(session: aiohttp.ClientSession) -> tuple[float, int, float]:
    """One short debate: seconds to the first token, tokens, seconds of speaking."""
    before, first, tokens = time.perf_counter(), 0.0, 0
    short = [{"name": name, "max_tokens": 100} for name in ("Optimist", "Skeptic", "Moderator")]
    wanted = {"topic": "Should cities ban cars?", "rounds": 1, "agents": short}
    async with session.post("/api/debate", json=wanted) as response:
        async for read in response.content:
            if b'"type":"token"' in read:
                first = first or time.perf_counter() - before
                tokens += 1
    return first, tokens, time.perf_counter() - before - first
