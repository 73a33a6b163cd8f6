"""Nothing in the process grows with what was: after many debates it holds what it held before the first."""

import asyncio

from tests.conftest import Serve
from tests.fakes.script import Reset, Say, Script, refuse
from tests.fakes.upstream import FakeUpstream


async def test_what_is_over_leaves_nothing_in_memory(serve: Serve, fake: FakeUpstream) -> None:
    async with serve(starts_per_minute=100) as server:
        house = server.house
        log, runner = house.log, house.runner

        async def hold(number: int) -> None:
            key = {"Idempotency-Key": f"key {number}"}
            _, started = await server.json(
                "POST", "/api/debates", json={"topic": f"Topic {number}", "rounds": 1}, headers=key
            )
            await server.json("POST", started["messages"], json={"content": "Hear, hear."}, headers=key)
            if number % 3 == 0:
                await server.json("POST", f"/api/debates/{started['id']}/stop")
            await server.events(started["events"])
            await server.json("POST", f"/api/debates/{started['id']}/retry", headers={"Idempotency-Key": f"{number}"})
            if number % 2 == 0:
                await server.json("DELETE", f"/api/debates/{started['id']}")

        ways: list[Script] = [[Say("Half", finish=None), Reset()], [refuse(401)], [Say("Whole.")]]
        fake.play(*ways * 4)
        await asyncio.gather(*map(hold, range(30)))
        for row in log.live():
            await runner.stop(row.id)
        await log.commit()

        assert (log._tails, log.writer.pending.claims, log.writer.pending.tails) == ({}, {}, {})
        assert runner._courses == {}
        assert (runner.audience._seen, dict(runner.audience._viewers)) == ({}, {})
        assert 30 <= len(runner._rate._starts) <= 100
