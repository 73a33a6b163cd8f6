"""``debate run --dry-run``: what a debate would cost at most."""

from dataclasses import asdict

import click
import orjson

from debate_server.core.money.forecast import Forecast, total
from debate_server.core.plan import Start
from debate_server.engine.estimate import estimate as forecasts
from debate_server.formats import Formats
from debate_server.settings import Settings
from debate_server.upstream.upstream import Upstream


async def estimate(settings: Settings, start: Start, *, as_json: bool) -> int:
    """Print it, by agent and altogether; the exit code. Raises InvalidRequest, LimitExceeded, FormatError."""
    async with Upstream(settings) as upstream:
        agents = await forecasts(start, Formats(settings.formats), settings, upstream)
    whole = total(agents)
    if as_json:
        told = {name: _fields(one) for name, one in agents.items()}
        click.echo(orjson.dumps({**_fields(whole), "agents": told}))
        return 0
    rows: list[tuple[str, ...]] = [("agent", "calls", "tokens in", "out", "at most")]
    rows += [_row(name, one) for name, one in [*agents.items(), ("altogether", whole)]]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for name, *numbers in rows:
        cells = [cell.rjust(width) for cell, width in zip(numbers, widths[1:], strict=True)]
        click.echo("  ".join([name.ljust(widths[0]), *cells]))
    return 0


def _fields(forecast: Forecast) -> dict[str, object]:
    usage = asdict(forecast.usage)
    return {"calls": forecast.calls, **{key: usage[key] for key in ("input", "output", "cost_usd")}}


def _row(name: str, forecast: Forecast) -> tuple[str, ...]:
    usage = forecast.usage
    cost = "—" if usage.cost_usd is None else f"${usage.cost_usd:.4f}" if usage.cost_usd else "free"
    return name, str(forecast.calls), f"{usage.input:,}", f"{usage.output:,}", cost
