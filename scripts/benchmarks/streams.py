"""The cases of streams: resuming, replaying, idle viewers, and a crowd."""

import asyncio
import random
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import cast

import aiohttp

from debate_server.core.events import AgentEnd, AgentStart, DebateStart, Done, Token, Usage
from debate_server.log.log import Log
from debate_server.log.naming import new_id
from scripts.benchmarks.cases import STAMP, session_at
from scripts.benchmarks.machine import ROOT, Figure, cpu, line, memory, percentile, process, server

PEER = ROOT / ".bench" / "peers" / "bin" / "python"


async def resume(events: int = 10_000, tries: int = 300) -> AsyncIterator[Figure]:
    """From the request with a cursor to the first event, at random places of a long debate."""
    async with on_log(events) as (address, debate, _), session_at(address) as session:
        times = []
        for _ in range(tries):
            cursor = random.randrange(events - 2)
            before = time.perf_counter()
            headers = {"Last-Event-ID": f"{debate}.{cursor}"}
            async with session.get(f"/api/debates/{debate}/events", headers=headers) as response:
                await response.content.readuntil(b"\n\n")
            times.append((time.perf_counter() - before) * 1000)
        yield Figure(f"resume in {events:,} events, first event, p50", percentile(times, 0.5), "ms")
        yield Figure(f"resume in {events:,} events, first event, p99", percentile(times, 0.99), "ms", 10)


async def replay(events: int = 5_000) -> AsyncIterator[Figure]:
    """CPU of the server for each event of a finished debate, beside sse-starlette in the same run."""
    async with (
        on_log(events) as (address, debate, ours),
        process("-m", "scripts.benchmarks.peers.starlette_replay", str(events), python=PEER) as peer,
    ):
        theirs = await line(peer)
        us, them = [], []
        for _ in range(5):
            them.append(await _replayed(f"{theirs}/replay", peer.pid, 5) / events)
            us.append(await _replayed(f"{address}/api/debates/{debate}/events", ours.pid, 100) / events)
        mine, other = percentile(us, 0.5), percentile(them, 0.5)
        yield Figure(f"replay of {events:,} events, CPU per event", mine, "µs")
        yield Figure("the same by sse-starlette", other, "µs")
        yield Figure("ours as a share of theirs", mine / other, "", 0.02)


async def idle(viewers: int = 1_000) -> AsyncIterator[Figure]:
    """Memory for each viewer that waits for a debate which is silent."""
    async with _silent() as (address, debate, ours), session_at(address) as session, AsyncExitStack() as open_:

        async def view() -> None:
            response = await open_.enter_async_context(session.get(f"/api/debates/{debate}/events"))
            await response.content.readuntil(b"Well,")

        await view()  # the model's client is loaded by then
        before = memory(ours.pid)
        for _ in range(viewers):
            await view()
        grown = (memory(ours.pid) - before) * 1e6 / 1024
        async with session.get(f"/api/debates/{debate}") as response:
            assert (await response.json())["status"] == "running", "they did not wait for anything"
        yield Figure(f"memory per idle viewer, {viewers:,}", grown / viewers, "KiB", 16)


async def crowd(debates: int = 50, viewers: int = 20, rate: float = 20, tokens: int = 200) -> AsyncIterator[Figure]:
    """Many debates with many viewers each: from the upstream's write to each viewer's read. Speeches of so many tokens
    are what models say when they are asked for 150 words."""
    async with process("-m", "scripts.benchmarks.upstream", str(tokens), str(rate)) as upstream:
        flags = ("--base-url", await line(upstream), "--model", "fake-chat", "--max-running", str(debates))
        async with server(*flags) as (address, _), session_at(address) as session:

            async def one(number: int) -> list[float]:
                await asyncio.sleep(number / 37)
                wanted = {"topic": "How fast?", "rounds": 1}
                async with session.post("/api/debates", json=wanted) as response:
                    started = await response.json()
                watched = await asyncio.gather(*(_delays(address, started["events"]) for _ in range(viewers)))
                return [delay for view in watched for delay in view]

            delays = [delay for many in await asyncio.gather(*map(one, range(debates))) for delay in many]
            name = f"upstream → viewer, {debates} debates × {viewers} viewers × {rate:g} tokens/s"
            yield Figure(f"{name}, p50", percentile(delays, 0.5), "ms")
            yield Figure(f"{name}, p99", percentile(delays, 0.99), "ms", 20)


