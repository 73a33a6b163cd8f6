"""A transcript to keep: as Markdown to read, as JSON to compute with."""

import re
from dataclasses import dataclass, fields
from typing import Final

from debate_server.core.events import Ballot, DoneReason, Error, Seat, Usage, Verdict
from debate_server.core.telling.words import cost_of, news_of, round_of, vote_of, why_of
from debate_server.core.transcript import CUT, Said, Speech, Status, Transcript

ENDINGS = {
    "completed": "The debate was held to its end.",
    "stopped": "The debate was stopped here.",
    "failed": "The debate failed here.",
    "budget": "The debate ended here: its budget was spent.",
    "interrupted": "The debate was interrupted here: the server was ended and the debate was not taken up again.",
}
# The signs of a product, or else what a backslash would be seen in: code, also where its end is missing, and addresses.
_PRODUCT: Final = re.compile(
    r"(`+|~{3,}).*?(?:\1|\Z)|^(?: {4}|\t)[^\n]*|\S+://\S+|(?<=[\d)])(?P<signs>\*+)(?=[\d(])", re.DOTALL | re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Cast(Ballot):
    """A ballot, and the seq by which the verdict names it."""

    seq: int = 0


@dataclass(frozen=True, slots=True)
class Account:
    """A debate as its transcript tells it, ready for JSON. ``seq`` is the last event that is in it; a fork names its
    ``parent``, which may be deleted by now, and the last of the parent's events that are its own too."""

    id: str
    status: Status
    reason: DoneReason | None
    seq: int
    topic: str
    format: str
    rounds: int
    created: str
    agents: tuple[Seat, ...]
    speeches: list[Speech]
    messages: list[Said]
    ballots: list[Cast]
    verdict: Verdict | None
    error: Error | None
    usage: Usage
    parent: str | None
    parent_seq: int | None


def account(told: Transcript, created: str) -> Account:
    """The account of a transcript."""
    return Account(
        told.debate, told.status, told.reason, told.seq, told.topic, told.format, told.rounds, created, told.agents,
        speeches(told), told.messages, [_cast(seq, ballot) for seq, ballot in told.ballots], told.verdict, told.error,
        told.usage, told.parent, told.parent_seq or None,
    )  # fmt: skip


def _cast(seq: int, ballot: Ballot) -> Cast:
    return Cast(**{field.name: getattr(ballot, field.name) for field in fields(ballot)}, seq=seq)


def to_markdown(transcript: Transcript, created: str) -> str:
    """The transcript as a Markdown document that prints well."""
    models = {seat.name: seat.model for seat in transcript.agents}
    cast = ", ".join(f"{name} ({model})" for name, model in models.items())
    lines = [f"# {_literal(transcript.topic)}", "", f"*{created[:10]} · {transcript.format} · {cast}*"]
    round_ = 0
    for entry in in_order(transcript):
        if isinstance(entry, Said):
            lines += ["", f"> **A person in the audience{f', to {entry.to}' if entry.to else ''}:** {entry.content}"]
            continue
        if isinstance(entry, Vote):
            lines += ["", f"### {entry.title}", "", *(line for ballot in entry.ballots for line in _cast_lines(ballot))]
            continue
        if entry.round != round_:
            round_ = entry.round
            lines += ["", f"## {round_of(round_, transcript.rounds)}"]
        lines += ["", f"### {entry.agent}", "", _spoken(entry.content.strip())]
        if note := CUT.get(entry.finish_reason or "", "" if entry.finish_reason else "still speaking"):
            lines += ["", f"*[{note}]*"]
    if transcript.verdict and (told := verdict_of(transcript.verdict, transcript)):
        lines += ["", "## Verdict", *(line for text in told for line in ("", text))]
        lines += ["", *(f"- **{name}:** “{_literal(said)}”" for name, said in transcript.verdict.best.items())]
    lines += ["", "---", "", ending_of(transcript), "", f"*{cost_of(transcript.usage)}*", ""]
    return "\n".join(lines)


def _cast_lines(ballot: Ballot) -> list[str]:
    order = ", ".join(ballot.order)
    lines = [f"- **{ballot.judge}** (order {order}): {vote_of(ballot)}. {_literal(why_of(ballot))}".rstrip()]
    for quote in ballot.quotes:
        said = f"“{_literal(quote.text)}”"
        lines.append(f"  - {said}" if quote.turn else f"  - ~~{said}~~ not found")
    return lines


def verdict_of(verdict: Verdict, transcript: Transcript) -> list[str]:
    """What a verdict says beside what was said in a speech."""
    return news_of(verdict, [speech.content for speech in transcript.speeches.values()])


def ending_of(transcript: Transcript) -> str:
    text = ENDINGS.get(transcript.reason or "", "The debate is still going on.")
    return f"{text} {transcript.error.message}" if transcript.error else text


@dataclass(frozen=True, slots=True)
class Vote:
    """The ballots of one vote, as they were cast."""

    title: str
    ballots: list[Ballot]


def speeches(told: Transcript) -> list[Speech]:
    """Those that have words, by turn."""
    spoken = [speech for speech in told.speeches.values() if speech.content]
    return sorted(spoken, key=lambda speech: speech.turn)


def in_order(told: Transcript) -> list[Speech | Said | Vote]:
    """All that was said and voted, at its place: a message after the turn that had begun last, a vote after its
    round."""
    entries: list[tuple[float, Speech | Said | Vote]] = [(speech.turn, speech) for speech in speeches(told)]
    entries += [(said.after_turn + 0.5, said) for said in told.messages]
    votes = dict.fromkeys((ballot.title, ballot.round) for _, ballot in told.ballots)
    for title, round_ in votes:
        after = max((speech.turn for speech in told.speeches.values() if speech.round <= round_), default=0)
        entries.append((after + 0.75, Vote(title, [ballot for _, ballot in told.cast(title, round_)])))
    return [entry for _, entry in sorted(entries, key=lambda entry: entry[0])]


def _spoken(text: str) -> str:
    """A speech: Markdown by itself, but for products, which other programs would take for emphasis."""
    return _PRODUCT.sub(lambda found: (found["signs"] or "").replace("*", r"\*") or found[0], text)


def _literal(text: str) -> str:
    """The text on one line, with nothing in it that Markdown takes for more than text."""
    return re.sub(r"([\\`*_\[\]<>#])", r"\\\1", " ".join(text.split()))
