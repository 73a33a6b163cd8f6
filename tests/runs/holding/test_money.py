"""The money of a run: nothing begins that may not be paid for."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from debate_server.core.errors import PriceUnknown
from debate_server.core.events import Usage
from debate_server.core.run import Run, State
from debate_server.runs.holding.money import Money, RunOverBudget, money_of


async def test_a_debate_waits_until_its_worst_case_fits_in_beside_the_others() -> None:
    money = Money(1.0, 0.2)
    async with AsyncExitStack() as first:
        await first.enter_async_context(money.aside(0.5))
        stack = AsyncExitStack()
        waiting = asyncio.ensure_future(stack.enter_async_context(money.aside(0.5)))
        await asyncio.sleep(0)
        assert not waiting.done()
        money.spent += 0.1  # it was cheaper than it might have been
    await waiting
    await stack.aclose()


async def test_where_it_will_never_fit_it_says_so() -> None:
    money = Money(1.0, 0.6)
    with pytest.raises(RunOverBudget, match=r"\$0\.6000 of \$1 are spent"):
        async with money.aside(0.5):
            raise AssertionError("it was begun")


async def test_without_a_budget_nothing_waits_and_with_one_a_price_is_needed() -> None:
    async with Money(None, 5.0).aside(None):
        pass
    with pytest.raises(PriceUnknown):
        async with Money(1.0, 0.0).aside(None):
            raise AssertionError("it was begun")


@pytest.mark.parametrize("amounts", [(0.1, 0.2, 0.3), (0.114,) * 4, (1e-9, 0.7, 1e-9)])
async def test_what_was_set_aside_comes_back_whole_whatever_was(amounts: tuple[float, ...]) -> None:
    money = Money(1.0, 0.0)
    async with AsyncExitStack() as stack:
        for amount in amounts:
            await stack.enter_async_context(money.aside(amount))
    with pytest.raises(RunOverBudget):
        async with asyncio.timeout(5), money.aside(1.1):
            raise AssertionError("it was begun")


def test_a_run_that_has_cost_nobody_knows_what_can_have_no_budget() -> None:
    def left(usage: Usage, budget: float | None) -> Money:
        run = Run(asked="a", source="a.txt", total=1, formats=("single",), budget_usd=budget)
        return money_of(State("r", "", run, {}, usage))

    assert left(Usage(), 1.0).spent == 0
    assert left(Usage(7, 3, 0.5), 1.0).spent == 0.5
    assert left(Usage(7, 3, None), None).budget is None
    with pytest.raises(PriceUnknown, match="What this run has cost until now"):
        left(Usage(7, 3, None), 1.0)
