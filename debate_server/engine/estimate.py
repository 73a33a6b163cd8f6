"""What a debate that is asked for would cost, at least and at most. Nothing is begun, and no model is asked."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from debate_server.core.money.budget import Budget
from debate_server.core.money.forecast import Forecast, Voice, forecast
from debate_server.core.plan import Limits, Plan, Start, plan
from debate_server.core.transcript import Transcript
from debate_server.engine.budget import UNKNOWN, voices
from debate_server.engine.seating import seated
from debate_server.formats import Formats
from debate_server.settings import Settings
from debate_server.upstream.upstream import Upstream


def limits(settings: Settings) -> Limits:
    """What a start is held to."""
    return Limits(
        settings.max_topic, settings.max_rounds, settings.max_turns, settings.max_agents, settings.max_message,
        settings.max_messages, Budget(usd=settings.budget_usd, tokens=settings.budget_tokens),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a debate would cost by agent: at ``least``, as debates go, and at ``most``."""

    least: dict[str, Forecast]
    most: dict[str, Forecast]


async def estimate(start: Start, formats: Formats, settings: Settings, upstream: Upstream) -> Estimate:
    """What it would cost; the price of a model that cannot be had is unknown. Raises InvalidRequest, LimitExceeded,
    FormatError."""
    planned = plan(start, formats.of(start.format), limits(settings), detached=True)
    held = (await seated(planned, upstream, settings.model)).plan
    heard = await voices(held, upstream, UNKNOWN)
    # Every prompt of the debate is built for it: others need not wait for that.
    return await asyncio.to_thread(_both, held, heard)


def _both(plan: Plan, heard: Mapping[str, Voice]) -> Estimate:
    told = partial(forecast, plan.format, heard, Transcript(topic=plan.topic), plan.items)
    return Estimate(told(least=True), told())
