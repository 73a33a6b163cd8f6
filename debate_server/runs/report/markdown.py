"""A report as Markdown: the headline and the tables."""

import re
from collections.abc import Iterator

from debate_server.runs.report.asked import asked, title_of
from debate_server.runs.report.headline import headline
from debate_server.runs.report.section import Section, Table
from debate_server.runs.report.sections import failures, sections
from debate_server.runs.report.shape import Report
from debate_server.runs.report.tally import tally


def to_md(report: Report) -> str:
    """The document (tables as GitHub's Markdown has them)."""
    told = tally(report.results)
    lines = [f"# {_literal(title_of(report))}", ""]
    lines += [f"- {what}: {_literal(much)}" for what, much in asked(report, told)]
    lines += [
        "",
        *(f"**{_literal(said)}**" if not at else _literal(said) for at, said in enumerate(headline(report, told))),
    ]
    for section in [*sections(report, told), *([failures(told)] if told.failures else [])]:
        lines += ["", *_section(section)]
    return "\n".join([*lines, ""])


def _section(section: Section) -> Iterator[str]:
    yield from (f"## {section.title}", "", _literal(section.says), "")
    yield from _table(section.table)
    yield from ("", f"*{_literal(section.method)}*")


def _table(table: Table) -> Iterator[str]:
    yield _row(table.columns)
    yield _row(tuple("---" if at < table.words else "---:" for at in range(len(table.columns))))
    yield from (_row(tuple(map(_literal, row))) for row in table.rows)


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def _literal(text: str) -> str:
    """The text on one line, with nothing in it that Markdown takes for more than text."""
    return re.sub(r"([\\`*_\[\]<>#|~&])", r"\\\1", " ".join(text.split()))
