"""What goes into an upstream and what comes out of it: a request, who hears the speech, and how that ended."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from debate_server.core.chat import ChatMessage
from debate_server.core.events import Usage
from debate_server.upstream.endpoint import Model


@dataclass(frozen=True, slots=True)
class Request:
    """One speech to be spoken. ``max_tokens`` limits it, reasoning included; None leaves it to the endpoint.

    ``schema``: a JSON schema that the words are to fit. Endpoints keep to it as far as they can, some not at all: the
    messages should ask for JSON too, and what comes has to be checked. OpenAI wants all properties required and no
    additional ones. ``attempt``: how often it is asked for, this time included. ``seed``: what the model is to draw by;
    few endpoints promise the same words for the same one.
    """

    model: Model
    messages: tuple[ChatMessage, ...]
    temperature: float | None = None
    max_tokens: int | None = None
    schema: Mapping[str, Any] | None = None
    attempt: int = 1
    seed: int | None = None

    def priced(self, usage: Usage) -> Usage:
        """The usage with its cost: its own where it has one, else by the model's price, as far as that is known."""
        if usage.cost_usd is not None or self.model.price is None:
            return usage
        return replace(usage, cost_usd=self.model.price.cost(usage.input, usage.output))


@dataclass(frozen=True, slots=True)
class Listener:
    """``words`` gets the words of a speech as they come, never none; ``thinking`` is called where the model reasons
    before it speaks: at most once, and before the first words. ``asked``: once, as the request leaves; until then it
    waits for its endpoint, and costs nothing."""

    words: Callable[[str], None]
    thinking: Callable[[], None]
    asked: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class Finish:
    """How the speech ended, and what it cost, as far as its endpoint or the model's price tells. ``cause`` says why one
    is ``cut_off``: a sentence without secrets, for the log and never for a speech."""

    reason: Literal["stop", "length", "content_filter", "cut_off"]
    usage: Usage
    cause: str | None = None
