"""Which of the models that an endpoint lists can hold a debate, which of those is a sensible default, and how much
each can read. Pure; knows models by their names, as nothing in the protocol tells them apart."""

import re
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from debate_server.upstream.endpoint import UNKNOWN_CONTEXT

_NOT_CHAT: Final = re.compile(
    r"embed|\bbge\b|\bgte\b|\be5\b|minilm|rerank|whisper|transcri|\btts|audio|speech|voice|realtime|live\b"
    r"|dall-e|image|imagen|sora|veo-|video|flux|diffusion|moderation|guard|safeguard|\bocr\b|clip\b"
    r"|babbage|davinci|turbo-instruct|codex|computer-use|deep-research|search|o\d-pro|gpt-[\d.]+-pro",
    re.IGNORECASE,
)

# Where hundreds of models are offered for money, the first of the list is anything. Small, current, and quick to the
# first word; reasoning models come late because their reasoning is paid for and keeps the audience waiting.
_PREFERRED: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"(^|/)gpt-4\.1-mini$", r"(^|/)gpt-4o-mini$", r"(^|/)gpt-[\d.]+-mini$", r"(^|/)gpt-[\d.]+-nano$",
        r"(^|/)llama-3\.3-70b", r"(^|/)gemini-[\d.]+-flash$", r"(^|/)mistral-small", r"(^|/)gpt-4",
    )
)  # fmt: skip

# What servers call it, the real limit before what the model was trained for.
_CONTEXT_KEYS: Final = (
    "loaded_context_length", "max_model_len", "n_ctx", "context_length", "context_window", "max_context_length",
    "n_ctx_train",
)  # fmt: skip
# Ollama and LM Studio cut a longer prompt at its beginning, silently, and do not say where.
_CONTEXT_BY_PORT: Final = {11434: 4096, 1234: 4096}
_CONTEXT_BY_NAME: Final = ((re.compile(r"gpt-4o|gpt-4\.1|gpt-[5-9]|\bo\d"), 128_000), (re.compile(r"gpt-3\.5"), 16_385))


def chat_models(names: Sequence[str]) -> list[str]:
    """Those that can hold a debate, in the order given."""
    return [name for name in names if not _NOT_CHAT.search(name)]


def preferred(names: Sequence[str]) -> str | None:
    """A sensible default among the models of an endpoint; None where none can hold a debate."""
    chat = chat_models(names)
    for pattern in _PREFERRED:
        for name in chat:
            if pattern.search(name):
                return name
    return chat[0] if chat else None


def context(entry: dict[str, Any], url: str) -> int:
    """How many tokens the model of a list's ``entry`` can have before it, as far as anybody says."""
    meta = entry.get("meta")
    for fields in (entry, meta if isinstance(meta, dict) else {}):
        for key in _CONTEXT_KEYS:
            size = fields.get(key)
            if isinstance(size, int) and size > 0:
                return size
    if (by_port := _CONTEXT_BY_PORT.get(urlsplit(url).port or 0)) is not None:
        return by_port
    name = str(entry.get("id"))
    return next((size for pattern, size in _CONTEXT_BY_NAME if pattern.search(name)), UNKNOWN_CONTEXT)
