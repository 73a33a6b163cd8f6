"""What was asked for, as pairs of what and how much."""

from typing import Final

from debate_server.core.telling.words import cost_of, listed, many
from debate_server.runs.report.shape import Report
from debate_server.runs.report.tally import Tally
from debate_server.runs.report.words import NONE, cost, short_models

_SCORED: Final = {
    "exact": "as the same words", "number": "as the same number", "choice": "as one of the choices",
    "judge": "by a judge",
}  # fmt: skip


def title_of(report: Report) -> str:
    """What the report is on."""
    what = "Tournament" if report.run.kind == "tournament" else "Report"
    return f"{what} on {report.run.source}"


def asked(report: Report, told: Tally) -> list[tuple[str, str]]:
    """What, and how much of it, in their order."""
    run = report.run
    pairs = [
        ("File", run.source),
        ("Formats", listed(run.formats) or NONE),
        ("Models", _models(report)),
        ("Each", _each(report)),
    ]
    if run.score:
        pairs.append(("Scored", _SCORED[run.score]))
    if run.seed is not None:
        pairs.append(("Seed", str(run.seed)))
    if run.budget_usd is not None:
        pairs.append(("Budget", cost(run.budget_usd)))
    left = run.total - told.debates
    waiting = f", {left:,} not yet" if left > 0 else ""
    pairs += [
        ("Debates", f"{told.debates:,} of {run.total:,} held{waiting}; {told.failed:,} failed"),
        ("Spent", cost_of(report.spent)),
        ("Begun", f"{report.created[:16].replace('T', ' ')} UTC"),
        ("Run", report.id),
    ]  # fmt: skip
    return pairs


def _models(report: Report) -> str:
    """Those that were asked for, or, where none was, those that spoke."""
    models = report.run.models or sorted({seat.model for result in report.results for seat in result.agents})
    return listed(short_models(models).values()) if models else "the default model"


def _each(report: Report) -> str:
    times = "once" if report.run.repeat == 1 else many(report.run.repeat, "time")
    return f"{times}, and with the sides exchanged" if report.run.swap_sides else times
