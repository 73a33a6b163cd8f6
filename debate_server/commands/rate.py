"""``debate rate``: ratings out of a table of matches."""

from typing import TYPE_CHECKING, TextIO

import click

from debate_server.runs.extra import need_reports

if TYPE_CHECKING:
    from debate_server.runs.rating.table import Kind


def rate(file: TextIO, *, seed: int, kind: "Kind") -> None:
    """Print the ratings. Raises InvalidRequest, NotEquipped."""
    need_reports()
    from debate_server.runs.rating.matches import read
    from debate_server.runs.rating.rate import rate as ratings
    from debate_server.runs.rating.table import table

    click.echo(table(ratings(read(file), seed=seed), kind))
