"""A transcript to keep: as Markdown to read, as JSON to compute with."""

import re
from dataclasses import dataclass, fields
from typing import Any

from debate_server.core.events import Ballot, DoneReason, Error, Seat, Usage, Verdict
from debate_server.core.transcript import CUT, Said, Speech, Status, Transcript

ENDINGS = {
    "completed": "The debate was held to its end.",
    "stopped": "The debate was stopped here.",
    "failed": "The debate failed here.",
    "budget": "The debate ended here: its budget was spent.",
    "interrupted": "The debate was interrupted here: the server was ended and the debate was not taken up again.",
}


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
        in_order(told), told.messages, [_cast(seq, ballot) for seq, ballot in told.ballots], told.verdict, told.error,
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
    for entry in in_order(transcript, messages=True):
        if isinstance(entry, Said):
            lines += ["", f"> **A person in the audience{f', to {entry.to}' if entry.to else ''}:** {entry.content}"]
            continue
        if entry.round != round_:
            round_ = entry.round
            lines += ["", f"## Round {round_}" if round_ <= transcript.rounds else "## The decision"]
        lines += ["", f"### {entry.agent}", "", entry.content.strip()]
        if note := CUT.get(entry.finish_reason or "", "" if entry.finish_reason else "still speaking"):
            lines += ["", f"*[{note}]*"]
    if transcript.verdict:
        lines += ["", "## Verdict", "", transcript.verdict.summary]
    lines += ["", "---", "", ending_of(transcript), ""]
    return "\n".join(lines)


def ending_of(transcript: Transcript) -> str:
    text = ENDINGS.get(transcript.reason or "", "The debate is still going on.")
    return f"{text} {transcript.error.message}" if transcript.error else text


def in_order(transcript: Transcript, *, messages: bool = False) -> list[Any]:
    """Speeches that have words, by turn, and where asked for the messages at their places."""
    entries: list[tuple[float, Speech | Said]] = [
        (speech.turn, speech) for speech in transcript.speeches.values() if speech.content
    ]
    if messages:
        entries += [(said.after_turn + 0.5, said) for said in transcript.messages]
    return [entry for _, entry in sorted(entries, key=lambda entry: entry[0])]


def _literal(text: str) -> str:
    """The text on one line, with nothing in it that Markdown takes for more than text."""
    return re.sub(r"([\\`*_\[\]<>#])", r"\\\1", " ".join(text.split()))
