"""What one JSON object of a chat stream says. Pure; tolerant of what servers leave out."""

from typing import Any, Final, Literal, NamedTuple

from debate_server.core.events import Usage
from debate_server.core.money.price import dollars

Ending = Literal["stop", "length", "content_filter"]

# A hundred times the largest contexts. A higher count is no count, and a sum of such may not fit into an event's JSON.
MAX_TOKENS: Final = 10**9

# Servers have their own words for these; any other reason is an ending of the model's own choice.
_ENDINGS: Final[dict[str, Ending]] = {
    "length": "length",
    "max_tokens": "length",
    "content_filter": "content_filter",
    "safety": "content_filter",
}


class Chunk(NamedTuple):
    """``text`` is content and ``reasoning`` what comes beside it, as they stand; ``error`` is an error in mid-stream,
    in the endpoint's own words."""

    text: str = ""
    reasoning: str = ""
    ending: Ending | None = None
    usage: Usage | None = None
    error: str | None = None


def read(event: dict[str, Any]) -> Chunk:
    if error := event.get("error"):
        return Chunk(error=error_text(error))
    choices = event.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None  # the only one we ask for
    if not isinstance(choice, dict):
        choice = {}
    reason = choice.get("finish_reason")
    if reason == "error":  # OpenRouter's way to end a stream that broke behind it
        return Chunk(error=error_text(choice.get("error") or "the stream ended with an error"))
    delta = choice.get("delta")
    if not isinstance(delta, dict):
        delta = {}
    text, reasoning = delta.get("content"), delta.get("reasoning_content") or delta.get("reasoning")
    return Chunk(
        text if isinstance(text, str) else "",
        reasoning if isinstance(reasoning, str) else "",
        _ENDINGS.get(reason, "stop") if isinstance(reason, str) and reason else None,
        _usage(usage) if (usage := event.get("usage")) else None,
    )


def error_text(error: object) -> str:
    """The sentence in an error object of any of the shapes that servers send."""
    while isinstance(error, dict):
        error = error.get("message") or error.get("error") or error.get("detail") or error.get("code") or str(error)
    return str(error)


def _usage(usage: object) -> Usage | None:
    if not isinstance(usage, dict):
        return None
    read_, said = _tokens(usage.get("prompt_tokens")), _tokens(usage.get("completion_tokens"))
    if read_ is None or said is None:
        return None
    # xAI and Gemini count hidden reasoning, which is paid for as words are, in the total alone.
    total = _tokens(usage.get("total_tokens")) or 0
    return Usage(read_, max(said, total - read_), _cost(usage))


def _cost(usage: dict[str, Any]) -> float | None:
    """What OpenRouter and those like it charged. With a key of one's own there, it is only their fee."""
    return None if usage.get("is_byok") else dollars(usage.get("cost"))


def _tokens(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_TOKENS else None
