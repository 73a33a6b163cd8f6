"""The tests of cuts and kills with other numbers, until something is lost: then the seed that shows it again."""

import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from debate_server.house import opened
from debate_server.settings import Settings
from debate_server.web.app import make_app, serving
from tests.fakes.upstream import FakeUpstream
from tests.integration.cuts import WAVE, Stage, murmured, play
from tests.integration.kills import MOMENTS, Cycles, check

# Cycles of kills on one folder, before what came of them is checked: every moment of a kill, and a few more.
CYCLES = len(MOMENTS) + 2


async def cuts(folder: Path, seed: int, number: int) -> str:
    """So many viewers, each with a schedule of cuts."""
    async with FakeUpstream(murmured) as fake, _stage(fake, folder) as stage:
        await play(stage, range(seed, seed + number))
        return f"{len(stage.log.list(1_000_000))} debates"


@asynccontextmanager
async def _stage(fake: FakeUpstream, folder: Path) -> AsyncIterator[Stage]:
    settings = Settings(
        data=str(folder), port=0, base_url=fake.base_url, model="fake-chat", discover=False, max_running=WAVE
    )
    async with opened(settings) as house:
        app = make_app(settings, house.log, house.upstream, house.runner)
        async with serving(app) as address, aiohttp.ClientSession(address) as session:
            yield Stage(address, house.log, session)


async def kills(folder: Path, seed: int, number: int) -> str:
    """So many kills of one server."""
    async with FakeUpstream() as fake:
        cycles = Cycles(folder, fake, seed)
        await cycles.run(number)
        check(cycles)
        return f"{len(cycles.debates)} debates, {len(fake.requests)} requests, {dict(cycles.kills)}"


async def soak(name: str, play: Callable[[Path, int, int], Awaitable[str]], wanted: int, block: int, seed: int) -> None:
    """Play blocks, each in a folder and by a seed of its own. Raises what the first violation raises."""
    for done in range(0, wanted, block):
        number, first = min(block, wanted - done), seed + done
        with tempfile.TemporaryDirectory() as folder:
            try:
                found = await play(Path(folder), first, number)
            except Exception:
                print(f"LOST: see it again with scripts/soak --{name} {number} --seed {first}", flush=True)
                raise
        print(f"{name}: {done + number} of {wanted}, seed {first}: {found}", flush=True)
