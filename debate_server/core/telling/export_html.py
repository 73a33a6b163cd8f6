"""A transcript as one HTML file that needs nothing else, reads well and prints well.

It is the order paper of the page in short: benches left and right, the chair across. Speeches are Markdown (CommonMark
by markdown-it, raw HTML as text); images become links, and only http, https and mailto are linked and say where they
lead, so that the file fetches nothing and runs nothing. Its policy would not let it: it has its one style sheet.
"""

import re
from base64 import b64encode
from hashlib import sha256
from html import escape
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from debate_server.core.events import Ballot, Quote, Verdict
from debate_server.core.telling.emphasis import tell_products
from debate_server.core.telling.export import Vote, ending_of, in_order, verdict_of
from debate_server.core.telling.words import cost_of, round_of, vote_of, why_of
from debate_server.core.transcript import CUT, Said, Speech, Transcript

_LINKED: Final = re.compile(
    r"https?://(?:[^/?#]*@)?([\w.:\[\]-]+)(?=[/?#]|$)|mailto:([^?#]+)", re.IGNORECASE | re.ASCII
)
_NAMED: Final = re.compile(r"(?:https?://|mailto:)?([^/?#]*)", re.IGNORECASE)
_GLYPHS: Final = {"for": "+", "against": "−"}

_STYLE: Final = """
:root { color-scheme: light dark; --paper: light-dark(#faf5ea, #1a1713); --ink: light-dark(#2a241c, #ebe3d3);
  --faint: light-dark(#6b6152, #a89d8a); --rule: light-dark(#d8ccb4, #423a2f); --for: light-dark(#1d5f57, #86c9bb);
  --against: light-dark(#96301f, #eba08d); --chair: light-dark(#4c3f73, #bfb1e6); }
* { box-sizing: border-box; }
body { max-width: 68rem; margin: 0 auto; padding: 2rem 1.25rem; background: var(--paper); color: var(--ink);
  font: 1.0625rem/1.6 "Iowan Old Style", Palatino, "Palatino Linotype", P052, Georgia, serif; overflow-wrap: anywhere; }
h1 { max-width: 34ch; margin: 0 auto .75rem; font-size: 2rem; line-height: 1.2; text-align: center; }
h2 { grid-column: 1 / -1; margin: 2rem 0 .5rem; border-bottom: 1px solid var(--rule); font-size: 1.125rem;
  font-weight: 400; text-align: center; }
h3 { margin: 0 0 .35rem; font-size: 1.0625rem; }
.facts, .ending { color: var(--faint); font-style: italic; text-align: center; }
.round { display: grid; gap: 1.5rem 3rem; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); }
article, aside { unicode-bidi: isolate; min-width: 0; }
.for { grid-column: 1; --side: var(--for); border-left: 3px solid var(--side); padding-left: 1rem; }
.against { grid-column: 2; --side: var(--against); border-right: 3px solid var(--side); padding-right: 1rem; }
.chair, aside { grid-column: 1 / -1; --side: var(--chair); width: min(100%, 44rem); margin: 0 auto; }
aside { border-left: 3px double var(--side); padding-left: 1rem; }
.verdict { max-width: 44rem; margin: 2rem auto; border: 3px double var(--rule); padding: 0 1.5rem; }
h3 { color: var(--side); }
p, ul, ol, blockquote { margin: 0 0 .7em; }
a { color: inherit; }
article > :last-child, aside > :last-child { margin-bottom: 0; }
.note { color: var(--faint); font-style: italic; }
pre { overflow-x: auto; white-space: pre-wrap; }
@media (max-width: 40rem) { .round { display: block; } .round > * { margin-bottom: 1.25rem; } }
@media print { :root { color-scheme: light; --paper: white; --ink: black; } body { padding: 0; font-size: 10.5pt; }
  h2, h3 { break-after: avoid; } p { orphans: 3; widows: 3; } }
"""
_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'; base-uri 'none'; "
    "form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)


