"""The command line: the only reader of argv and, with ``flags``, of the environment and ``debate.toml``.

Every command's work is in ``commands``, imported when it is asked for, so that ``--help`` is quick. Exit codes:
0 done, 1 the debate or a check failed, 2 usage or settings, 3 the model is unreachable or refuses, 4 part of a run
failed, 130 interrupted. The commands of runs are in ``cli_runs``.
"""

import errno
import io
import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from debate_server import shell
from debate_server.cli_runs import COMMANDS
from debate_server.core.errors import (
    DebateError,
    FormatError,
    InvalidRequest,
    LogError,
    NotEquipped,
    SettingsError,
    UpstreamError,
)
from debate_server.flags import Command, Group, file, from_file, given_flags, leave_no_secrets, settings, take
from debate_server.folders import PROGRAM
from debate_server.settings import GROUPS, SETTINGS, Settings
from debate_server.shell import colour, program, seats, start_log

if TYPE_CHECKING:
    from debate_server.commands.run import Beginning


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(version(PROGRAM), prog_name=PROGRAM)
@click.pass_context
def cli(context: click.Context) -> None:
    """Watch an Optimist, a Skeptic and a Moderator argue your topic out, word by word."""
    defaults = from_file()
    below = {name for command in cli.commands.values() if isinstance(command, click.Group) for name in command.commands}
    context.default_map = dict.fromkeys(cli.commands, defaults | dict.fromkeys(below, defaults))


@cli.command(cls=Command)
@click.option("--open", "open_page", is_flag=True, help="open the page in your browser")
@settings(*GROUPS)
def serve(open_page: bool, **given: Any) -> None:
    """Serve debates and their page on this machine."""
    from debate_server.commands.serve import serve as work

    start_log("info")
    shell.run_to_end(work(take(given), open_page=open_page))


@cli.command(cls=Command)
@click.argument("topic")
@click.option(
    "--format",
    "format_",
    metavar="NAME|FILE",
    default="classic",
    help="format of the debate, by its name or in a file of yours (default: classic)",
)
@click.option("--rounds", type=int, help="rounds before the synthesis (default: the format's)")
@click.option("--agent", "agents", multiple=True, metavar="NAME=MODEL", help="another model for one agent (repeatable)")
@click.option("--seed", type=int, help="number by which the models draw; the same one makes the same requests")
@click.option("--dry-run", is_flag=True, help="only say what it would cost at most")
@click.option("--json", "as_json", is_flag=True, help="events as NDJSON, as on the wire")
@settings("where", "model", "money", "limits", "upstream", server=False)
def run(
    topic: str,
    format_: str,
    rounds: int | None,
    agents: tuple[str, ...],
    seed: int | None,
    dry_run: bool,
    as_json: bool,
    **given: Any,
) -> None:
    """Hold one debate on TOPIC in the terminal, typed out live."""
    from debate_server.commands.estimate import estimate
    from debate_server.commands.run import started
    from debate_server.core.plan import Start, from_fields
    from debate_server.formats import Formats

    chosen = take(given)
    fields = {"topic": topic, "format": Formats(chosen.formats).asked(format_), "rounds": rounds, "seed": seed}
    budget = {"budget_usd": chosen.budget_usd, "budget_tokens": chosen.budget_tokens}
    start = from_fields(Start, fields | {"agents": seats(agents), **budget})
    if dry_run:
        start_log("error")
        sys.exit(shell.run_to_end(estimate(chosen, start, as_json=as_json)))
    _type_out(chosen, started(start, chosen), as_json=as_json, but=("data", "model"))


