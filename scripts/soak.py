"""The tests of cuts and kills with other numbers, until something is lost: then 1, and the seed that shows it again."""

import argparse
import asyncio
import random
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import structlog

from debate_server.commands.house import opened
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
                others = " ".join(f"--{other} 0" for other in ("cuts", "kills") if other != name)
                print(f"LOST: see it again with scripts/soak --{name} {number} {others} --seed {first}", flush=True)
                raise
        print(f"{name}: {done + number} of {wanted}, seed {first}: {found}", flush=True)


async def main(arguments: argparse.Namespace) -> None:
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())  # what servers in this process would log
    await soak("cuts", cuts, arguments.cuts, WAVE, arguments.seed)
    await soak("kills", kills, arguments.kills, CYCLES, arguments.seed)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="scripts/soak", description=__doc__)
    parser.add_argument("--cuts", type=int, default=10_000, help="viewers behind a bad network (default: %(default)s)")
    parser.add_argument("--kills", type=int, default=500, help="kills of a server (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=random.randrange(10**9), help="repeat a soak (default: by chance)")
    asyncio.run(main(parser.parse_args()))
