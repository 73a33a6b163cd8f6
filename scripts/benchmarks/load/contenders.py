"""Who is measured: our server, and the peers that offer the same. Each is one process on one core."""

import asyncio
import json
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import aiohttp

from scripts.benchmarks.machine import ROOT, line, process

PEERS: Final = ROOT / "scripts" / "benchmarks" / "peers"
PYTHON: Final = ROOT / ".bench" / "peers" / "bin" / "python"
HONO: Final = ROOT / ".bench" / "hono" / "debate.js"


def cores() -> tuple[str, str] | None:
    """The server's core and those of the load, as taskset takes them; None where they cannot be told apart."""
    if shutil.which("taskset") is None or len(ours := sorted(os.sched_getaffinity(0))) < 2:
        return None
    return str(ours[0]), ",".join(map(str, ours[1:]))


@asynccontextmanager
async def pinned(*command: object, to_load: bool = False) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process on the server's core, or on the load's; killed at the end."""
    where = cores()
    first, *rest = [str(word) for word in (("taskset", "-c", where[to_load]) if where else ()) + command]
    async with process(*rest, python=first) as started:
        try:
            yield started
        finally:
            if started.returncode is None:
                started.kill()
                await started.wait()


@dataclass(frozen=True, slots=True)
class Contender:
    """``command`` gives the words that start it, from the upstream's URL and a folder of its own. ``debate`` is the
    path that holds a debate and streams it; ``broadcast`` begins one at an address and gives its viewers' path."""

    name: str
    command: Callable[[str, str], tuple[object, ...]]
    debate: str
    broadcast: Callable[[str], Awaitable[str]]

    @asynccontextmanager
    async def serving(
        self, upstream: str, folder: Path | None = None
    ) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
        """Its address and its process."""
        with tempfile.TemporaryDirectory() as own:
            async with pinned(*self.command(upstream, str(folder or own))) as started:
                address = await line(started)
                assert address, f"{self.name} did not start"
                yield address, started


def ours(*start: str, flags: tuple[str, ...] = ()) -> Callable[[str, str], tuple[object, ...]]:
    """The words that start our server, as it is installed or by another module, with more flags."""

    def command(upstream: str, folder: str) -> tuple[object, ...]:
        limits = ("--max-running", "1000", "--max-queued", "1000")
        served = ("serve", "--port", "0", "--data", folder, "--base-url", upstream, "--model", "paced", *limits)
        return sys.executable, *start, *served, *flags

    return command


def _peer(script: str) -> Callable[[str, str], tuple[object, ...]]:
    return lambda upstream, _: (PYTHON, PEERS / script, upstream)


async def _our_broadcast(address: str) -> str:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{address}/api/debates", json={"topic": "Load", "rounds": 1}) as response,
    ):
        return str(json.loads(await response.read())["events"])


async def _their_broadcast(address: str) -> str:
    async with aiohttp.ClientSession() as session, session.post(f"{address}/broadcast?topic=Load") as response:
        assert response.status == 202
    return "/watch"


OURS: Final = Contender("ours", ours("-m", "debate_server"), "/api/debate?topic=Load&rounds=1", _our_broadcast)
# With a probe in its loop, which costs something too.
PROBED: Final = replace(OURS, command=ours("-m", "scripts.benchmarks.server"))
FASTAPI: Final = Contender("FastAPI", _peer("fastapi_debate.py"), "/debate?topic=Load", _their_broadcast)
AIOHTTP: Final = Contender("aiohttp-sse", _peer("aiohttp_debate.py"), "/debate?topic=Load", _their_broadcast)
NODE: Final = Contender("Hono", lambda upstream, _: ("node", HONO, upstream), "/debate?topic=Load", _their_broadcast)
RAW: Final = Contender("raw asyncio", _peer("raw_asyncio.py"), "", _their_broadcast)


def debaters() -> list[Contender]:
    """Those that hold debates. Node is left out where it is not."""
    there = [OURS, FASTAPI, AIOHTTP, NODE]
    if shutil.which("node") is None or not HONO.exists():
        print("Hono is left out: there is no Node. The package nodejs brings it, and npm.", file=sys.stderr)
        there.remove(NODE)
    return there