@cli.command(cls=Command)
@click.argument("debate", metavar="ID")
@click.option("--turn", type=int, help="the turn to begin with anew (default: go on after the end)")
@click.option("--topic", help="another topic")
@click.option("--rounds", type=int, help="with --turn how many in all, else how many more (default: 1 more)")
@click.option("--agent", "agents", multiple=True, metavar="NAME=MODEL", help="another model for one agent (repeatable)")
@click.option("--json", "as_json", is_flag=True, help="events as NDJSON, as on the wire")
@settings("where", "model", "limits", "upstream", server=False)
def fork(debate: str, agents: tuple[str, ...], as_json: bool, **given: Any) -> None:
    """Go on after the end of a debate, or from one of its turns, as another debate."""
    from debate_server.commands.read import Archive
    from debate_server.commands.run import forked
    from debate_server.core.plan import Fork, from_fields

    fields = {name: given.pop(name) for name in ("turn", "topic", "rounds")}
    chosen = take(given)
    wanted = from_fields(Fork, fields | {"agents": seats(agents)})
    _type_out(chosen, forked(Archive(Path(chosen.data)).row(debate).id, wanted), as_json=as_json, but=("data",))


@cli.command(cls=Command)
@click.argument("debate", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="events as NDJSON, as on the wire")
@settings("where", "model", "limits", "upstream", server=False)
def retry(debate: str, as_json: bool, **given: Any) -> None:
    """Hold a debate again from its first turn that failed or was cut, as another debate."""
    from debate_server.commands.read import Archive
    from debate_server.commands.run import retried

    chosen = take(given)
    _type_out(chosen, retried(Archive(Path(chosen.data)).row(debate).id), as_json=as_json, but=("data",))


@cli.command(cls=Command)
@click.argument("debate", metavar="ID")
@settings("where", server=False)
def pause(debate: str, **given: Any) -> None:
    """Pause a debate that a server runs."""
    from debate_server.commands.steer import pause as work

    shell.run_to_end(work(Path(take(given).data), debate))


@cli.command(cls=Command)
@click.argument("debate", metavar="ID")
@settings("where", server=False)
def resume(debate: str, **given: Any) -> None:
    """Have a paused debate go on."""
    from debate_server.commands.steer import resume as work

    shell.run_to_end(work(Path(take(given).data), debate))


@cli.command(cls=Command)
@click.argument("debate", metavar="ID")
@click.option("--turn", type=int, help="the speech of that turn alone")
@settings("where", server=False)
def stop(debate: str, turn: int | None, **given: Any) -> None:
    """Stop a debate that a server runs, or one speech of it."""
    from debate_server.commands.steer import stop as work

    shell.run_to_end(work(Path(take(given).data), debate, turn))


@cli.command(cls=Command)
@click.argument("debate", metavar="ID")
@click.argument("text")
@click.option("--to", metavar="AGENT", help="only that agent hears it (default: all do)")
@settings("where", server=False)
def say(debate: str, text: str, to: str | None, **given: Any) -> None:
    """Say TEXT to the agents of a debate that a server runs."""
    from debate_server.commands.steer import say as work

    shell.run_to_end(work(Path(take(given).data), debate, text, to))


@cli.command("list", cls=Command)
@click.option(
    "-n", "--limit", type=click.IntRange(1, 1_000_000), default=20, help="how many, newest first (default: 20)"
)
@click.option("--run", metavar="RUN", help="those of a run, instead of those of none")
@click.option("--json", "as_json", is_flag=True, help="one JSON object a line")
@settings("where", server=False)
def list_(limit: int, run: str | None, as_json: bool, **given: Any) -> None:
    """List the debates in the log that are of no run, or those of one."""
    from debate_server.commands.read import list_debates

    list_debates(Path(take(given).data), run, limit=limit, as_json=as_json)


@cli.command(cls=Command)
@click.argument("debate", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="events as NDJSON, as on the wire")
@settings("where", server=False)
def show(debate: str, as_json: bool, **given: Any) -> None:
    """Show a debate as it was typed out."""
    from debate_server.commands.read import show as work
    from debate_server.commands.terminal import Screen

    work(Path(take(given).data), debate, Screen(as_json=as_json, colour=colour()))


@cli.command(cls=Command)
@click.argument("debate", metavar="ID")
@click.option(
    "--as", "kind", type=click.Choice(["md", "json", "html"]), default="md", help="kind of file (default: md)"
)
@settings("where", server=False)
def export(debate: str, kind: str, **given: Any) -> None:
    """Write a debate's transcript to stdout."""
    from debate_server.commands.read import export_debate

    export_debate(Path(take(given).data), debate, kind)


