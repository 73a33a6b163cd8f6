"""The cases of what must not hurt a live server: slow viewers, a slow disk, a torrent of tokens, a rush of viewers.

Each holds live debates on one server and counts them alone and beside the hardship. Afterwards it looks into the log:
all that the upstream said has to be there.
"""

import asyncio
import json
import re
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp

from scripts.benchmarks.cases import session_at
from scripts.benchmarks.load import logs, run
from scripts.benchmarks.load.beside import by_turns
from scripts.benchmarks.load.contenders import OURS, ours, pinned
from scripts.benchmarks.load.run import Live, Load
from scripts.benchmarks.machine import Figure, ask, line, percentile, spread

DEBATES: Final = 50
# Ten rounds, so that all of them last until the end.
LASTING: Final = replace(OURS, debate="/api/debate?topic=Load&rounds=10")
# So that who never reads is dropped while it is measured.
IMPATIENT: Final = replace(LASTING, command=ours("-m", "debate_server", flags=("--write-deadline", "4")))
ON_SLOW_DISK: Final = replace(LASTING, command=ours("-m", "scripts.benchmarks.load.slow_disk"))

# What a viewer who does not keep up may cost: a slice and the batch that fills it, of 64 KiB each for ordinary words,
# and what one costs who waits.
VIEWER_MB: Final = (2 * 65_536 + 16_384) / 1e6
# What a debate may cost: its newest turns, and what its connection has read; a few hundred KB each.
DEBATE_MB: Final = 1.0
# What a torrent may cost: a speech has at most 256 KiB; the one that is spoken stands there some twenty times over, as
# tokens and as their frames, those before it once each. Four times as much is what the garbage collector may leave.
TORRENT_MB: Final = 40.0
COMMIT_MS: Final = 200.0
# A token that comes while a commit is underway waits for that one and for its own.
COMMITS: Final = 2
# Who asks for what needs no disk waits no longer than for a loop that is never blocked.
PROMPT_MS: Final = 50.0


async def slow(viewers: int = 1_000, rounds: int = 2) -> AsyncIterator[Figure]:
    """Beside many viewers of another debate, of whom half never read and half read slower than it is spoken. Its words
    are long, so that their buffers are full soon."""
    with tempfile.TemporaryDirectory() as name:
        async with run.talking(IMPATIENT, DEBATES, 5, Path(name)) as live:
            felt = await by_turns(live, lambda: _slow_viewers(live, viewers), rounds, times=2)
            kept = rounds * viewers / 2 - await _dropped(live.address)
        for figure in felt.delays(f"beside {viewers:,} slow viewers"):
            yield figure
        yield felt.slower()
        yield Figure("those who never read and were not dropped", max(0.0, kept), "", 0)
        for figure in (*felt.memory(viewers * VIEWER_MB), felt.torn(), *_kept(name)):
            yield figure


async def disk() -> AsyncIterator[Figure]:
    """With commits that take 200 ms: how late tokens come, and how long others wait who ask for something."""
    with tempfile.TemporaryDirectory() as name:
        async with run.talking(ON_SLOW_DISK, DEBATES, 6, Path(name)) as live, _others(live.address) as others:
            felt = await by_turns(live, lambda: _slow_disk(live, others), rounds=2)
        for figure in felt.delays(f"commits of {COMMIT_MS:g} ms"):
            yield figure
        yield felt.later(COMMITS * COMMIT_MS)
        for figure in (*others.figures(), *felt.memory(DEBATES * DEBATE_MB), felt.torn(), *_kept(name)):
            yield figure


async def torrent(rate: int = 5_000) -> AsyncIterator[Figure]:
    """Beside a debate whose upstream sends thousands of tokens a second."""
    flooded: list[Load] = []
    with tempfile.TemporaryDirectory() as name:
        async with run.talking(LASTING, DEBATES, 5, Path(name)) as live:
            felt = await by_turns(live, lambda: _torrent(live, rate, flooded), rounds=3)
        for figure in felt.delays(f"beside one of {rate:,} tokens/s"):
            yield figure
        yield felt.slower()
        shares = [load.tokens / load.due for load in flooded]
        yield replace(spread(f"tokens that came of {rate:,} a second", shares, "", 0.95), more=True)
        missed = max(load.torn + load.ended for load in flooded)
        yield spread("upstream → viewer, its own viewer, p99", [load.p99_ms for load in flooded], "ms")
        yield Figure("its own viewer was cut off, missed something or got it twice", missed, "", 0)
        for figure in (*felt.memory(TORRENT_MB), felt.torn(), *_kept(name)):
            yield figure


