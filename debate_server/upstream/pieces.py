"""What goes into an upstream and what comes out of it: a request, and a speech in pieces."""

from dataclasses import dataclass
from typing import Literal

from debate_server.core.chat import ChatMessage
from debate_server.core.events import Usage
from debate_server.upstream.endpoint import Model


@dataclass(frozen=True, slots=True)
class Request:
    """One speech to be spoken. ``max_tokens`` limits it, reasoning included; None leaves it to the endpoint."""

    model: Model
    messages: tuple[ChatMessage, ...]
    temperature: float | None = None
    max_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Thinking:
    """The model reasons before it speaks: at most one, before the first ``Text``."""


@dataclass(frozen=True, slots=True)
class Text:
    """Words of the speech, never empty."""

    content: str


@dataclass(frozen=True, slots=True)
class Finish:
    """The speech is over; the last piece. ``cause`` says why one is ``cut_off``: a sentence without secrets, for
    the log and never for a speech."""

    reason: Literal["stop", "length", "content_filter", "cut_off"]
    usage: Usage
    cause: str | None = None


Piece = Thinking | Text | Finish
