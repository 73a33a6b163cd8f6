"""The choice that an answer means, by its words or by its letter."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Final

from debate_server.core.answer.line import MARKS, answer_of
from debate_server.core.answer.same import same
from debate_server.core.answer.told import told as is_told

# As many choices as there are letters to call them by.
MOST: Final = len(ascii_uppercase)

# A choice by its letter: "(b)", "B)", "option B", "B." where a line begins; "B" by itself, and so "A" and "I" where
# they are no words: before what is no name of a thing or a deed.
_LETTER: Final = re.compile(
    r"[(\[]([A-Za-z])[)\]]|(?<!\w)([A-Z])\)|\b(?i:option|choice|answer)\s+(?:is\s+)?([A-Z])\b(?!['’]\w)"
    r"|(?m:^)[ \t*_`>-]*([A-Z])[.:](?=\s|$)|(?<=\*\*)([A-Z])(?=\*\*)|(?<=boxed\{)([A-Z])(?=\})"
    r"|(?<![\w.'’-])([B-HJ-Z])(?![\w'’-]|\.\w)"
    r"|(?<![\w.'’-])(A)(?=\s*(?:$|[.,;:!?\])}<*`\"”–—-](?!\w)|(?:is|was|must|seems|because|since|as|and|or|not)\b))"
    r"|(?<![\w.'’-])(I)(?=\s*(?:$|[.,;:!?\])}<*`\"”–—](?!\w)|is\b))"
)
# Characters of a choice that one can be asked to repeat.
_SHORT: Final = 40
_SURROUND: Final = MARKS + "()[]{}.:$"
# How far back a "not" is looked for.
_BEFORE: Final = 60
_NOT: Final = re.compile(r"(?:\bnot|n['’]t)\s+(?:(?:the|an?)\s+)?\W?$", re.IGNORECASE)
# Where a sentence ends and another begins; not after a letter that numbers a choice.
_SENTENCES: Final = re.compile(r"\n|(?<!\b[A-Za-z])[.!?]\s+\S")


def asked(topic: str, choices: Sequence[str]) -> str:
    """The topic as it is put to the agents: with the choices, which have letters where they are long. Each is to be
    called by one name only, or those who mean the same are not counted together."""
    if not choices:
        return topic
    if _are_letters(choices) or max(map(len, choices)) <= _SHORT:
        return f"{topic}\nAnswer with one of these: {'; '.join(choices)}."
    shown = "".join(f"\n({letter}) {choice}" for letter, choice in zip(ascii_uppercase, choices, strict=False))
    return f"{topic}\nAnswer with the letter of one of these:{shown}"


def named(answer: str, choices: Sequence[str]) -> int | None:
    """Which of the choices is called just that, by its words or else by its letter."""
    words = [same(choice) for choice in choices]
    if same(answer) in words:
        return words.index(same(answer))
    return _of_letter(answer.strip(_SURROUND), choices)


def chosen(answer: str, choices: Sequence[str]) -> int | None:
    """Which of the choices an answer means; None for none of them, or for several. In prose of several sentences it is
    the one after the last "the answer is", else the last one that it names."""
    short = answer_of(answer)
    text = (answer if short is None else short).strip()
    if (whole := named(text.strip(MARKS), choices)) is not None:
        return whole
    found = [one for one in _mentions(text, choices) if not _NOT.search(text[max(0, one.start - _BEFORE) : one.start])]
    if told := [one for one in found if is_told(text, one.start)]:
        return _agreed(text, told[-1], found)
    if short is None and _SENTENCES.search(text):
        return found[-1].choice if found else None
    meant = {one.choice for one in found}
    return meant.pop() if len(meant) == 1 else None


@dataclass(frozen=True, slots=True)
class _Mention:
    start: int
    end: int
    choice: int


def _agreed(text: str, told: _Mention, found: Sequence[_Mention]) -> int | None:
    """The choice that was told, unless the words beside its letter are another one's."""
    beside = [one for one in found if one.start >= told.end and not re.search(r"[\w.!?]", text[told.end : one.start])]
    return told.choice if all(one.choice == told.choice for one in beside) else None


def _mentions(text: str, choices: Sequence[str]) -> list[_Mention]:
    """Where choices are named, in their order; what stands within the words of a longer one is not."""
    found = [_Mention(*match.span(), index) for index, choice in enumerate(choices) for match in _words(choice, text)]
    for match in _LETTER.finditer(text):
        if (index := _of_letter(match[match.lastindex or 0], choices)) is not None:
            found.append(_Mention(*match.span(match.lastindex or 0), index))
    found.sort(key=lambda one: (one.start, -one.end))
    kept: list[_Mention] = []
    for one in found:
        if not kept or one.end > kept[-1].end:
            kept.append(one)
    return kept


def _words(choice: str, text: str) -> Iterator[re.Match[str]]:
    words = choice.strip(MARKS).rstrip(".,;!").split()
    pattern = r"\s+".join(re.escape(word) for word in words)
    number = r"(?<![-−])(?<!\d[.,])" if words and words[0][0].isdigit() else ""
    if pattern:
        yield from re.finditer(rf"(?<!\w){number}{pattern}(?!\w|[.,]\d|['’]\w)", text, re.IGNORECASE)


def _of_letter(letter: str, choices: Sequence[str]) -> int | None:
    if len(letter) != 1 or _are_letters(choices):
        return None
    index = ascii_uppercase.find(letter.upper())
    return index if 0 <= index < len(choices) else None


def _are_letters(choices: Sequence[str]) -> bool:
    return any(len(choice) == 1 and choice.isalpha() for choice in choices)
