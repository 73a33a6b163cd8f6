"""What was asked for, as pairs of what and how much."""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Final

from debate_server.core.plan import AgentChange
from debate_server.core.run import Scorer
from debate_server.core.telling.words import cost_of, listed, many
from debate_server.runs.report.shape import Report
from debate_server.runs.report.tally import Tally
from debate_server.runs.report.words import NONE, cost, short_models

_SCORED: Final[dict[Scorer, str]] = {
    "exact": "as the same words", "number": "as the same number", "choice": "as one of the choices",
    "judge": "by a judge",
}  # fmt: skip


def title_of(report: Report) -> str:
    """What the report is on."""
    what = "Tournament" if report.run.kind == "tournament" else "Report"
    return f"{what} on {report.run.source}"


def asked(report: Report, told: Tally) -> list[tuple[str, str]]:
    """What, and how much of it, in their order; what was not asked for is not there."""
    run = report.run
    left = run.total - told.debates
    waiting = f", {left:,} not yet" if left > 0 else ""
    items = run.items or len({result.item for result in report.results})
    pairs = [
        ("File", f"{run.source}, {many(items, 'item')}"),
        ("Formats", listed(run.formats) or NONE),
        ("Rounds", "" if run.rounds is None else str(run.rounds)),
        ("Models", _models(report)),
        ("Agents", "; ".join(map(_seat, run.agents))),
        ("Judges", _judges(report) if run.kind == "tournament" else ""),
        ("Each", _each(report)),
        ("Scored", _scored(report)),
        ("Baselines", _baselines(report)),
        ("Seed", "" if run.seed is None else str(run.seed)),
        ("Budget", "" if run.budget_usd is None else cost(run.budget_usd)),
        ("Debates", f"{told.debates:,} of {run.total:,} held{waiting}; {told.failed:,} failed"),
        ("Spent", cost_of(report.spent)),
        ("Begun", f"{report.created[:16].replace('T', ' ')} UTC"),
        ("Run", report.id),
        ("Written by", f"debate-server {version('debate-server')}"),
    ]  # fmt: skip
    return [(what, much) for what, much in pairs if much]


def _models(report: Report) -> str:
    """Those that were asked for, or, where none was, those that spoke."""
    models = report.run.models or sorted({seat.model for result in report.results for seat in result.agents})
    return listed(short_models(models).values()) if models else "the default model"


def _seat(change: AgentChange) -> str:
    """What is changed of a seat: such as "Skeptic: llama3.2, temperature 0.2"."""
    changes = [
        *([] if change.model is None else short_models([change.model]).values()),
        *["a persona of its own"] * (change.persona is not None),
        *[f"temperature {change.temperature}"] * (change.temperature is not None),
        *[f"at most {change.max_tokens} tokens"] * (change.max_tokens is not None),
    ]
    return f"{change.name}: {', '.join(changes) or 'as it is'}"


def _judges(report: Report) -> str:
    """The panel that was asked for, or, where none was, those that judged."""
    if report.run.judges:
        return _panel(report.run.judges)
    found = sorted({vote.model for result in report.results for vote in result.votes})
    return f"{_panel(found)}, as none was named" if found else "as none was named"


def _panel(models: Sequence[str]) -> str:
    short = short_models(models)
    return listed(short[model] for model in models)


def _each(report: Report) -> str:
    times = "once" if report.run.repeat == 1 else many(report.run.repeat, "time")
    return f"{times}, and with the sides exchanged" if report.run.swap_sides else times


def _scored(report: Report) -> str:
    """As it was asked for, or, where it was not, by what the answers are."""
    run = report.run
    if run.score == "judge":
        judge = run.judges or [address for name, address in run.addresses.items() if not name]
        return f"{_SCORED['judge']}, {_panel(judge)}" if judge else _SCORED["judge"]
    kinds = {run.score} if run.score else {result.scored for result in report.results}
    return listed(words for kind, words in _SCORED.items() if kind in kinds)


def _baselines(report: Report) -> str:
    """What the run held beside what was asked for, so that there is something to compare answers with."""
    held = [result for result in report.results if result.role == "baseline"]
    if not held:
        return "none" if any(result.scored for result in report.results) else ""
    seats: dict[str, int] = {}
    for result in held:
        seats[result.format] = max(len(result.agents), seats.get(result.format, 0))
    names = listed(f"{name} ({_samples(count)})" for name, count in seats.items())
    return f"{names}, which the run added: {len(held):,} of the debates"


def _samples(count: int) -> str:
    return "one answer" if count == 1 else f"a vote of {count} samples"
