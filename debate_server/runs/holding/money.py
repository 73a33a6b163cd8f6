"""What a run may still spend: a debate begins only where its worst case fits in beside those of all that are underway.

So a run's budget cuts no debate short, which would make it another one than those it is compared with.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from debate_server.core.errors import DebateError, PriceUnknown
from debate_server.core.run import State


class RunOverBudget(DebateError):
    """What is left of the run's budget does not reach for the next debate."""

    code = "over_budget"


def no_price() -> PriceUnknown:
    """What is raised where a budget cannot be kept."""
    return PriceUnknown(
        "The price of a model is not known, so a budget in dollars (--budget-usd) cannot be kept. Leave it out, or "
        "choose another model."
    )


def money_of(state: State) -> "Money":
    """What is left of a run's budget. Raises PriceUnknown where nobody knows what it has cost."""
    budget, spent = state.run.budget_usd, state.usage
    if budget is not None and spent.cost_usd is None and (spent.input or spent.output):
        raise PriceUnknown(
            "What this run has cost until now is not known, so no budget for all of it (--budget-usd) can be kept. "
            "Leave it out."
        )
    return Money(budget, spent.cost_usd or 0.0)


class Money:
    """US dollars. ``budget``: None for as much as one likes; ``spent``: by then."""

    def __init__(self, budget: float | None, spent: float) -> None:
        self.budget = budget
        self.spent = spent
        self._aside: list[float] = []  # a sum that is added to and taken from does not come back to nought
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def aside(self, worst: float | None) -> AsyncIterator[None]:
        """While a debate is held that may cost so much; begins when that is there. Raises RunOverBudget where it will
        not be, and PriceUnknown."""
        if self.budget is None:
            yield
            return
        if worst is None:
            raise no_price()
        async with self._changed:
            while self.spent + sum(self._aside) + worst > self.budget:
                if not self._aside:
                    raise RunOverBudget(
                        f"${self.spent:.4f} of ${self.budget:g} are spent (--budget-usd), and the next debate may cost "
                        f"${worst:.4f}. The same command with more goes on."
                    )
                await self._changed.wait()
            self._aside.append(worst)
        try:
            yield
        finally:
            async with self._changed:
                self._aside.remove(worst)
                self._changed.notify_all()
