"""When two answers are the same."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

from debate_server.core.answer.line import MARKS
from debate_server.core.answer.number import whole

_PLAIN: Final = str.maketrans({"−": "-", "’": "'", "‘": "'", "$": ""})
# What LaTeX puts around an answer, and what a person does.
_AROUND: Final = re.compile(r"\\(?:boxed|text|mathrm|mathbf)\s?\{((?:[^{}]|\{[^{}]*\})*)\}|[(\[{]([^()\[\]{}]+)[)\]}]")
# A choice by its letter: "(b)", "b)", "(b) rome"; not "(a) or (b)".
_LABELLED: Final = re.compile(r"\(?([a-z])\)[.:]?(?: (?!or\b|and\b)[^()]*)?")


# Characters of an answer that may come again, and how many such are kept: a few megabytes.
_SHORT: Final = 200
_KEPT: Final = 10_000


def same(answer: str) -> str:
    """What two answers have in common that are the same but for how they are written: numbers that are equal; choices
    of one letter; words but for case, spaces, what is put around them and the stop at the end."""
    return _known(answer) if len(answer) <= _SHORT else _same(answer)


def _same(answer: str) -> str:
    text = " ".join(answer.split()).strip(MARKS).rstrip(".,;! ").strip(MARKS)
    while around := _AROUND.fullmatch(text.strip("$")):
        text = (around[1] or around[2] or "").strip()
    if (number := whole(text)) is not None:
        return f"{number.value}{'%' * number.percent}"
    text = unicodedata.normalize("NFKC", text.translate(_PLAIN)).casefold()
    labelled = _LABELLED.fullmatch(text)
    return labelled[1] if labelled else text


# A run has the same few answers again and again, and to read a number takes a while.
_known = lru_cache(maxsize=_KEPT)(_same)
