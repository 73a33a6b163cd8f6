"""The commands of runs: many debates from a file, and what they show."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TextIO, TypeVar, get_args

import click

from debate_server.core.run import Scorer
from debate_server.flags import Command, given_flags, settings, take
from debate_server.shell import run_to_end, seats, start_log

if TYPE_CHECKING:
    from debate_server.runs.items.source import Source
    from debate_server.runs.orders.order import Make
    from debate_server.settings import Settings

F = TypeVar("F", bound=Callable[..., Any])

_GROUPS: Final = ("where", "model", "limits", "upstream")
_OUT: Final = click.Path(dir_okay=False, path_type=Path)
_SEED: Final = click.IntRange(0, 2**63 - 1)


def _shared(function: F) -> F:
    """The flags of all commands that hold a run."""
    for option in reversed((
        click.option("--repeat", type=click.IntRange(1, 10_000), default=1, help="how often each is held (default: 1)"),
        click.option("--seed", type=_SEED, help="have models choose the same words again, where they can"),
        click.option("-j", "at_once", type=click.IntRange(1, 10_000), default=8, help="debates at a time (default: 8)"),
        click.option("--out", type=_OUT, help="file for the results, as NDJSON (default: stdout)"),
        click.option("--retry-failed", is_flag=True, help="hold those that failed again, once all others are over"),
        click.option("--skip-bad", is_flag=True, help="leave bad lines out"),
        click.option("--limit", type=click.IntRange(1), help="only the first so many topics"),
        click.option(
            "--budget-usd", "budget", type=click.FloatRange(0.000_001), help="what all of it may cost [US dollars]"
        ),
        click.option("--server", metavar="URL", default="", help="the server to hold them (default: who has the data)"),
        click.option("--dry-run", is_flag=True, help="only say what it would come to"),
        settings(*_GROUPS, server=False, but=("model",)),
    )):  # fmt: skip
        function = option(function)
    return function


@click.command(cls=Command)
@click.argument("file")
@click.option("--format", "named", multiple=True, metavar="NAME|FILE", help="a format (repeatable; default: classic)")
@click.option("--model", "models", multiple=True, metavar="NAME", help="a model of all seats (repeatable)")
@click.option("--agent", "agents", multiple=True, metavar="NAME=MODEL", help="another model for one agent (repeatable)")
@click.option("--rounds", type=int, help="rounds before the synthesis (default: the format's)")
@click.option("--swap-sides", is_flag=True, help="hold each once more, with the sides' models exchanged")
@click.option("--score", type=click.Choice(get_args(Scorer)), help="how answers are scored (default: by what they are)")
@click.option("--judge", metavar="NAME", help="the model that marks answers, with --score judge")
@click.option("--baselines/--no-baselines", default=True, help="hold single and vote too, where answers are given")
@_shared
def batch(file: str, agents: tuple[str, ...], **given: Any) -> None:
    """Hold the debates of FILE: .txt, .csv, .jsonl, or - for stdin."""
    from debate_server.core.explain import meaning
    from debate_server.core.plan import AgentChange
    from debate_server.runs.orders.wanted import Wanted, ordered

    with meaning("--agent takes NAME=MODEL"):
        changes = [AgentChange.model_validate(seat) for seat in seats(agents)]
    names = ("named", "models", "rounds", "swap_sides", "repeat", "seed", "score", "judge", "baselines", "budget")
    wanted = Wanted(agents=changes, **{name: given.pop(name) for name in names})
    _hold(file, given, lambda items, chosen: ordered(wanted, items, chosen))


@click.command(cls=Command)
@click.argument("file", metavar="TOPICS")
@click.option("--model", "models", multiple=True, metavar="NAME", help="a model that takes part (repeatable)")
@click.option("--judge", "judges", multiple=True, metavar="NAME", help="a judge's model (repeatable: a panel)")
@click.option("--format", "named", metavar="NAME|FILE", default="judge-only", help="the format (default: judge-only)")
@click.option("--rounds", type=int, help="rounds of a debate (default: the format's)")
@_shared
def tournament(file: str, **given: Any) -> None:
    """Hold every pair of models on every one of TOPICS, on either side."""
    from debate_server.runs.orders.wanted import Pairs, paired

    names = ("named", "models", "judges", "rounds", "repeat", "seed", "budget")
    wanted = Pairs(**{name: given.pop(name) for name in names})
    _hold(file, given, lambda items, chosen: paired(wanted, items, chosen))


def _hold(file: str, given: dict[str, Any], make: "Callable[[Source, Settings], Make]") -> None:
    """Hold the run that is made of a file's items, and exit."""
    from debate_server.commands.batch import How
    from debate_server.commands.batch import batch as work
    from debate_server.runs.items.source import open_items

    flags = given_flags(*_GROUPS, but=("data", "max_topic"))
    how = How(
        at_once=given.pop("at_once"), out=given.pop("out"), server=given.pop("server"),
        again=given.pop("retry_failed"), dry_run=given.pop("dry_run"), flags=flags,
    )  # fmt: skip
    skip_bad, limit = given.pop("skip_bad"), given.pop("limit")
    chosen = take(given)
    start_log("error")
    with open_items(file, longest=chosen.max_topic, skip_bad=skip_bad, limit=limit) as items:
        sys.exit(run_to_end(work(chosen, make(items, chosen), how)))


