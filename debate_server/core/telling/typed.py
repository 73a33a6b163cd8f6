"""A debate typed out live, for a terminal: events in, text out as it is to appear.

One speech is typed at a time. Of turns that run at the same time the others are held back, and come when it is over.
"""

import re
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any, Final, TypeVar

from debate_server.core.events import (
    AgentEnd,
    AgentError,
    AgentStart,
    Ballot,
    DebateStart,
    Done,
    Error,
    Event,
    Message,
    Paused,
    Resumed,
    Thinking,
    Token,
    Verdict,
)
from debate_server.core.telling.export import ENDINGS
from debate_server.core.telling.lanes import Lanes
from debate_server.core.telling.words import news_of, vote_of, why_of
from debate_server.core.transcript import CUT

# A topic, a model or a message may hold escape sequences: without these characters a terminal shows them as text.
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

# (text, what it is: the side of a speaker, or "heading", "note", "error") → the text, coloured or not.
Style = Callable[[str, str], str]

T = TypeVar("T")


def plain(text: str, _: str) -> str:
    """No colour."""
    return text


class Typed:
    """Types events out in their order. Begun in mid-debate it names the speaker at the next token."""

    def __init__(self, style: Style = plain) -> None:
        self._style = style
        self._lanes = Lanes()
        self._sides: dict[str, str] = {}
        self._turn: int | None = None
        self._vote: tuple[str, int] | None = None
        self._spoken = ""

    def __call__(self, event: Event) -> str:
        """What the event adds to the text; "" for nothing."""
        return "".join(self._type(_harmless(due)) for due in self._lanes(event))

    def _type(self, event: Event) -> str:
        note = self._style
        match event:
            case DebateStart():
                return self._begin(event)
            case AgentStart(agent, turn, _, attempt):
                self._turn = None
                return self._speaker(agent, turn) if attempt == 1 else ""
            case Thinking(agent):
                return note(f"[{agent} is thinking] ", "note")
            case Token(agent, turn, content):
                return (self._speaker(agent, turn) if turn != self._turn else "") + content
            case AgentEnd():
                self._turn, self._spoken = None, event.content
                cut = CUT.get(event.finish_reason, "")
                return (note(f" [{cut}]", "note") if cut else "") + "\n"
            case AgentError():
                self._turn = None
                what = "trying again" if event.retrying else "giving up"
                return note(f"\n[{event.message} {what.capitalize()}.]", "error") + "\n"
            case Message(content=content, to=to):
                whom = f" to {to}" if to else ""
                return f"\n{note(f'A person in the audience{whom}:', 'heading')} {content}\n"
            case Ballot():
                return self._ballot(event)
            case Verdict():
                told = "\n\n".join(news_of(event, [self._spoken]))
                return f"\n{note('The verdict', 'heading')}\n{told}\n" if told else ""
            case Paused():
                return "\n" + note("The debate was paused.", "note") + "\n"
            case Resumed():
                return "\n" + note("It goes on.", "note") + "\n"
            case Error(_, message):
                return "\n" + note(message, "error") + "\n"
            case Done(reason, _, message):
                return "\n" + note(f"{ENDINGS[reason]}{f' {message}' if message else ''}", "note") + "\n"
            case _:
                return ""

    def _begin(self, event: DebateStart) -> str:
        self._sides = {seat.name: seat.side for seat in event.agents}
        models = ", ".join(dict.fromkeys(seat.model for seat in event.agents))
        fork = f", a fork of {event.parent}" if event.parent else ""
        lines = [self._style(event.topic, "heading"), self._style(f"{event.format}, {models}{fork}", "note")]
        lines += [self._style(warning, "error") for warning in event.warnings or ()]
        return "\n".join(lines) + "\n"

    def _ballot(self, event: Ballot) -> str:
        vote, self._vote = self._vote, (event.title, event.round)
        title = f"\n{self._style(event.title, 'heading')}\n" if vote != self._vote else ""
        judge = self._style(event.judge, self._sides.get(event.judge, ""))
        order = self._style(f"(order {', '.join(event.order)})", "note")
        lines = [f"{judge} {order}: {vote_of(event)}. {why_of(event)}".rstrip()]
        for quote in event.quotes:
            found = "" if quote.turn else f" {self._style('[not found]', 'error')}"
            lines.append(f"  “{' '.join(quote.text.split())}”{found}")
        return title + "\n".join(lines) + "\n"

    def _speaker(self, agent: str, turn: int) -> str:
        self._turn = turn
        return f"\n{self._style(agent, self._sides.get(agent, ''))}\n"


def clean(text: str) -> str:
    """The text without the characters that a terminal takes for commands."""
    return _CONTROL.sub("", text)


def _harmless(value: T) -> T:
    """The same without such characters in any text of it."""
    made: Any = value
    match value:
        case str():
            made = clean(value)
        case tuple():
            made = tuple(map(_harmless, value))
        case _ if names := _names(made.__class__):
            texts = {name: getattr(made, name) for name in names}
            changed = {name: harmless for name, text in texts.items() if (harmless := _harmless(text)) != text}
            made = replace(made, **changed) if changed else made
    return made  # type: ignore[no-any-return]


@cache
def _names(kind: type) -> tuple[str, ...]:
    """The fields of a dataclass; of another type none."""
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()
