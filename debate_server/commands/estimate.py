"""``debate run --dry-run``: what a debate would cost at most."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import orjson

from debate_server.commands.run import with_model
from debate_server.commands.server import asking, post
from debate_server.core.errors import LogInUse
from debate_server.core.money.forecast import Forecast, total
from debate_server.core.plan import Start
from debate_server.engine.estimate import estimate as forecasts
from debate_server.formats import Formats
from debate_server.log.lock import Lock
from debate_server.settings import Settings
from debate_server.upstream.upstream import Upstream


async def estimate(settings: Settings, start: Start, *, as_json: bool) -> int:
    """Print it, by agent and altogether, and what it would at least; the exit code. Where a server holds the data, that
    is asked: its models are other ones. Raises DebateError."""
    try:
        with Lock(Path(settings.data)):
            told = await _here(settings, start)
    except LogInUse as holder:
        if settings.model:
            start = with_model(start, settings.model, Formats(settings.formats))
        async with asking(holder) as session:
            told = await post(session, "/api/estimate", start.model_dump(exclude_none=True))
    if as_json:
        click.echo(orjson.dumps(told))
        return 0
    rows: list[tuple[str, ...]] = [("agent", "calls", "tokens in", "out", "at most")]
    rows += [
        _row(name, one) for name, one in [*told["agents"].items(), ("altogether", told), ("at least", told["least"])]
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for name, *numbers in rows:
        cells = [cell.rjust(width) for cell, width in zip(numbers, widths[1:], strict=True)]
        click.echo("  ".join([name.ljust(widths[0]), *cells]))
    return 0


async def _here(settings: Settings, start: Start) -> dict[str, Any]:
    """What this process would take for it, as a server tells it."""
    async with Upstream(settings) as upstream:
        told = await forecasts(start, Formats(settings.formats), settings, upstream)
    agents = {name: _fields(one) for name, one in told.most.items()}
    return {**_fields(total(told.most)), "agents": agents, "least": _fields(total(told.least))}


def _fields(forecast: Forecast) -> dict[str, Any]:
    usage = asdict(forecast.usage)
    return {"calls": forecast.calls, **{key: usage[key] for key in ("input", "output", "cost_usd")}}


def _row(name: str, told: dict[str, Any]) -> tuple[str, ...]:
    usd = told["cost_usd"]
    cost = "—" if usd is None else f"${usd:.4f}" if usd else "free"
    return name, str(told["calls"]), f"{told['input']:,}", f"{told['output']:,}", cost
