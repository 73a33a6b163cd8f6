"""What commands share of the shell they are typed in: its terminal, its signals, their own name there."""

import os
import sys
from shutil import which
from typing import Any

import click


def seats(agents: tuple[str, ...]) -> list[dict[str, str]]:
    """Which seats have another model, from ``NAME=MODEL``."""
    pairs = [agent.partition("=") for agent in agents]
    if not all(model for _, _, model in pairs):
        raise click.UsageError("--agent takes NAME=MODEL, such as --agent Skeptic=qwen3:4b.")
    return [{"name": name, "model": model} for name, _, model in pairs]


def colour() -> bool:
    """Whether stdout is to have colours."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def start_log(level: str) -> None:
    """Have what is logged at this level and above written to stderr."""
    from debate_server.commands.logs import set_up

    set_up(level, colour=sys.stderr.isatty() and not os.environ.get("NO_COLOR"))


def stand_in() -> None:
    """Have something in the place of standard streams that are closed: what is opened next would have their numbers,
    and be written to."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115


def program() -> str:
    """How this command is typed here: by its name where that finds it, else by its path."""
    if which("debate"):
        return "debate"
    return "python -m debate_server" if sys.argv[0].endswith("__main__.py") else os.path.relpath(sys.argv[0])


def run_to_end(work: Any) -> Any:
    """Run a coroutine to its end, on uvloop where there is one."""
    import asyncio
    from importlib.util import find_spec

    factory = None
    if find_spec("uvloop"):
        import uvloop

        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(work)
