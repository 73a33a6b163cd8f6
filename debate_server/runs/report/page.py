"""A report as one HTML file that needs nothing else: it opens from disk, reads well and prints well.

What others wrote is text in it, never markup; its policy lets nothing but its own style and its own code run, and lets
those ask nobody for anything. Without that code all but the table of debates stands.
"""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from hashlib import sha256
from html import escape
from importlib.resources import files
from itertools import islice
from typing import Final
from urllib.parse import quote

from debate_server.core.telling.words import many
from debate_server.runs.report.asked import asked, title_of
from debate_server.runs.report.figures.drawn import drawn
from debate_server.runs.report.headline import headline
from debate_server.runs.report.packed import TOGETHER, Rows, lots, packed, rows
from debate_server.runs.report.section import Section, Table
from debate_server.runs.report.sections import failures, sections
from debate_server.runs.report.shape import Report
from debate_server.runs.report.tally import tally

# Bytes of all but the transcripts, and of what stands around the rows of debates.
_MOST: Final = 1_000_000
_AROUND: Final = 2_000
# Rows of a table: with so few it is open below its figure, with more than so many it is folded even without one.
_SHORT: Final = 4
_FOLDED: Final = 12


def to_html(report: Report, transcripts: Mapping[str, str] | None = None, address: str = "") -> str:
    """The whole document. ``transcripts``: as plain text, by entry, to be in the file; a debate that has none there is
    a link to its page at ``address``, a server's, where there is one."""
    told = tally(report.results)
    style, code = _read("report.css"), _read("report.js")
    figures = drawn(report, told)
    shown = "".join(_section(section, figures.get(section.name, "")) for section in sections(report, told))
    failed = _section(failures(told), "") if told.failures else ""
    before = f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_policy(style, code)}">
<meta http-equiv="x-dns-prefetch-control" content="off">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title_of(report))}</title>
<style>{style}</style>
<header>
<p class="kind">debate-server <span>{escape(report.created[:10])}</span></p>
<h1 dir="auto">{escape(title_of(report))}</h1>
</header>
<main>
{_headline(headline(report, told))}
{_asked(asked(report, told))}
{shown}{failed}"""
    after = f"""</main>
<script type="module">{code}</script>
</html>
"""
    room = _MOST - _AROUND - len(f"{before}{after}".encode())
    return f"{before}{_debates(report, transcripts or {}, address, room) if told.debates else ''}{after}"


def _read(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _policy(style: str, code: str) -> str:
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(code)}'; base-uri 'none'; "
        "form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _headline(said: list[str]) -> str:
    # An interval stays on its line.
    first, *rest = (text.replace("–", "\u2060–\u2060") for text in said)
    more = "".join(f'<p dir="auto">{escape(text)}</p>' for text in rest)
    first = f'<p class="first" dir="auto">{escape(first)}</p>'
    return f'<section class="headline" aria-label="In short">{first}{more}</section>'


def _asked(pairs: list[tuple[str, str]]) -> str:
    told = "".join(f'<div><dt>{escape(what)}</dt><dd dir="auto">{escape(much)}</dd></div>' for what, much in pairs)
    return f'<section class="asked"><h2>What was asked</h2><dl>{told}</dl></section>'


def _section(section: Section, figure: str) -> str:
    table = _table(section.table, section.title)
    if figure:
        figure = f"<figure>{figure}{_LEGENDS.get(section.name, '')}</figure>"
    if figure or len(section.table.rows) > _FOLDED:
        is_open = " open" if len(section.table.rows) <= _SHORT else ""
        table = f"{figure}<details{is_open}><summary>The numbers</summary>{table}</details>"
    return (
        f'<section id="{section.name}"><h2>{escape(section.title)}</h2><p>{escape(section.says)}</p>{table}'
        f'<p class="method">{escape(section.method)}</p></section>\n'
    )


_ROLES: Final = (
    '<p class="legend"><span><i class="dot"></i> asked for</span> <span><i class="dot hollow"></i> baseline</span></p>'
)
_LEGENDS: Final = {
    "accuracy": _ROLES,
    "cost": _ROLES,
    "rounds": '<p class="legend"><span><i class="for"></i> still right</span> <span><i class="won"></i> won (+)</span> '
    '<span><i class="lost"></i> lost (−)</span> <span><i></i> still wrong</span></p>',
}  # fmt: skip


def _table(table: Table, title: str) -> str:
    head = "".join(
        f'<th scope="col"{"" if at < table.words else _NUMBER}>{escape(name)}' for at, name in enumerate(table.columns)
    )
    body = "".join(f"<tr>{_row(row, table.words)}" for row in table.rows)
    return (
        f'<div class="wide-table" role="region" aria-label="{escape(title)}: the numbers" tabindex="0"><table>'
        f"<thead><tr>{head}<tbody>{body}</table></div>"
    )


_NUMBER = ' class="n"'


def _row(row: tuple[str, ...], words: int) -> str:
    first, *rest = row
    cells = "".join(
        f'<td{"" if at < words else _NUMBER} dir="auto">{escape(cell)}' for at, cell in enumerate(rest, 1)
    )  # fmt: skip
    return f'<th scope="row" dir="auto">{escape(first)}{cells}'


def _debates(report: Report, transcripts: Mapping[str, str], address: str, room: int) -> str:
    made = rows(report.results, transcripts, room)
    kept = "".join(
        f'<script type="application/json" id="told-{at}">{packed(lot)}</script>\n'
        for at, lot in enumerate(lots(islice(report.results, made.count), transcripts))
    )
    link = f"{address.rstrip('/')}/d/" if address.startswith(("http://", "https://")) else ""
    notes = "".join(f"<p>{note}</p>\n" for note in _notes(report, made, is_read=bool(link or transcripts)))
    return f"""<section id="debates" data-address="{escape(quote(link, safe="/:[]@%"))}" data-together="{TOGETHER}">
<h2>All debates</h2>
{notes}<p class="packed">{many(made.count, "debate")} in this file, packed: a browser with JavaScript lists them.</p>
</section>
<script type="application/json" id="rows">{made.packed}</script>
{kept}"""


def _notes(report: Report, made: Rows, *, is_read: bool) -> Iterator[str]:
    """What is not in the table, and where it is."""
    whole = f"<code>debate report {escape(report.id)} --as csv</code>"
    total = len(report.results)
    if made.count < total:
        yield f"Here are the first {made.count:,} of {total:,}, so that this file stays small; {whole} has all of them."
    elif made.is_cut:
        yield f"Long topics and answers are cut short, so that this file stays small; {whole} has them whole."
    if not is_read:
        yield "To read what was said in one: <code>debate show ID</code>, where the run was held."
