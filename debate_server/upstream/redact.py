"""What another program says, made fit for our logs and messages: one short line that holds no key.

Endpoints echo keys, whole ("Incorrect API key provided: sk-…") or in part ("sk-abc***xyz"), as they are or as they
stand in JSON, in an address, in a page or in a Basic header; all of them go.
"""

import html
import re
from base64 import b64encode
from functools import lru_cache
from typing import Final

MAX_TEXT: Final = 300
# Looked at before shortening, so that no key is cut in two and then missed.
_MAX_READ: Final = 4096
HIDDEN: Final = "[key]"
# As much of a key as may stand in a text by chance.
_TELLING: Final = 8
# From this length on it is a secret, even without a digit.
_LONG: Final = 16

_WORD: Final = re.compile(r"[^\s\"'`,;()\[\]{}<>=]+")
_MASK: Final = re.compile(r"\*{2,}|\.{3,}|…|•{2,}|x{4,}", re.IGNORECASE)
_LOOKS_LIKE_KEY: Final = re.compile(r"\b(?:sk|gsk|xai|hf|key|pk|rk)[-_][\w*.…•-]{6,}", re.IGNORECASE)


def redact(text: str, key: str | None) -> str:
    """``text`` without ``key``, without parts of it that would help to guess it, and without what looks like one."""
    if key:
        if len(key) >= _TELLING:
            text = _spellings(key).sub(HIDDEN, text)
        text = _WORD.sub(lambda word: HIDDEN if _tells(word[0], key) else word[0], text)
    return _LOOKS_LIKE_KEY.sub(HIDDEN, text)


def quote(text: str, key: str | None) -> str:
    """``text`` as one line of at most MAX_TEXT characters, redacted; empty where it says nothing."""
    line = " ".join(text[:_MAX_READ].split())
    line = redact("".join(character for character in line if character.isprintable()), key)
    return line if len(line) <= MAX_TEXT else line[: MAX_TEXT - 1] + "…"


def is_plain(key: str) -> bool:
    """Whether a key may be an ordinary word, such as the "anything" that is given to servers which ask for none."""
    return len(key) < _TELLING or (len(key) < _LONG and not any(character.isdigit() for character in key))


def holds(text: str, key: str | None) -> bool:
    """Whether the whole key is in ``text``, in any spelling. One that may be an ordinary word is in none."""
    return key is not None and not is_plain(key) and _spellings(key).search(text) is not None


@lru_cache(maxsize=8)
def _spellings(key: str) -> re.Pattern[str]:
    encoded = "".join(map(_character, re.sub(r"\\+", r"\\", key)))
    return re.compile("|".join([re.escape(key), encoded, *_in_base64(key.encode())]), re.IGNORECASE)


def _character(character: str) -> str:
    """A pattern for a character that is escaped in JSON (also in JSON within JSON), percent-encoded (also in an address
    within another) or written in HTML. No encoding touches letters and digits, and nothing has to be encoded."""
    if character.isalnum():
        return character
    code, bare = f"{ord(character):02x}", re.escape(character)
    # Nothing is given back (*+): trying all ways to share out many backslashes would take for ever.
    plain = r"\\++" if character == "\\" else rf"\\{{0,7}}+{bare}"
    in_page = f"&#{ord(character)};|&#x{code};|{re.escape(html.escape(character))}"
    return rf"(?:{plain}|%(?:25){{0,3}}+{code}|\\{{1,7}}+u00{code}|{in_page})"


def _in_base64(key: bytes) -> list[str]:
    """Patterns for the key within something that is encoded as a whole, such as ``user:key``: it may begin at the
    first, second or third byte of a group. Only the digits that are made of the key alone count."""
    found = []
    for before in range(3):
        digits = b64encode(bytes(before) + key).decode()[(before * 8 + 5) // 6 : (before + len(key)) * 8 // 6]
        found.append(digits.replace("+", "[+-]").replace("/", "[/_]"))
    return found


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
