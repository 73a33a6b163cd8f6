"""``debate list``, ``show`` and ``export``: what the log holds, also while a server writes it.

A debate goes by its id, or by as much of its beginning as no other has.
"""

from pathlib import Path
from typing import Any, Final

import click
import orjson

from debate_server.commands.terminal import Screen
from debate_server.core.errors import InvalidRequest, LogUnusable, UnknownDebate
from debate_server.core.telling import export
from debate_server.core.telling.typed import clean
from debate_server.core.transcript import fold
from debate_server.log import frames as fr
from debate_server.log.rows import Row
from debate_server.log.store import FILE, Store

# How many are named of those that an id may mean.
_MANY: Final = 5


class Archive:
    """The log, opened to read only; beside a server that writes it, it sees what is committed."""

    def __init__(self, folder: Path) -> None:
        self._store = Store(folder, read_only=True) if (folder / FILE).exists() else None

    def rows(self, limit: int) -> list[Row]:
        """Newest first."""
        return self._store.rows(limit) if self._store else []

    def row(self, debate: str) -> Row:
        """The debate of that id, or of the one that begins so. Raises UnknownDebate, InvalidRequest."""
        found = self._store.like(debate, _MANY) if self._store and debate and debate.isascii() else []
        if len(found) > 1:
            raise InvalidRequest(f"{debate} begins the ids of several debates: {', '.join(found)}. Type more of it.")
        row = self._store.row(found[0]) if self._store and found else None
        if row is None:
            raise UnknownDebate(f"There is no debate {debate[:60]!r}. 'debate list' shows those there are.")
        return row

    def frames(self, debate: str) -> bytes:
        """All frames of a debate."""
        return b"".join(self._store.frames(debate)) if self._store else b""


def list_debates(folder: Path, *, limit: int, as_json: bool) -> None:
    rows = Archive(folder).rows(limit)
    if not rows and not as_json:
        click.echo('No debates yet. Hold one: debate run "Should cities ban cars?"', err=True)
    for row in rows:
        if as_json:
            click.echo(orjson.dumps(_fields(row)))
        else:
            topic = clean(" ".join(row.topic.split()))
            shown = topic if len(topic) <= 60 else f"{topic[:59]}…"
            created = row.created[:16].replace("T", " ")
            click.echo(f"{row.id}  {created}  {row.reason or row.status:<11}  {shown}")


def show(folder: Path, debate: str, screen: Screen) -> None:
    """Raises UnknownDebate, InvalidRequest."""
    archive = Archive(folder)
    for block in fr.split(archive.frames(archive.row(debate).id)):
        if not screen.show(fr.line(block)):
            return


def export_debate(folder: Path, debate: str, kind: str) -> None:
    """Raises UnknownDebate, InvalidRequest."""
    archive = Archive(folder)
    row = archive.row(debate)
    transcript, created = fold(fr.events([archive.frames(row.id)])), row.created
    if kind == "md":
        click.echo(export.to_markdown(transcript, created), nl=False)
    elif kind == "html":
        from debate_server.core.telling.export_html import to_html  # which loads a Markdown parser

        click.echo(to_html(transcript, created), nl=False)
    else:
        click.echo(orjson.dumps(export.account(transcript, created), option=orjson.OPT_INDENT_2))


def backup(folder: Path, target: Path) -> None:
    """Copy the log, also while a server writes it. Raises LogUnusable."""
    if not (folder / FILE).exists():
        raise LogUnusable(f"There is no log in {folder}. Choose another folder with --data.")
    Store(folder, read_only=True).copy(target)
    click.echo(f"Copied to {target}. To use it, put it into a folder as {FILE} and name that with --data.", err=True)


def _fields(row: Row) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("id", "created", "topic", "format", "status", "reason")}
