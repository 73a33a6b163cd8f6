"""``debate items``: a set of items that ships, as a file for a run."""

import sys

import click

from debate_server.commands.terminal import hush
from debate_server.runs.items.sets import made
from debate_server.runs.items.write import Written, written


def print_items(name: str, *, count: int, seed: int, kind: Written) -> None:
    """Print so many items of that set."""
    try:
        for line in written(made(name, count, seed), kind):
            click.echo(line, nl=False)
        sys.stdout.flush()
    except BrokenPipeError:
        hush()