@cli.command(cls=Command)
@click.argument("target", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@settings("where", server=False)
def backup(target: Path, **given: Any) -> None:
    """Copy the log of all debates into FILE, also while a server runs."""
    from debate_server.commands.read import backup as work

    work(Path(take(given).data), target)


@cli.command(cls=Command)
@settings("where", "model", server=False)
def doctor(**given: Any) -> None:
    """Check what is set up, what is not, and what to type next."""
    from debate_server.commands.doctor import examine

    start_log("error")
    sys.exit(shell.run_to_end(examine(take(given), program())))


@cli.command(cls=Command)
@click.option("--json", "as_json", is_flag=True, help="one JSON object a line")
@settings(*GROUPS)
@click.pass_context
def config(context: click.Context, /, as_json: bool, **given: Any) -> None:
    """Show every setting, its value, and where that comes from."""
    from debate_server.commands.config import Origin, tell

    origins: dict[Any, Origin] = {
        click.core.ParameterSource.DEFAULT: "default",
        click.core.ParameterSource.DEFAULT_MAP: "file",
        click.core.ParameterSource.ENVIRONMENT: "environment",
        click.core.ParameterSource.COMMANDLINE: "flag",
    }
    sources = {setting.name: origins[context.get_parameter_source(setting.name)] for setting in SETTINGS}
    tell(take(given), sources, file=file(), as_json=as_json)


@cli.group(cls=Group, invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="one JSON object a line")
@settings("where", server=False)
@click.pass_context
def formats(context: click.Context, /, as_json: bool, **given: Any) -> None:
    """List the formats that a debate may have: those that ship, and yours."""
    from debate_server.commands.formats import tell
    from debate_server.formats import Formats

    if context.invoked_subcommand is None:
        tell(Formats(take(given).formats), as_json=as_json)


@formats.command("show", cls=Command)
@click.argument("name")
@settings("where", server=False)
def show_format(name: str, **given: Any) -> None:
    """Show a format's TOML, to redirect into a file and change."""
    from debate_server.commands.formats import show as work
    from debate_server.formats import Formats

    work(Formats(take(given).formats), name)


@formats.command("check", cls=Command)
@click.argument("paths", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="one JSON object a line")
@settings("where", server=False)
def check_format(paths: tuple[Path, ...], as_json: bool, **given: Any) -> None:
    """Say what is wrong with formats' files, or that nothing is."""
    from debate_server.commands.formats import check
    from debate_server.formats import Formats

    sys.exit(check(Formats(take(given).formats), paths, as_json=as_json))


for command in COMMANDS:
    cli.add_command(command)


@cli.group()
def demo() -> None:
    """The small demo model that needs no key."""


@demo.command()
def install() -> None:
    """Install the demo model into this environment."""
    from debate_server.upstream.demo_install import install as work

    leave_no_secrets()
    work(lambda line: click.echo(line, err=True))


def _type_out(chosen: Settings, beginning: "Beginning", *, as_json: bool, but: tuple[str, ...]) -> None:
    """Begin a debate, type it out, and exit. ``but``: the flags that a server follows too."""
    from debate_server.commands.run import run as work
    from debate_server.commands.terminal import Screen

    start_log("error")
    flags = given_flags("where", "model", "limits", "upstream", but=but)
    sys.exit(shell.run_to_end(work(chosen, beginning, Screen(as_json=as_json, colour=colour()), flags)))


def main() -> None:
    """The ``debate`` command: errors become one line and an exit code."""
    shell.stand_in()
    if isinstance(sys.stdout, io.TextIOWrapper):  # a terminal that cannot show a letter gets another for it
        sys.stdout.reconfigure(errors="replace")
    try:
        cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except DebateError as error:
        click.echo(f"debate: {error.message}", err=True)
        sys.exit(_exit_code(error))
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EIO):
            raise
        click.echo(f"debate: what this prints cannot be written: {error.strerror}.", err=True)
        sys.stdout = None  # which would be flushed again at the end
        sys.exit(1)


def _exit_code(error: DebateError) -> int:
    if isinstance(error, UpstreamError):
        return 3
    return 2 if isinstance(error, SettingsError | LogError | InvalidRequest | FormatError | NotEquipped) else 1