def to_html(transcript: Transcript, created: str) -> str:
    """The whole document."""
    models = list(dict.fromkeys(seat.model for seat in transcript.agents))
    cast = (
        ", ".join(f"{seat.name} ({seat.model})" for seat in transcript.agents) if len(models) > 1 else "".join(models)
    )
    facts = f"{created[:10]} · {transcript.format} · {cast}"
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta http-equiv="x-dns-prefetch-control" content="off">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(transcript.topic)}</title>
<style>{_STYLE}</style>
<h1 dir="auto">{escape(transcript.topic)}</h1>
<p class="facts">{escape(facts)}</p>
{"".join(_rounds(transcript))}{_verdict(transcript)}<p class="ending" dir="auto">{escape(ending_of(transcript))}</p>
<p class="facts">{escape(cost_of(transcript.usage))}</p>
</html>
"""


def _rounds(transcript: Transcript) -> list[str]:
    sides = {seat.name: seat.side for seat in transcript.agents}
    parts: list[str] = []
    number = 0
    for entry in in_order(transcript):
        if isinstance(entry, Speech) and entry.round != number:
            parts.append(f'{"</section>" * bool(number)}\n<section class="round">\n{_heading(transcript, entry)}')
            number = entry.round
        elif not number:
            parts.append('\n<section class="round">\n')
            number = -1
        match entry:
            case Said():
                parts.append(_said(entry))
            case Vote():
                parts.append(_vote(entry))
            case Speech():
                parts.append(_speech(entry, sides.get(entry.agent, "")))
    return [*parts, "</section>\n" * bool(number)]


def _heading(transcript: Transcript, speech: Speech) -> str:
    return f"<h2>{round_of(speech.round, transcript.rounds)}</h2>\n"


def _speech(speech: Speech, side: str) -> str:
    bench = side if side in _GLYPHS else "chair"
    note = CUT.get(speech.finish_reason or "", "" if speech.finish_reason else "still speaking")
    noted = f'<p class="note">— {escape(note)}</p>' if note else ""
    return (
        f'<article class="{bench}" id="t{speech.turn}">\n'
        f"<h3>{_GLYPHS.get(side, '§')} <bdi>{escape(speech.agent)}</bdi></h3>\n"
        f"{_markdown().render(speech.content)}{noted}</article>\n"
    )


def _said(said: Said) -> str:
    to = f", to {said.to}" if said.to else ""
    words = "<br>".join(escape(line) for line in said.content.splitlines())
    return f'<aside><h3><bdi>A person in the audience{escape(to)}</bdi></h3>\n<p dir="auto">{words}</p></aside>\n'


def _vote(vote: Vote) -> str:
    cast = "".join(f"<li>{_ballot(ballot)}</li>\n" for ballot in vote.ballots)
    return f'<aside><h3 dir="auto">{escape(vote.title)}</h3>\n<ul>\n{cast}</ul></aside>\n'


def _ballot(ballot: Ballot) -> str:
    order = escape(", ".join(ballot.order))
    return (
        f"<bdi>{escape(ballot.judge)}</bdi> (order <bdi>{order}</bdi>): <bdi>{escape(vote_of(ballot))}</bdi>. "
        f"<bdi>{escape(why_of(ballot))}</bdi>{''.join(map(_quote, ballot.quotes))}"
    )


def _quote(quote: Quote) -> str:
    said = f"<q>{escape(quote.text)}</q>"
    return f'<p dir="auto">{said if quote.turn else f"<s>{said}</s> not found"}</p>'


def _verdict(transcript: Transcript) -> str:
    verdict = transcript.verdict
    if verdict is None or not (told := verdict_of(verdict, transcript)):
        return ""
    words = "".join(f'<p dir="auto">{escape(text)}</p>' for text in told)
    return f'<section class="verdict"><h2>Verdict</h2>{words}{_best(verdict)}</section>\n'


def _best(verdict: Verdict) -> str:
    best = (
        f'<li><bdi>{escape(name)}</bdi>: <q dir="auto">{escape(said)}</q></li>' for name, said in verdict.best.items()
    )
    return f"<ul>{''.join(best)}</ul>" if verdict.best else ""


def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable("image").use(tell_products)
    markdown.validateLink = lambda url: bool(_LINKED.match(url))  # type: ignore[method-assign]
    markdown.core.ruler.push("direction", _direct)
    markdown.core.ruler.push("hosts", _tell)
    return markdown


def _direct(state: StateCore) -> None:
    """Whatever holds words has their direction, and a speech's headings stand below its speaker's."""
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = "h4"
        if token.type in ("paragraph_open", "heading_open", "list_item_open", "bullet_list_open", "ordered_list_open"):
            token.attrSet("dir", "auto")


def _tell(state: StateCore) -> None:
    """Say behind each link where it leads, unless its text does."""
    for block in state.tokens:
        if block.children:
            block.children = _told(block.children)


def _told(tokens: list[Token]) -> list[Token]:
    text, host, told = "", "", list[Token]()
    for token in tokens:
        if token.type == "link_open" and (found := _LINKED.match(str(token.attrGet("href")))):
            text, host = "", (found[1] or found[2]).lower()
        elif token.type == "link_close" and host != _named(text):
            told.append(Token("html_inline", "", 0, content=f" <bdi>({escape(host)})</bdi>"))
        text += token.content
        told.append(token)
    return told


def _named(text: str) -> str:
    """The host that a text is the address of, or whose mail."""
    found = _NAMED.match(text.strip())
    return found[1].lower() if found else ""
