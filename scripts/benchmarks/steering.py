"""The cases of formats and of a hand on the wheel: parsing what ships, speaking at the same time, forking."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any, Final

import aiohttp

from scripts.benchmarks.machine import Figure, line, process, server, spread
from tests.fakes.script import Say
from tests.fakes.upstream import FakeUpstream

_PARSE: Final = """
import time
from debate_server.formats import Formats
before = time.perf_counter()
assert Formats().all()
print((time.perf_counter() - before) * 1000)
"""


async def formats(times: int = 7) -> AsyncIterator[Figure]:
    """How long a fresh process takes to parse and check all formats that ship."""
    taken = []
    for _ in range(times):
        async with process("-c", _PARSE) as parsing:
            taken.append(float(await line(parsing)))
    yield spread("all formats, parsed and checked", taken, "ms", 50)


async def council(times: int = 20) -> AsyncIterator[Figure]:
    """How far apart five members' requests reach the upstream."""
    apart = []
    async with (
        FakeUpstream(lambda _: [Say("I have nothing to add.")]) as fake,
        server("--base-url", fake.base_url, "--model", "fake-chat") as (address, _),
        aiohttp.ClientSession(address) as session,
    ):
        for _ in range(times):
            fake.requests.clear()
            started = await _post(session, "/api/debates", {"topic": "Tea?", "format": "council"})
            await fake.asked(5)
            asked = [one.at for one in fake.requests[:5]]
            apart.append((max(asked) - min(asked)) * 1000)
            await _post(session, f"/api/debates/{started['id']}/stop", {})
    yield Figure(f"council, first to last of 5 requests, worst of {times}", max(apart), "ms", 50)


async def fork(times: int = 20, events: int = 10_000) -> AsyncIterator[Figure]:
    """How long a fork of a long debate takes to answer."""
    words = "word " * (events // 3)
    async with (
        FakeUpstream(lambda _: [Say(words)]) as fake,
        server("--base-url", fake.base_url, "--model", "fake-chat") as (address, _),
        aiohttp.ClientSession(address) as session,
    ):
        started = await _post(session, "/api/debates", {"topic": "Long?", "rounds": 1})
        async with session.get(started["events"]) as stream:
            await stream.read()
        fake.script = lambda _: [Say("Short.")]
        taken = []
        for _ in range(times):
            before = time.perf_counter()
            made = await _post(session, f"/api/debates/{started['id']}/fork", {"turn": 3})
            taken.append((time.perf_counter() - before) * 1000)
            async with session.get(made["events"]) as stream:
                await stream.read()
            await asyncio.sleep(0.05)
    yield spread(f"a fork of a debate of {events:,} events answers", taken, "ms", 100)


async def _post(session: aiohttp.ClientSession, path: str, fields: dict[str, Any]) -> dict[str, Any]:
    async with session.post(path, json=fields) as response:
        response.raise_for_status()
        answer: dict[str, Any] = await response.json()
        return answer
