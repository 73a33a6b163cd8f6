"""A report for programs: the debates as CSV, all of it as JSON."""

import csv
from collections.abc import Iterable
from io import StringIO
from typing import Final

import orjson

from debate_server.runs.formulas import guarded
from debate_server.runs.report.shape import Report
from debate_server.runs.result import Result

COLUMNS: Final = (
    "run", "entry", "item", "topic", "format", "model", "repeat", "swapped", "tags", "role", "attempt", "debate",
    "created", "status", "winner", "answer", "read", "confidence", "consistent", "summary", "expected", "choices",
    "scored", "correct", "tokens_in", "tokens_out", "cost_usd", "estimated", "calls", "seconds", "error_code",
    "error_message",
)  # fmt: skip

_Cell = str | int | float | None


def to_csv(results: Iterable[Result]) -> str:
    """One row a debate (RFC 4180). What is not there is empty; several tags or choices have "; " between them.

    A text that a spreadsheet would take for a formula has an apostrophe before it; numbers do not.
    """
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for result in results:
        writer.writerow([_harmless(cell) for cell in _cells(result)])
    return out.getvalue()


def _cells(result: Result) -> tuple[_Cell, ...]:
    usage, error = result.usage, result.error
    return (
        result.run, result.entry, result.item, result.topic, result.format, result.model, result.repeat,
        _truth(result.swapped), "; ".join(result.tags), result.role, result.attempt, result.debate,
        result.created, result.status, result.winner, result.answer, result.read, result.confidence,
        _truth(result.consistent), result.summary, result.expected, "; ".join(result.choices), result.scored,
        _truth(result.correct), usage.input, usage.output, usage.cost_usd, _truth(usage.estimated),
        result.calls, result.seconds, error.code if error else None, error.message if error else None,
    )  # fmt: skip


def _truth(value: bool | None) -> str | None:
    return None if value is None else "true" if value else "false"


def _harmless(cell: _Cell) -> _Cell:
    return guarded(cell.replace("\0", "")) if isinstance(cell, str) else cell


def to_json(report: Report) -> str:
    """All that the report is made of: ``id``, ``created``, ``run``, ``evaluation``, ``ratings``, ``judges`` and
    ``results``."""
    return orjson.dumps(
        {
            "id": report.id,
            "created": report.created,
            "run": report.run.model_dump(mode="json"),
            "evaluation": report.evaluation,
            "ratings": report.ratings,
            "judges": report.judges,
            "results": list(report.results),
        },
        option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS,
    ).decode()
