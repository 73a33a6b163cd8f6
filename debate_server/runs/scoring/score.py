"""Whether an answer is right: the same number, the choice that is meant, or the same words.

An answer is a few words, such as those after "Answer:", or a whole speech that ends with some. It is read with good
will and never guessed: what can be meant in two ways is wrong.
"""

import re
from collections.abc import Sequence
from typing import Final

from debate_server.core.answer.line import MARKS, answer_of
from debate_server.core.answer.number import BOXED, SURE, equal, number_of, whole
from debate_server.core.answer.same import same
from debate_server.core.answer.told import words_told
from debate_server.core.run import Scorer
from debate_server.runs.scoring.choice import chosen, named

_SENTENCES: Final = re.compile(r"(?<=[.!?])(?=\s)")
# So many words may be an answer by themselves.
_FEW: Final = 5
# Characters of an answer that are shown.
_SHOWN: Final = 60


def kind_of(answer: str, choices: Sequence[str]) -> Scorer:
    """How that right answer is scored where nobody says how: as one of its choices where it has any, else as a number
    where it is one, else as its words."""
    if choices:
        return "choice"
    return "number" if whole(answer) is not None else "exact"


def unfit(kind: Scorer, answer: str, choices: Sequence[str]) -> str | None:
    """Why nothing can be held against that right answer in that way; None where it can."""
    if kind == "number" and number_of(answer) is None:
        return f"its answer, {answer[:_SHOWN]!r}, is no number"
    return "it has no choices" if kind == "choice" and not choices else None


def correct(kind: Scorer, answer: str | None, expected: str, choices: Sequence[str]) -> bool | None:
    """Whether an answer, None where there is none, is the expected one; None where a model has to tell."""
    if kind == "judge":
        return None
    if answer is None:
        return False
    if kind == "number":
        return equal(number_of(expected), number_of(answer))
    if kind == "choice":
        right = named(expected, choices)
        return right is not None and chosen(answer, choices) == right
    return same(expected.strip(MARKS)) in (same(answer.strip(MARKS)), same(_words(answer)))


def read(kind: Scorer, answer: str | None, choices: Sequence[str]) -> str | None:
    """What of an answer is held against the expected one: its number as it is written, the choice that it means, or its
    words. None where there is no such thing in it: it is wrong, but by saying nothing."""
    if answer is None:
        return None
    if kind == "number":
        number = number_of(answer)
        return number.text if number is not None else None
    if kind == "choice":
        choice = chosen(answer, choices)
        return choices[choice] if choice is not None else None
    return _words(answer) or None


def _words(answer: str) -> str:
    """The words of an answer: of its "Answer:" line, what is boxed in it, or what it says that the answer is; else all
    but the sentences that say how sure one is, where that is a few words. Empty where there are none."""
    if (line := answer_of(answer)) is not None:
        return line
    boxed = BOXED.findall(answer)
    said = boxed[-1] if boxed else words_told(answer)
    if said is None:
        said = "".join(one for one in _SENTENCES.split(answer) if not SURE.search(one))
        said = said if len(said.split()) <= _FEW else ""
    return said.strip(MARKS)
