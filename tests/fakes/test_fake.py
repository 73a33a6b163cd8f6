"""The fake is what the scripts say it is; what the other tests lean on."""

import asyncio
from typing import Any

import aiohttp
import pytest

from tests.fakes.script import Drop, Gate, Pace, Reset, Say, Script, Truncate
from tests.fakes.upstream import FakeUpstream

BODY: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "Speak."}], "stream": True}


async def fetch(fake: FakeUpstream, body: dict[str, Any] = BODY) -> str:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{fake.base_url}/chat/completions", json=body) as response,
    ):
        return await response.text()


async def test_by_itself_it_says_the_same_to_the_same_request_and_something_else_to_another() -> None:
    other = {**BODY, "messages": [{"role": "user", "content": "Answer."}]}
    async with FakeUpstream() as fake:
        assert await fetch(fake) == await fetch(fake)
        assert await fetch(fake) != await fetch(fake, other)


async def test_a_gate_holds_the_stream_until_the_test_lets_it_go() -> None:
    gate = asyncio.Event()
    async with FakeUpstream() as fake:
        fake.play([Say("one", finish=None), Gate(gate), Say(" two")])
        fetching = asyncio.create_task(fetch(fake))
        asked = await fake.asked()
        assert fake.open == 1
        assert not asked.done.is_set()
        gate.set()
        assert "two" in await fetching
        await asked.done.wait()
        assert not asked.left.is_set()


@pytest.mark.parametrize("script", [[Drop()], [Reset()], [Truncate()]], ids=["drop", "reset", "truncate"])
async def test_a_connection_that_it_breaks_was_not_left_by_the_other_side(script: Script) -> None:
    async with FakeUpstream() as fake:
        fake.play([Say("Half", finish=None), *script])
        with pytest.raises(aiohttp.ClientError):
            await fetch(fake)
        asked = await fake.asked()
        await asked.done.wait()
        assert not asked.left.is_set()


async def test_it_keeps_its_pace_on_a_fixed_schedule_and_stamps_each_token() -> None:
    now, slept = 100.0, list[float]()

    async def sleep(seconds: float) -> None:
        nonlocal now
        slept.append(round(seconds, 6))
        now += seconds + 0.1  # it wakes late each time

    async with FakeUpstream(clock=lambda: now, sleep=sleep) as fake:
        fake.play([Pace(4, stamp=lambda: f"<{now:.2f}>"), Say("a b c")])
        said = await fetch(fake)

    assert slept == [0.25, 0.15, 0.15]
    assert ["<100.35>a" in said, "<100.60> b" in said, "<100.85> c" in said] == [True, True, True]
