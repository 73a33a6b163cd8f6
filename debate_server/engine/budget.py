"""Budgets: what a debate, and all debates of this run of the server, may spend.

A turn starts only where its worst case fits into what is left after the worst cases of what is open elsewhere and of
the debate's own decision. So a debate that has spent its budget still gets its verdict.
"""

from dataclasses import dataclass, field
from typing import Final

from debate_server.core.agenda import Item
from debate_server.core.errors import OverBudget, PriceUnknown, UpstreamError
from debate_server.core.events import Usage
from debate_server.core.format.shape import Agent
from debate_server.core.money.budget import Budget
from debate_server.core.money.closing import closing
from debate_server.core.money.forecast import Forecast, Voice, forecast, total
from debate_server.core.money.price import FREE
from debate_server.core.plan import Plan
from debate_server.core.transcript import Transcript
from debate_server.upstream.endpoint import UNKNOWN_CONTEXT
from debate_server.upstream.upstream import Upstream

# A model that cannot be had: what it would cost is unknown, or, where it is to speak now, nothing.
UNKNOWN: Final = Voice(UNKNOWN_CONTEXT, brief=False, price=None)
SILENT: Final = Voice(UNKNOWN_CONTEXT, brief=False, price=FREE)


@dataclass(slots=True)
class Purse:
    """What all debates of this run of the server have spent, and what they have put aside: by debate, the worst case of
    what is open in it and of its decision."""

    budget: Budget
    spent: Usage = field(default_factory=Usage)
    aside: dict[str, Usage] = field(default_factory=dict)

    def covers(self, debate: str, worst: Usage) -> bool:
        """Whether a debate can put that aside, in the place of what it has put aside."""
        others = (usage for other, usage in self.aside.items() if other != debate)
        return self.budget.covers(sum(others, self.spent + worst))


async def voices(plan: Plan, upstream: Upstream, absent: Voice) -> dict[str, Voice]:
    """The models of the agents as far as they matter for a forecast, ``absent`` for one that cannot be had."""
    return {agent.name: await _voice(agent, upstream, absent) for agent in plan.format.agents}


async def _voice(agent: Agent, upstream: Upstream, absent: Voice) -> Voice:
    try:
        model = await upstream.model(agent.model)
    except UpstreamError:
        return absent
    return Voice(model.context, model.brief, model.price)


async def check(plan: Plan, said: Transcript, upstream: Upstream, purse: Purse) -> Usage:
    """What a debate has to put aside to begin. Raises PriceUnknown, and OverBudget where there is not as much. A model
    that cannot be had is not asked for money: it fails the debate where viewers can see why."""
    left = plan.left(said)
    if not (plan.budget.limited or purse.budget.limited) or not left:
        return Usage()
    heard = await voices(plan, upstream, SILENT)
    unknown = [name for name, voice in heard.items() if voice.price is None]
    if unknown and (plan.budget.usd is not None or purse.budget.usd is not None):
        raise PriceUnknown(
            f"What the model of {', '.join(unknown)} costs is not known, so a budget in dollars cannot be kept. Give "
            "one in tokens (budget_tokens, --budget-tokens), or choose another model.",
            field="budget_usd",
        )
    until = next((number for number, item in enumerate(left, 1) if item.turns), len(left))
    worst = _worst(plan, heard, said, left[:until], left).usage
    needed = f"{worst.input + worst.output} tokens" + (f", ${worst.cost_usd:.4f}" if worst.cost_usd is not None else "")
    if not plan.budget.covers(worst):
        raise OverBudget(
            f"The budget does not reach for a first turn and the decision, which may take {needed}. Raise it, or "
            "choose a format with fewer agents or a cheaper model.",
            field="budget_usd" if plan.budget.usd is not None else "budget_tokens",
        )
    if not purse.covers(said.debate, worst):
        raise OverBudget(
            f"What this server may spend (--server-budget-usd, --server-budget-tokens) does not reach for a first turn "
            f"and the decision, which may take {needed}. Wait for others to end, or start the server with more.",
            field=None,
        )
    return worst


async def next_item(plan: Plan, said: Transcript, left: list[Item], upstream: Upstream, purse: Purse) -> Item | None:
    """What is held next of what is left, with its worst case put aside; None: nothing more, the budget is spent."""
    if not (plan.budget.limited or purse.budget.limited):
        return left[0]
    heard = await voices(plan, upstream, SILENT)
    worst = _worst(plan, heard, said, left[:1], left).usage
    if plan.budget.covers(said.usage + worst) and purse.covers(said.debate, worst):
        purse.aside[said.debate] = worst
        return left[0]
    # What is left is for the decision, where that was put aside: by this process, or by its own budget for good.
    kept = said.debate in purse.aside or not purse.budget.limited
    return next(iter(closing(plan.format, left, said)), None) if kept and said.speeches else None


def _worst(plan: Plan, heard: dict[str, Voice], said: Transcript, items: list[Item], left: list[Item]) -> Forecast:
    """The worst case of these items, and of the decision after them."""
    last = [other for other in closing(plan.format, left, said) if not any(other is item for item in items)]
    return total(forecast(plan.format, heard, said, [*items, *last]))
