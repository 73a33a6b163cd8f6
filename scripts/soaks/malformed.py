"""Malformed requests by the thousand, at a server of its own: each gets a refusal that can be read, or none.

No answer tells of a fault of the server's, also where its loop is in debug mode; its stderr stays quiet, its
descriptors come back, and it still holds debates.
"""

import asyncio
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import IO, Final

import aiohttp

from scripts.benchmarks.machine import line, process
from scripts.soaks.growth import Sample, rest
from tests.fakes.upstream import FakeUpstream
from tests.web import malformed as ways

# Requests underway at a time, and seconds after which one whose answer does not come is left.
ASKING: Final = 50
PATIENCE: Final = 1.0
# The server may say a line for every so many requests.
QUIET: Final = 50
# Faults that are shown, of all there are.
SHOWN: Final = 10
FLAGS: Final = ("--model", "fake-chat", "--max-running", "50", "--max-queued", "100000")


@dataclass
class Storm:
    """A server, and what came of the requests so far: their statuses, and the faults by their seeds."""

    address: str
    process: asyncio.subprocess.Process
    stderr: IO[bytes]
    statuses: Counter[int] = field(default_factory=Counter)
    faults: dict[int, str] = field(default_factory=dict)

    async def debate(self) -> str:
        """A debate that is held to its end; its id."""
        async with aiohttp.ClientSession(self.address) as session:
            async with session.post("/api/debates", json={"topic": "Still there?", "rounds": 1}) as response:
                made = await response.json()
            async with session.get(made["events"]) as stream:
                assert b'"completed"' in await stream.read(), "a debate did not complete"
        return str(made["id"])

    def said(self) -> list[str]:
        """The lines of the server's stderr, but for those of debates that were held."""
        self.stderr.seek(0)
        return [line for line in self.stderr.read().decode().splitlines() if '"debate_done"' not in line]


async def malformed(number: int, seed: int) -> None:
    """So many requests at a server, and the same at one in debug mode. Raises AssertionError."""
    for debug in ("", "1"):
        async with _opened(PYTHONASYNCIODEBUG=debug) as storm:
            await _blow(storm, f"malformed{', asyncio debug' * bool(debug)}", ways.case, range(seed, seed + number))


async def ids(number: int, seed: int) -> None:
    """So many requests for debates that there cannot be. Raises AssertionError."""
    async with _opened() as storm:
        await _blow(storm, "ids", ways.bad_id, range(seed, seed + number), strict=True)


Make = Callable[[int, str], ways.Case]


async def _blow(storm: Storm, name: str, make: Make, seeds: range, *, strict: bool = False) -> None:
    """Ask by every seed. ``strict``: all are to be refused, with a problem."""
    debate = await storm.debate()
    resting = await rest(storm.process.pid)
    left = iter(seeds)
    async with asyncio.TaskGroup() as tasks:
        for _ in range(ASKING):
            tasks.create_task(_ask(storm, debate, make, left, strict=strict))
    await storm.debate()
    rested = await rest(storm.process.pid, at_most=resting.descriptors)
    print(f"{name}: {len(seeds)} requests, statuses {dict(sorted(storm.statuses.items()))}", flush=True)
    for seed, fault in list(storm.faults.items())[:SHOWN]:
        print(f"{name}: {fault}: see it again with scripts/soak --{name.partition(',')[0]} 1 --seed {seed}", flush=True)
        print(f"    {make(seed, debate).sent[:300]!r}", flush=True)
    _check(storm, seeds, resting, rested)


async def _ask(storm: Storm, debate: str, make: Make, seeds: Iterable[int], *, strict: bool) -> None:
    port = int(storm.address.rpartition(":")[2])
    for seed in seeds:
        answer = await ways.ask(port, make(seed, debate), partial(asyncio.sleep, PATIENCE))
        status = ways.status(answer)
        storm.statuses[status] += 1
        if fault := ways.fault(answer) or ("no refusal" if strict and not 400 <= status < 500 else ""):
            storm.faults[seed] = f"{fault}, {answer[:300]!r}"


def _check(storm: Storm, seeds: range, resting: Sample, rested: Sample) -> None:
    said = storm.said()
    print(f"    at rest before {resting}\n    and after      {rested}; {len(said)} lines on stderr", flush=True)
    assert not storm.faults, f"{len(storm.faults)} faults"
    assert not (errors := [one for one in said if "Traceback" in one or '"level": "error"' in one]), errors[:SHOWN]
    assert len(said) <= 10 + len(seeds) // QUIET, f"a flood on stderr: {said[:SHOWN]}"
    assert rested.descriptors <= resting.descriptors, "descriptors were left open"


@asynccontextmanager
async def _opened(**environment: str) -> AsyncIterator[Storm]:
    async with FakeUpstream() as fake:
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as said:
            words = ("-m", "debate_server", "serve", "--port", "0", "--data", folder, "--base-url", fake.base_url)
            async with process(*words, *FLAGS, stderr=said, **environment) as started:
                yield Storm(await line(started), started, said)
