"""What another program says, made fit for our logs and messages: one short line that holds no key.

Endpoints echo keys, whole ("Incorrect API key provided: sk-…") or in part ("sk-abc***xyz"); both go.
"""

import re
from typing import Final

MAX_TEXT: Final = 300
# Looked at before shortening, so that no key is cut in two and then missed.
_MAX_READ: Final = 4096
HIDDEN: Final = "[key]"
# As much of a key as may stand in a text by chance.
_TELLING: Final = 8

_WORD: Final = re.compile(r"[^\s\"'`,;()\[\]{}<>=]+")
_MASK: Final = re.compile(r"\*{2,}|\.{3,}|…|•{2,}|x{4,}", re.IGNORECASE)
_LOOKS_LIKE_KEY: Final = re.compile(r"\b(?:sk|gsk|xai|hf|key|pk|rk)[-_][\w*.…•-]{6,}", re.IGNORECASE)


def redact(text: str, key: str | None) -> str:
    """``text`` without ``key``, without parts of it that would help to guess it, and without what looks like one."""
    if key:
        if len(key) >= _TELLING:
            text = text.replace(key, HIDDEN)
        text = _WORD.sub(lambda word: HIDDEN if _tells(word[0], key) else word[0], text)
    return _LOOKS_LIKE_KEY.sub(HIDDEN, text)


def quote(text: str, key: str | None) -> str:
    """``text`` as one line of at most MAX_TEXT characters, redacted; empty where it says nothing."""
    line = " ".join(text[:_MAX_READ].split())
    line = redact("".join(character for character in line if character.isprintable()), key)
    return line if len(line) <= MAX_TEXT else line[: MAX_TEXT - 1] + "…"


def _tells(word: str, key: str) -> bool:
    """Whether a word is the key, a part of it, or a masked form of it."""
    word, key = word.rstrip(".:!?").casefold(), key.casefold()
    if word == key:
        return True
    if len(key) < _TELLING:
        return False
    if any(key[start : start + _TELLING] in word for start in range(len(key) - _TELLING + 1)):
        return True
    return bool(_MASK.search(word)) and (word.startswith(key[:3]) or word.endswith(key[-3:]))
