"""A debate typed out live, for a terminal: events in, text out as it is to appear."""

import re
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Final

from debate_server.core.events import (
    AgentEnd,
    AgentError,
    AgentStart,
    DebateStart,
    Done,
    Error,
    Event,
    Message,
    Thinking,
    Token,
)
from debate_server.core.export import ENDINGS
from debate_server.core.transcript import CUT

# A topic, a model or a message may hold escape sequences: without these characters a terminal shows them as text.
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

# (text, what it is: the side of a speaker, or "heading", "note", "error") → the text, coloured or not.
Style = Callable[[str, str], str]


def plain(text: str, _: str) -> str:
    """No colour."""
    return text


class Typed:
    """Types events out in their order. Begun in mid-debate it names the speaker at the next token."""

    def __init__(self, style: Style = plain) -> None:
        self._style = style
        self._sides: dict[str, str] = {}
        self._turn: int | None = None

    def __call__(self, event: Event) -> str:
        """What the event adds to the text; "" for nothing."""
        event, note = _harmless(event), self._style
        match event:
            case DebateStart():
                self._sides = {seat.name: seat.side for seat in event.agents}
                models = ", ".join(dict.fromkeys(seat.model for seat in event.agents))
                return f"{note(event.topic, 'heading')}\n{note(f'{event.format}, {models}', 'note')}\n"
            case AgentStart(agent, turn, _, attempt):
                self._turn = None
                return self._speaker(agent, turn) if attempt == 1 else ""
            case Thinking(agent):
                return note(f"[{agent} is thinking] ", "note")
            case Token(agent, turn, content):
                return (self._speaker(agent, turn) if turn != self._turn else "") + content
            case AgentEnd():
                self._turn = None
                cut = CUT.get(event.finish_reason, "")
                return (note(f" [{cut}]", "note") if cut else "") + "\n"
            case AgentError():
                self._turn = None
                what = "trying again" if event.retrying else "giving up"
                return note(f"\n[{event.message} {what.capitalize()}.]", "error") + "\n"
            case Message(content=content, to=to):
                whom = f" to {to}" if to else ""
                return f"\n{note(f'A person in the audience{whom}:', 'heading')} {content}\n"
            case Error(_, message):
                return "\n" + note(message, "error") + "\n"
            case Done(reason):
                return "\n" + note(ENDINGS[reason], "note") + "\n"
            case _:
                return ""

    def _speaker(self, agent: str, turn: int) -> str:
        self._turn = turn
        return f"\n{self._style(agent, self._sides.get(agent, ''))}\n"


def clean(text: str) -> str:
    """The text without the characters that a terminal takes for commands."""
    return _CONTROL.sub("", text)


def _harmless(event: Event) -> Event:
    texts = {field.name: getattr(event, field.name) for field in fields(event)}
    return replace(event, **{name: clean(text) for name, text in texts.items() if isinstance(text, str)})
