"""Run the soaks that are named, or all of them, until something does not hold: then 1."""

import argparse
import asyncio
import logging
import random

import structlog

from scripts.soaks.growth import grow
from scripts.soaks.losses import CYCLES, cuts, kills, soak
from scripts.soaks.malformed import ids, malformed
from tests.integration.cuts import WAVE

# What each soak is when none is named: how much of it, and what that means.
SOAKS = {
    "cuts": (10_000, "viewers behind a bad network"),
    "kills": (500, "kills of a server"),
    "minutes": (60.0, "of debates on one server, whose memory must stay flat"),
    "malformed": (10_000, "malformed requests, at a server as it is and at one in debug mode"),
    "ids": (2_000, "requests for debates that there cannot be"),
}


async def main(arguments: argparse.Namespace) -> None:
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())  # what servers in this process would log
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)  # and the fake, of connections that it breaks
    await soak("cuts", cuts, arguments.cuts, WAVE, arguments.seed)
    await soak("kills", kills, arguments.kills, CYCLES, arguments.seed)
    if arguments.minutes:
        await grow(arguments.minutes, arguments.seed)
    if arguments.malformed:
        await malformed(arguments.malformed, arguments.seed)
    if arguments.ids:
        await ids(arguments.ids, arguments.seed)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="scripts/soak", description=f"{__doc__} Numbers: as when none is named.")
    for name, (most, about) in SOAKS.items():
        parser.add_argument(f"--{name}", type=type(most), metavar="N", help=f"{about} ({most:,g})")
    parser.add_argument("--seed", type=int, default=random.randrange(10**9), help="repeat a soak (default: by chance)")
    arguments = parser.parse_args()
    named = any(getattr(arguments, name) is not None for name in SOAKS)
    for name, (most, _) in SOAKS.items():
        if getattr(arguments, name) is None:
            setattr(arguments, name, 0 if named else most)
    asyncio.run(main(arguments))
