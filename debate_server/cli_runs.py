"""The commands of runs: many debates from a file, and what they show."""

import sys
from pathlib import Path
from typing import Any, Final, Literal, get_args

import click

from debate_server.core.run import Scorer
from debate_server.flags import Command, settings, take
from debate_server.shell import run_to_end, seats, start_log

_GROUPS: Final = ("where", "model", "limits", "upstream")
_OUT: Final = click.Path(dir_okay=False, path_type=Path)
_SEED: Final = click.IntRange(0, 2**63 - 1)


@click.command(cls=Command)
@click.argument("file")
@click.option("--format", "named", multiple=True, metavar="NAME|FILE", help="a format (repeatable; default: classic)")
@click.option("--model", "models", multiple=True, metavar="NAME", help="a model of all seats (repeatable)")
@click.option("--agent", "agents", multiple=True, metavar="NAME=MODEL", help="another model for one agent (repeatable)")
@click.option("--rounds", type=int, help="rounds before the synthesis (default: the format's)")
@click.option("--swap-sides", is_flag=True, help="hold each once more, with the sides' models exchanged")
@click.option("--repeat", type=click.IntRange(1, 10_000), default=1, help="how often each is held (default: 1)")
@click.option("--seed", type=_SEED, help="have models choose the same words again, where they can")
@click.option("--score", type=click.Choice(get_args(Scorer)), help="how answers are scored (default: by what they are)")
@click.option("--judge", metavar="NAME", help="the model that marks answers, with --score judge")
@click.option("--baselines/--no-baselines", default=True, help="hold single and vote too, where answers are given")
@click.option("-j", "at_once", type=click.IntRange(1, 10_000), default=8, help="debates at a time (default: 8)")
@click.option("--out", type=_OUT, help="file for the results, as NDJSON (default: stdout)")
@click.option("--retry-failed", is_flag=True, help="hold those that failed again, once all others are over")
@click.option("--skip-bad", is_flag=True, help="leave bad lines out")
@click.option("--limit", type=click.IntRange(1), help="only the first so many topics")
@click.option("--budget-usd", "budget", type=click.FloatRange(0.000_001), help="what all of it may cost [US dollars]")
@click.option("--server", metavar="URL", default="", help="the server to hold them (default: whoever has the data)")
@click.option("--dry-run", is_flag=True, help="only say what it would come to")
@settings(*_GROUPS, server=False, but=("model",))
def batch(file: str, agents: tuple[str, ...], **given: Any) -> None:
    """Hold the debates of FILE: .txt, .csv, .jsonl, or - for stdin."""
    from debate_server.commands.batch import How
    from debate_server.commands.batch import batch as work
    from debate_server.commands.orders import Wanted, ordered
    from debate_server.runs.items.source import open_items

    how = How(
        at_once=given.pop("at_once"), out=given.pop("out"), server=given.pop("server"),
        again=given.pop("retry_failed"), dry_run=given.pop("dry_run"),
    )  # fmt: skip
    skip_bad, limit = given.pop("skip_bad"), given.pop("limit")
    names = ("named", "models", "rounds", "swap_sides", "repeat", "seed", "score", "judge", "baselines", "budget")
    wanted = Wanted(agents=seats(agents), **{name: given.pop(name) for name in names})
    chosen = take(given)
    start_log("error")
    with open_items(file, longest=chosen.max_topic, skip_bad=skip_bad, limit=limit) as items:
        sys.exit(run_to_end(work(chosen, ordered(wanted, items, chosen), how)))


@click.command(cls=Command)
@click.argument("name", type=click.Choice(("arithmetic", "logic")))
@click.option("--count", type=click.IntRange(1, 10_000), default=30, help="how many (default: 30)")
@click.option("--seed", type=click.IntRange(0), default=1, help="another one makes other items (default: 1)")
@click.option(
    "--as", "kind", type=click.Choice(("jsonl", "csv")), default="jsonl", help="kind of file (default: jsonl)"
)
def items(name: str, count: int, seed: int, kind: Literal["jsonl", "csv"]) -> None:
    """Make questions with their answers, to try a run with."""
    from debate_server.commands.items import print_items

    print_items(name, count=count, seed=seed, kind=kind)


COMMANDS: Final = (batch, items)