@click.command(cls=Command)
@click.argument("name", type=click.Choice(("addition", "arithmetic", "logic")))
@click.option("--count", type=click.IntRange(1, 10_000), default=30, help="how many (default: 30)")
@click.option("--seed", type=click.IntRange(0), default=1, help="another one makes other items (default: 1)")
@click.option(
    "--as", "kind", type=click.Choice(("jsonl", "csv")), default="jsonl", help="kind of file (default: jsonl)"
)
def items(name: str, count: int, seed: int, kind: Literal["jsonl", "csv"]) -> None:
    """Make questions with their answers, to try a run with."""
    from debate_server.commands.items import print_items

    print_items(name, count=count, seed=seed, kind=kind)


@click.command(cls=Command)
@click.argument("matches", metavar="MATCHES.csv", type=click.File("r", encoding="utf-8-sig"))
@click.option("--seed", type=_SEED, default=1, help="another one makes other draws for the intervals (default: 1)")
@click.option("--json", "kind", flag_value="json", help="one JSON object")
@click.option("--csv", "kind", flag_value="csv", help="CSV, a model a line")
def rate(matches: TextIO, seed: int, kind: Literal["json", "csv"] | None) -> None:
    """Rate models by who won against whom: a table with the columns first, second, winner."""
    from debate_server.commands.rate import rate as work

    work(matches, seed=seed, kind=kind or "text")


@click.command("runs", cls=Command)
@click.option(
    "-n", "--limit", type=click.IntRange(1, 1_000_000), default=20, help="how many, newest first (default: 20)"
)
@click.option("--json", "as_json", is_flag=True, help="one JSON object a line")
@settings("where", server=False)
def runs(limit: int, as_json: bool, **given: Any) -> None:
    """List the runs in the log."""
    from debate_server.commands.report import list_runs

    list_runs(Path(take(given).data), limit=limit, as_json=as_json)


@click.command(cls=Command)
@click.argument("run", metavar="RUN")
@click.option(
    "--as",
    "kind",
    type=click.Choice(("html", "md", "csv", "json")),
    default="html",
    help="kind of file (default: html)",
)
@click.option("--out", type=_OUT, help="the file (default: report-RUN.html here; other kinds go to stdout)")
@click.option("--transcripts/--no-transcripts", default=True, help="with what was said, in HTML (default: with)")
@click.option("--seed", "draws", type=_SEED, default=1, help="another one makes other draws for intervals (default: 1)")
@settings("where", server=False)
def report(run: str, kind: Any, out: Path | None, transcripts: bool, draws: int, **given: Any) -> None:
    """Write what a run shows into one file, to put before others."""
    from debate_server.commands.report import report as work

    work(Path(take(given).data), run, kind, out, transcripts=transcripts, seed=draws)


@click.command(cls=Command)
@click.argument("run", metavar="RUN")
@settings("where", server=False)
def matches(run: str, **given: Any) -> None:
    """Print who won against whom in a run, for debate rate."""
    from debate_server.commands.report import matches as work

    work(Path(take(given).data), run)


COMMANDS: Final = (batch, tournament, runs, report, items, matches, rate)