class _Watcher(asyncio.Protocol):
    """A viewer that costs next to nothing: how many milliseconds each stamp was underway when it was first seen.
    What was sent before it got its first byte is history, and not counted."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._live_since = 0
        self.delays: dict[bytes, float] = {}
        self.over = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast(asyncio.Transport, transport).write(
            f"GET {self._path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        now = time.monotonic_ns()
        self._live_since = self._live_since or now
        for sent in STAMP.findall(data):
            if int(sent) > self._live_since:
                self.delays.setdefault(sent, (now - int(sent)) / 1e6)

    def connection_lost(self, error: Exception | None) -> None:
        self.over.set_result(None)


async def _delays(address: str, path: str) -> list[float]:
    host, _, port = address.removeprefix("http://").rpartition(":")
    loop = asyncio.get_running_loop()
    _, watcher = await loop.create_connection(lambda: _Watcher(path), host, int(port))
    await watcher.over
    return list(watcher.delays.values())


async def _replayed(url: str, pid: int, times: int) -> float:
    """The server's CPU for one replay, in microseconds."""
    async with aiohttp.ClientSession() as session:
        before = cpu(pid)
        for _ in range(times):
            async with session.get(url) as response:
                async for _ in response.content.iter_any():
                    pass
        return (cpu(pid) - before) * 1e6 / times


Write = Callable[[Log, str], None]


@asynccontextmanager
async def _served(write: Write, *flags: str) -> AsyncIterator[tuple[str, str, asyncio.subprocess.Process]]:
    """A server on a log that was written before: its address, the debate and the process."""
    with tempfile.TemporaryDirectory() as folder:
        debate = new_id()
        async with Log(Path(folder)) as log:
            plan = b'{"topic":"","rounds":1,"detached":true,"format":{}}'
            log.create(DebateStart(debate, "How far?", "classic", 1, ()), plan)
            write(log, debate)
            await log.commit()
        async with server("--no-discover", *flags, data=folder) as (address, ours):
            yield address, debate, ours


@asynccontextmanager
async def on_log(events: int) -> AsyncIterator[tuple[str, str, asyncio.subprocess.Process]]:
    """A server with a finished debate of so many events in its log, in turns of about 500."""

    def write(log: Log, debate: str) -> None:
        seq, turn = 1, 0
        while seq < events - 1:
            turn += 1
            log.append(debate, AgentStart("Optimist", turn, 1, 1))
            for number in range(min(498, events - seq - 3)):
                log.append(debate, Token("Optimist", turn, f"word{number} "))
            seq = log.append(debate, AgentEnd("Optimist", turn, 1, "…", "stop", Usage(), 1))
            log.writer.flush()
        log.append(debate, Done("completed", Usage()))

    async with _served(write) as served:
        yield served


@asynccontextmanager
async def _silent() -> AsyncIterator[tuple[str, str, asyncio.subprocess.Process]]:
    """A server with a debate that runs and says nothing: its upstream keeps it waiting."""
    async with process("-m", "scripts.benchmarks.upstream", "50", "0.001") as upstream:
        flags = ("--base-url", await line(upstream), "--model", "fake-chat", "--heartbeat", "3600")
        async with (
            server(*flags) as (address, ours),
            session_at(address) as session,
            session.post("/api/debates", json={"topic": "Quiet?"}) as response,
        ):
            yield address, (await response.json())["id"], ours
