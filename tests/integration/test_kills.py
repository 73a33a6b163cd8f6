"""Kills at any moment lose nothing that was seen, respend no more than was open, and every debate ends once."""

import asyncio
from pathlib import Path

from tests.conftest import Server
from tests.fakes.script import Gate, Say
from tests.fakes.upstream import FakeUpstream
from tests.integration.kills import MOMENTS, Cycles, check

CYCLES = 10
SEED = 1
# More than the next turn's request would need to be on its way.
ROUND_TRIPS = 50


async def test_kills_at_all_moments_lose_nothing_that_was_seen_and_respend_no_more_than_was_open(
    fake: FakeUpstream, tmp_path: Path
) -> None:
    cycles = Cycles(tmp_path, fake, SEED)
    await cycles.run(CYCLES)
    assert cycles.kills.total() == CYCLES
    assert set(cycles.kills) == set(MOMENTS)
    check(cycles)


async def test_no_request_leaves_before_its_attempt_is_durable(server: Server, fake: FakeUpstream) -> None:
    held, log = asyncio.Event(), server.house.log
    fake.play([Gate(held), Say("First.")])
    _, started = await server.json("POST", "/api/debates", json={"topic": "Money?", "rounds": 1})
    first = await fake.asked()
    log.writer._checkpointing = True  # as while a checkpoint is underway: nothing is committed
    held.set()
    await first.done.wait()
    for _ in range(ROUND_TRIPS):
        await server.json("GET", "/healthz")
    assert len(fake.requests) == 1
    log.writer._checkpointing = False
    log.writer.flush()
    assert (await server.events(started["events"]))[-1]["reason"] == "completed"
    assert len(fake.requests) == 3