async def rush(viewers: int = 1_000, events: int = 10_000) -> AsyncIterator[Figure]:
    """Beside viewers who all come within a second, to a long debate that is over."""
    came: list[tuple[int, float]] = []
    with tempfile.TemporaryDirectory() as name:
        debate = await logs.write(Path(name), debates=1, tokens=events // 3)
        async with run.talking(LASTING, DEBATES, 4, Path(name)) as live:
            felt = await by_turns(live, lambda: _rush(live, debate, viewers, came), rounds=3)
        for figure in felt.delays(f"beside {viewers:,} who come"):
            yield figure
        yield felt.slower()
        yield Figure(f"who did not get all {events:,} events", viewers - min(whole for whole, _ in came), "", 0)
        yield spread(f"until all {viewers:,} had them", [seconds for _, seconds in came], "s")
        for figure in (*felt.memory(viewers * VIEWER_MB), felt.torn(), *_kept(name)):
            yield figure


def _wanted(manner: str, rounds: int) -> dict[str, Any]:
    """A start of a debate whose agents speak in that manner: TOKENS-RATE-LETTERS, as the upstream knows it."""
    agents = [{"name": name, "model": f"paced-{manner}"} for name in logs.AGENTS]
    return {"topic": "Load", "rounds": rounds, "agents": agents}


@asynccontextmanager
async def _begun(live: Live, manner: str) -> AsyncIterator[str]:
    """Another debate whose agents speak in that manner: the path of its events. It is stopped at the end."""
    async with session_at(live.address) as session:
        async with session.post("/api/debates", json=_wanted(manner, rounds=10)) as response:
            started = await response.json()
        yield started["events"]
        async with session.post(f"/api/debates/{started['id']}/stop") as response:
            assert response.status == 200, await response.text()


@asynccontextmanager
async def _slow_viewers(live: Live, viewers: int) -> AsyncIterator[None]:
    def watching(events: str, bytes_a_second: int) -> Any:
        asked = (urlsplit(live.address).port, events, viewers // 2, bytes_a_second)
        return pinned("nice", "-n", "10", sys.executable, "-m", "scripts.benchmarks.load.slow", *asked, to_load=True)

    async with _begun(live, "20-10-4000") as events, watching(events, 0) as never, watching(events, 65_536) as slowly:
        assert await line(never), "a slow viewer was refused"
        assert await line(slowly), "a slow viewer was refused"
        yield


async def _dropped(address: str) -> float:
    async with session_at(address) as session, session.get("/metrics") as response:
        counted = re.search(r"^debate_dropped_viewers_total (\S+)", await response.text(), re.MULTILINE)
    assert counted is not None
    return float(counted[1])


@dataclass(slots=True)
class Others:
    """How many milliseconds those waited who asked for something else, alone and while it is ``hard``."""

    hard: bool = False
    waited: dict[tuple[str, bool], list[float]] = field(default_factory=dict)

    @contextmanager
    def waiting(self, what: str) -> Iterator[None]:
        waited = self.waited.setdefault((what, self.hard), [])
        before = time.perf_counter()
        yield
        waited.append((time.perf_counter() - before) * 1000)

    def figures(self) -> Iterator[Figure]:
        for what, most in (("GET /healthz", PROMPT_MS), ("POST /api/debates", COMMITS * COMMIT_MS + PROMPT_MS)):
            alone, hard = self.waited[what, False], self.waited[what, True]
            yield Figure(f"{what}, alone, p99 of {len(alone)}", percentile(alone, 0.99), "ms")
            yield Figure(f"{what}, commits of {COMMIT_MS:g} ms, p50", percentile(hard, 0.5), "ms")
            yield Figure(f"{what}, commits of {COMMIT_MS:g} ms, p99 of {len(hard)}", percentile(hard, 0.99), "ms", most)


@asynccontextmanager
async def _others(address: str) -> AsyncIterator[Others]:
    """Somebody who asks how the server is and somebody who starts short debates, one time after the other."""
    others = Others()

    async def look(session: aiohttp.ClientSession) -> None:
        while True:
            with others.waiting("GET /healthz"):
                async with session.get("/healthz") as response:
                    assert response.status == 200
            await asyncio.sleep(0.05)

    async def start(session: aiohttp.ClientSession) -> None:
        while True:
            with others.waiting("POST /api/debates"):
                async with session.post("/api/debates", json=_wanted("5-50-0", rounds=1)) as response:
                    assert response.status == 202
            await asyncio.sleep(0.3)

    async with session_at(address) as session, asyncio.TaskGroup() as group:
        asking = [group.create_task(look(session)), group.create_task(start(session))]
        yield others
        for task in asking:
            task.cancel()


@asynccontextmanager
async def _slow_disk(live: Live, others: Others) -> AsyncIterator[None]:
    def take(milliseconds: float) -> None:
        assert live.server.stdin is not None
        live.server.stdin.write(b"%f\n" % (milliseconds / 1000))

    take(COMMIT_MS)
    others.hard = True
    yield
    others.hard = False
    take(0)


@asynccontextmanager
async def _torrent(live: Live, rate: int, flooded: list[Load]) -> AsyncIterator[None]:
    seconds = 4.0
    async with (
        _begun(live, f"9000-{rate}-0") as events,  # speeches that end before they are too long
        run.viewers(live.address, events, live.server.pid, count=1, ramp=0, seconds=seconds, aside=True) as viewer,
    ):
        counting = asyncio.create_task(run.counted(viewer, due=rate * seconds))
        yield
        flooded.append(await counting)
        run.tell("  the torrent", flooded[-1])


@asynccontextmanager
async def _rush(live: Live, debate: str, viewers: int, came: list[tuple[int, float]]) -> AsyncIterator[None]:
    path = f"/api/debates/{debate}/events"
    begun = time.perf_counter()
    coming = run.coming(live.address, path, live.server.pid, count=viewers, ramp=1, seconds=30, aside=True)
    async with coming as client:

        async def until_over() -> None:
            assert await line(client), "a viewer was refused"
            came.append((json.loads(await ask(client))["whole"], time.perf_counter() - begun))

        over = asyncio.create_task(until_over())
        yield
        await over


def _kept(folder: str) -> Iterator[Figure]:
    kept = logs.look_through(Path(folder))
    yield Figure(f"speeches that are not whole in the log, of {kept.speeches:,}", kept.torn_speeches, "", 0)
    yield Figure("debates in the log with a gap", kept.torn_debates, "", 0)
