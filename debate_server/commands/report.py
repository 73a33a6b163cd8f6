"""``debate runs``, ``report`` and ``matches``: what the log holds of runs, also while one is held."""

from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click
import orjson

from debate_server.commands.read import Archive
from debate_server.core.errors import InvalidRequest, LogInUse
from debate_server.core.events import AgentEnd, AgentStart, DebateStart, Event, Token
from debate_server.core.run import State
from debate_server.core.telling.typed import Typed, clean
from debate_server.core.telling.words import round_of
from debate_server.log.lock import Lock
from debate_server.runs.extra import need_reports
from debate_server.runs.record import record
from debate_server.runs.result import Result

if TYPE_CHECKING:
    from debate_server.runs.report.shape import Report

Kind = Literal["html", "md", "csv", "json"]


def list_runs(folder: Path, *, limit: int, as_json: bool) -> None:
    archive = Archive(folder)
    rows = archive.runs(limit)
    if not rows and not as_json:
        click.echo("No runs yet. Hold one: debate batch topics.txt", err=True)
    for state in map(archive.state, rows):
        if as_json:
            click.echo(orjson.dumps(_fields(state)))
        else:
            over = sum(state.debates.values()) - state.live
            created = state.created[:16].replace("T", " ")
            formats = ", ".join(state.run.formats)
            click.echo(
                f"{state.id}  {created}  {over:>6} of {state.run.total:<6}  {clean(state.run.source)} ({formats})"
            )


def report(folder: Path, run: str, kind: Kind, out: Path | None, *, transcripts: bool, seed: int) -> None:
    """Write the report of a run: HTML into a file, else to stdout where no file is named. Raises UnknownRun,
    InvalidRequest, NotEquipped."""
    need_reports()
    from debate_server.runs.report import markdown, page, plain

    if out is not None and out.is_file():
        raise InvalidRequest(f"{out} is there already. Choose another --out, or take that one away.")
    archive = Archive(folder)
    told = _report(archive, run, seed)
    if kind == "csv":
        text = plain.to_csv(told.results)
    elif kind == "json":
        text = plain.to_json(told)
    elif kind == "md":
        text = markdown.to_md(told)
    else:
        spoken = _Transcripts(archive, told.results) if transcripts else None
        text = page.to_html(told, spoken, _address(folder))
        out = out or Path(f"report-{told.id}.html")  # its own, which is written anew
    _write(text, out)


def matches(folder: Path, run: str) -> None:
    """Print who won against whom, as CSV. Raises UnknownRun, InvalidRequest, NotEquipped."""
    need_reports()
    from debate_server.runs.rating.matches import match, write

    archive = Archive(folder)
    found = [one for result in _results(archive, archive.run(run).id) if (one := match(result)) is not None]
    if not found:
        raise InvalidRequest("No debate of this run has two models on two sides and a winner. See debate tournament.")
    table = StringIO()
    write(found, table)
    _write(table.getvalue(), None)


def _results(archive: Archive, run: str) -> Iterator[Result]:
    return record(archive.of_run(run), archive.transcript)


def _report(archive: Archive, run: str, seed: int) -> "Report":
    from debate_server.runs.evaluation.evaluate import evaluate
    from debate_server.runs.rating.consistency import consistency
    from debate_server.runs.rating.matches import match
    from debate_server.runs.rating.rate import rate
    from debate_server.runs.report.shape import Report

    state = archive.state(archive.run(run))
    results = list(_results(archive, state.id))
    played = [one for result in results if (one := match(result)) is not None]
    return Report(
        id=state.id, created=state.created, run=state.run, evaluation=evaluate(results, seed=seed), results=results,
        spent=state.usage, ratings=rate(played, seed=seed) if played and state.run.kind == "tournament" else None,
        judges=consistency(results),
    )  # fmt: skip


def _address(folder: Path) -> str:
    """Where a server listens that holds the data, for links to its pages; empty where none does."""
    try:
        with Lock(folder):
            return ""
    except LogInUse as holder:
        return holder.address or ""


class _Transcripts(Mapping[str, str]):
    """What was said, by entry, each read when it is asked for: all of it together may be more than fits into memory."""

    def __init__(self, archive: Archive, results: Iterable[Result]) -> None:
        self._archive = archive
        self._debates = {result.entry: result.debate for result in results if result.debate}

    def __getitem__(self, entry: str) -> str:
        return _typed(self._archive.events(self._debates[entry]))

    def __contains__(self, entry: object) -> bool:
        return entry in self._debates

    def __iter__(self) -> Iterator[str]:
        return iter(self._debates)

    def __len__(self) -> int:
        return len(self._debates)


def _typed(events: Iterable[tuple[int, Event]]) -> str:
    """A debate as it is typed out in a terminal, each speech whole, its rounds below headings."""
    typed = Typed()
    text, round_, rounds = "", 0, 0
    for _, event in events:
        if isinstance(event, DebateStart):
            rounds = event.rounds
        elif isinstance(event, AgentStart) and event.round != round_:
            round_ = event.round
            text += f"\n— {round_of(round_, rounds)} —\n"
        elif isinstance(event, AgentEnd):
            text += typed(Token(event.agent, event.turn, event.content))
        text += typed(event)
    return text


def _write(text: str, out: Path | None) -> None:
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise InvalidRequest(f"{out} cannot be written: {error.strerror or error}. Choose another --out.") from None
    click.echo(f"Written to {out}.", err=True)


def _fields(state: State) -> dict[str, Any]:
    return {"id": state.id, "created": state.created, **state.run.model_dump(), "debates": state.debates}
