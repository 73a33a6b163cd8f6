"""What is sent to a model: a list of chat messages, and how many tokens they come to."""

from dataclasses import dataclass
from typing import Final, Literal

# No tokenizer is at hand (each model has its own, and theirs want downloads), so tokens are counted on the high side:
# Latin text has 3.5 to 4.5 characters a token; other scripts about one token per character or worse.
_ASCII_PER_TOKEN: Final = 3.2
_OTHER_PER_TOKEN: Final = 0.9
# No text has more characters in a token.
MOST_PER_TOKEN: Final = 4
# What the chat template adds around each message.
_PER_MESSAGE: Final = 8


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message of an OpenAI-style chat."""

    role: Literal["system", "user", "assistant"]
    content: str


def count(text: str) -> int:
    """About how many tokens a text has, on the high side."""
    other = len(text) - len(text.encode("ascii", "ignore"))
    return int((len(text) - other) / _ASCII_PER_TOKEN + other / _OTHER_PER_TOKEN) + 1


def count_chat(messages: tuple[ChatMessage, ...]) -> int:
    """About how many tokens a chat has, on the high side."""
    return sum(count(message.content) + _PER_MESSAGE for message in messages)
