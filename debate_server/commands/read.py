"""``debate list``, ``show`` and ``export``: what the log holds, also while a server writes it.

A debate goes by its id, or by as much of its beginning as no other has.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click
import orjson

from debate_server.commands.terminal import Screen
from debate_server.core.errors import InvalidRequest, LogUnusable, UnknownDebate, UnknownRun
from debate_server.core.events import Event
from debate_server.core.run import State
from debate_server.core.telling import export
from debate_server.core.telling.typed import clean
from debate_server.core.transcript import Transcript, fold
from debate_server.engine.runs import state_of
from debate_server.log import frames as fr
from debate_server.log.rows import Row, RunRow
from debate_server.log.store import FILE, Store

# How many are named of those that an id may mean.
_MANY: Final = 5
# Characters of a topic in a line.
_TOPIC: Final = 60


class Archive:
    """The log, opened to read only; beside a server that writes it, it sees what is committed."""

    def __init__(self, folder: Path) -> None:
        self._store = Store(folder, read_only=True) if (folder / FILE).exists() else None

    def rows(self, limit: int, run: str | None = None) -> list[Row]:
        """All debates, those of a run, or, where that is empty, of none; newest first."""
        return self._store.rows(limit, run=run) if self._store else []

    def row(self, debate: str) -> Row:
        """The debate of that id, or of the one that begins so. Raises UnknownDebate, InvalidRequest."""
        row = self._store.row(found) if self._store and (found := self._id(debate, "debate")) else None
        if row is None:
            raise UnknownDebate(f"There is no debate {debate[:60]!r}. 'debate list' shows those there are.")
        return row

    def run(self, run: str) -> RunRow:
        """The run of that id, or of the one that begins so. Raises UnknownRun, InvalidRequest."""
        row = self._store.run(found) if self._store and (found := self._id(run, "run")) else None
        if row is None:
            raise UnknownRun(f"There is no run {run[:60]!r}. 'debate runs' shows those there are.")
        return row

    def runs(self, limit: int) -> list[RunRow]:
        """Newest first."""
        return self._store.runs(limit) if self._store else []

    def state(self, row: RunRow) -> State:
        """How far a run is."""
        counted = list(self._store.tally(row.id)) if self._store else []
        return state_of(row, counted)

    def of_run(self, run: str) -> Iterator[Row]:
        """The debates of a run, oldest first, without their plans."""
        return self._store.of_run(run) if self._store else iter(())

    def transcript(self, debate: str) -> Transcript:
        """The transcript of a debate."""
        return fold(self.events(debate))

    def events(self, debate: str) -> Iterator[tuple[int, Event]]:
        """All events of a debate but its tokens, whose words the ends of speeches have again."""
        return fr.events([self.frames(debate)], tokens=False)

    def _id(self, beginning: str, table: str) -> str | None:
        """The only id that begins so. Raises InvalidRequest for one of several."""
        found = self._store.like(beginning, _MANY, table) if self._store and beginning and beginning.isascii() else []
        if len(found) > 1:
            raise InvalidRequest(
                f"{beginning} begins the ids of several {table}s: {', '.join(found)}. Type more of it."
            )
        return found[0] if found else None

    def frames(self, debate: str) -> bytes:
        """All frames of a debate."""
        return b"".join(self._store.frames(debate)) if self._store else b""


def list_debates(folder: Path, run: str | None, *, limit: int, as_json: bool) -> None:
    """Those of a run, or, where that is None, of none. Raises UnknownRun, InvalidRequest."""
    archive = Archive(folder)
    rows = archive.rows(limit, "" if run is None else archive.run(run).id)
    if not rows and not as_json:
        others = "The log has debates of runs only: debate runs lists those." if archive.runs(1) else ""
        none = others or 'No debates yet. Hold one: debate run "Should cities ban cars?"'
        click.echo(none if run is None else "No debate of that run was begun yet.", err=True)
    for row in rows:
        click.echo(orjson.dumps(_fields(row)) if as_json else _line(row))


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


def _line(row: Row) -> str:
    topic = clean(" ".join(row.topic.split()))
    shown = topic if len(topic) <= _TOPIC else f"{topic[: _TOPIC - 1]}…"
    entry = f"{clean(row.entry_name)}  " if row.entry_name else ""
    return f"{row.id}  {row.created[:16].replace('T', ' ')}  {row.reason or row.status:<11}  {entry}{shown}"


def _fields(row: Row) -> dict[str, Any]:
    fields = {name: getattr(row, name) for name in ("id", "created", "topic", "format", "status", "reason", "run")}
    return fields | {"entry": row.entry_name}
