"""The brake of a run: how many debates are begun of models that fail."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from debate_server.runs.holding.brake import FIRST, MOST_FAILURES, Brake, EndpointFails, How

FAILED = How("It is down.")


class Clock:
    """Waits at once, and remembers for how long it was to."""

    def __init__(self) -> None:
        self.waited: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.waited.append(seconds)


async def begun(brake: Brake, stack: AsyncExitStack, most: int) -> int:
    """How many more debates begin by themselves, up to so many."""
    for number in range(most):
        entering = asyncio.ensure_future(stack.enter_async_context(brake.held()))
        for _ in range(5):
            await asyncio.sleep(0)
        if not entering.done():
            entering.cancel()
            await asyncio.wait([entering])
            return number
    return most


async def test_a_run_begins_with_a_few_and_takes_one_more_with_each_that_succeeds() -> None:
    brake = Brake(100, Clock())
    async with AsyncExitStack() as stack:
        assert await begun(brake, stack, 100) == FIRST
    for _ in range(3):
        async with brake.held() as note:
            note(How())
    async with AsyncExitStack() as stack:
        assert await begun(brake, stack, 100) == FIRST + 3
    async with AsyncExitStack() as stack:
        assert await begun(Brake(2, Clock()), stack, 100) == 2


async def test_failures_slow_it_down_and_a_success_lets_it_go() -> None:
    clock = Clock()
    brake = Brake(100, clock)
    for _ in range(3):
        async with brake.held() as note:
            note(FAILED)
    async with brake.held() as note:
        note(How())
    assert clock.waited == [1.0, 2.0, 4.0]
    async with AsyncExitStack() as stack:
        assert await begun(brake, stack, 100) == 2  # one, and one more for the one that went well
    assert clock.waited == [1.0, 2.0, 4.0]


async def test_failures_of_debates_that_ran_together_are_one() -> None:
    clock = Clock()
    brake = Brake(4, clock)
    async with AsyncExitStack() as stack:
        notes = [await stack.enter_async_context(brake.held()) for _ in range(4)]
        for note in notes:
            note(FAILED)
    async with brake.held() as note:
        note(How())
    assert clock.waited == [1.0]


async def test_one_failure_after_the_other_ends_it_with_the_cause() -> None:
    clock = Clock()
    brake = Brake(4, clock)
    for _ in range(MOST_FAILURES):
        async with brake.held() as note:
            note(FAILED)
    with pytest.raises(EndpointFails, match=r"It is down\."):
        async with brake.held():
            raise AssertionError("one more was begun")
    assert clock.waited == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0]


async def test_what_no_debate_can_mend_ends_it_at_once() -> None:
    brake = Brake(4, Clock())
    async with brake.held() as note:
        note(How("The key is refused.", hopeless=True))
    with pytest.raises(EndpointFails, match="refused"):
        async with brake.held():
            raise AssertionError("one more was begun")


async def test_one_that_is_cancelled_in_line_or_in_its_pause_holds_up_no_other() -> None:
    stuck = asyncio.Event()

    async def pause(_: float) -> None:
        await stuck.wait()

    brake = Brake(1, pause)
    async with brake.held() as note:
        waiting = asyncio.ensure_future(AsyncExitStack().enter_async_context(brake.held()))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])
        note(FAILED)
    pausing = asyncio.ensure_future(AsyncExitStack().enter_async_context(brake.held()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    pausing.cancel()
    await asyncio.wait([pausing])
    async with brake.held() as note:
        note(How())
