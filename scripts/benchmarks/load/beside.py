"""Live debates counted alone and beside a hardship, by turns on one server: the machine's own speed changes."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Final

from scripts.benchmarks.load import run
from scripts.benchmarks.load.run import Live, Load
from scripts.benchmarks.machine import Figure, forget_peak, peak, spread, waited

# How much later a token of those who keep up may come, for 99 of 100.
SLOWER: Final = 2.0
# Until what a hardship has left is done.
SETTLE: Final = 1.0

Hardship = Callable[[], AbstractAsyncContextManager[object]]


@dataclass(frozen=True, slots=True)
class Pair:
    """What the viewers got beside the hardship, and alone before that; the most memory that the server has had beside
    it, and for which share of that time it waited for its core."""

    alone: Load
    beside: Load
    peak_mb: float
    waited: float


@dataclass(frozen=True, slots=True)
class Felt:
    """All pairs, and the server's peak before the first of them."""

    pairs: list[Pair]
    before_mb: float

    def delays(self, hardship: str) -> Iterator[Figure]:
        """How late tokens came."""
        alone, beside = [pair.alone for pair in self.pairs], [pair.beside for pair in self.pairs]
        for name, loads in (("alone", alone), (hardship, beside)):
            yield spread(f"upstream → viewer, {name}, p50", [load.p50_ms for load in loads], "ms")
            yield spread(f"upstream → viewer, {name}, p99", [load.p99_ms for load in loads], "ms")
        shares = [pair.waited * 100 for pair in self.pairs]
        yield spread("  the server waited meanwhile for its core, which others had", shares, "%")

    def slower(self) -> Figure:
        """How many times later they came."""
        shares = [pair.beside.p99_ms / pair.alone.p99_ms for pair in self.pairs]
        return spread("  p99, beside : alone", shares, "×", SLOWER)

    def later(self, most_ms: float) -> Figure:
        """How much later they came."""
        more = [pair.beside.p99_ms - pair.alone.p99_ms for pair in self.pairs]
        return spread("  p99, more than alone", more, "ms", most_ms)

    def memory(self, most_mb: float) -> Iterator[Figure]:
        """``most_mb``: how much more than before it may be."""
        yield Figure("memory of the server at its peak, before", self.before_mb, "MB")
        most = max(pair.peak_mb for pair in self.pairs)
        yield Figure("  more at its peak beside", most - self.before_mb, "MB", most_mb)

    def torn(self) -> Figure:
        """Whether they got it all."""
        worst = max(pair.beside.torn + pair.beside.ended for pair in self.pairs)
        return Figure("live viewers who were cut off, missed something or got it twice", worst, "", 0)


async def by_turns(live: Live, hardship: Hardship, rounds: int, times: int = 1) -> Felt:
    """Count alone and then so many times beside the hardship, for so many rounds."""
    pairs: list[Pair] = []
    before_mb = 0.0
    for _ in range(rounds):
        forget_peak(live.server.pid)
        alone = await _count(live, "alone")
        before_mb = before_mb or peak(live.server.pid)
        forget_peak(live.server.pid)
        async with hardship():
            for _ in range(times):
                before = waited(live.server.pid)
                beside = await _count(live, "beside")
                share = (waited(live.server.pid) - before) / beside.seconds
                pairs.append(Pair(alone, beside, peak(live.server.pid), share))
        await asyncio.sleep(SETTLE)
    return Felt(pairs, before_mb)


async def _count(live: Live, name: str) -> Load:
    load = await live.count()
    run.tell(name, load)
    return load
