"""How prose says that its answer comes next: "the answer is"."""

import re
from typing import Final

_TOLD: Final = re.compile(r"\b(?:answer|choice)\b[^.\n]{0,20}?(?:\bis\b|:)[\s:*_`\"'“”(\[$€£¥]*$", re.IGNORECASE)
# How far back, in characters, such words are looked for.
_BEFORE: Final = 60
_SAYS: Final = re.compile(r"\banswer\b[^.\n]{0,20}?(?:\bis\b|:)\s*([^\n]+?)(?=[.!?](?:\s|$)|\n|$)", re.IGNORECASE)


def told(text: str, start: int) -> bool:
    """Whether what begins there is told to be the answer."""
    return _TOLD.search(text[max(0, start - _BEFORE) : start]) is not None


def words_told(text: str) -> str | None:
    """The rest of the sentence after the last "the answer is"; None where nobody says so."""
    said = _SAYS.findall(text)
    return str(said[-1]) if said else None
