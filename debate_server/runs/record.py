"""The record of a run: its results, as the log has them."""

from collections.abc import Callable, Iterable, Iterator

from debate_server.core.events import Usage
from debate_server.core.run import Entry
from debate_server.core.transcript import Transcript
from debate_server.log.rows import Row
from debate_server.runs.outcome import outcome
from debate_server.runs.result import Result
from debate_server.runs.scoring.marking import read


def record(rows: Iterable[Row], transcript: Callable[[str], Transcript]) -> Iterator[Result]:
    """Of each entry the result of its last attempt, in the order in which they were first begun; of those that are not
    over there is none. ``rows``: the run's debates, oldest first; ``transcript``: that of a debate."""
    last: dict[str, tuple[Row, Usage]] = {}
    for row in rows:
        name = row.entry_name or ""
        before = last[name][1] + last[name][0].usage if name in last else Usage()
        last[name] = row, before
    entries = {name: Entry.model_validate_json(row.entry or b"") for name, (row, _) in last.items()}
    marks = {entry.marks: last[name][0].id for name, entry in entries.items() if entry.marks is not None}
    for name, (row, before) in last.items():
        entry = entries[name]
        if row.status == "done" and entry.role != "marking":
            marked = read(transcript(marks[name])) if name in marks else None
            yield outcome(row.run or "", entry, transcript(row.id), row.created, before, marked=marked)
