"""The number that an answer gives, however it is written, and whether two are the same one."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Final

from debate_server.core.answer.line import answer_of
from debate_server.core.answer.told import told

# A number of more characters, or of more zeros than this, is none that anybody means.
_LONGEST: Final = 400

_GAP: Final = r"[ \u00a0\u2009\u202f'’]"
# 1,234.5 · 1 234,5 · 1.234,5 · 1.234.567 · 3,14 · 72.0 · .5, the more special ones first.
_DIGITS: Final = (
    rf"[1-9]\d{{0,2}}(?:(?:,\d{{3}})+(?!\d)(?:\.\d+)?|(?:{_GAP}\d{{3}})+(?!\d)(?:[.,]\d+)?"
    r"|(?:\.\d{3})+,\d+|(?:\.\d{3}){2,}(?![.\d]))"
    r"|(?<!\d,)\d+,\d+(?!,?\d)|\d+(?:\.\d+)?|(?<!\d)\.\d+"
)
_WORDS: Final = {"thousand": 3, "million": 6, "billion": 9, "trillion": 12}
_ANYWHERE: Final = (
    r"(?P<sign>(?<![\w)\]}%])[-−–])?[$€£¥]?(?P<signed>(?<=[$€£¥])[-−–])?"
    rf"(?:(?P<whole>\d+) (?=\d+[/⁄]))?(?P<over>{_DIGITS})"
    rf"(?:\s?[/⁄]\s?(?P<under>{_DIGITS})|[eE](?P<e>[-+−]?\d+)(?!\w)"
    r"|\s?(?:[x×*·]|\\times|\\cdot)\s?10\s?(?:\^|\*\*)\s?\{?(?P<ten>[-+−]?\d+)\}?"
    rf"|\s?(?:\^|\*\*)\s?\{{?(?P<power>[-−]?\d+)\}}?|\s(?P<word>{'|'.join(_WORDS)})\b)?"
    r"(?P<percent>\s?\\?%|\spercent\b)?(?:\s?[€£¥$])?"
)
_LOOSE: Final = re.compile(_ANYWHERE)
# Digits that end a word, such as in "km2" or "x_1", are no number where there is another.
_NUMBER: Final = re.compile(rf"(?<![\w^]){_ANYWHERE}")
BOXED: Final = re.compile(r"\\boxed\s?\{((?:[^{}]|\{[^{}]*\})*)\}")
_EQUALS: Final = re.compile(r"[\s()$]*[=≈][\s()$]*")
_OPERATORS: Final = re.compile(r"[\s()$]*[+*/×·^−–-][\s()$]*")
# "I am 95 percent sure", "90% confidence", "Confidence: 0.9".
SURE: Final = re.compile(
    r"\b\d+(?:[.,]\d+)?\s?(?:\\?%|percent|per cent)\s+(?:sure|certain|confident|confidence|certainty)\b"
    r"|\b(?:confiden(?:t|ce)|certainty|sure)\b[^.\n\d]{0,20}\d+(?:\.\d+)?(?:\s?\\?%|\s?percent\b)?",
    re.IGNORECASE,
)
# What a short answer says besides the answer: in brackets, and why or what not.
_ASIDE: Final = re.compile(r"[(\[][^()\[\]]*[)\]]|,?\s+(?:not|since|because|which|instead|rather)\b.*", re.IGNORECASE)
_NOT: Final = re.compile(r"\bnot\W*\Z", re.IGNORECASE)
# Signs that are other characters, or words, and what they mean, in this order.
_WRITTEN: Final = (
    (re.compile(r"\\[dt]?frac\s?(?:\{(\d+)\}|(\d))\s?(?:\{(\d+)\}|(\d))"), r"\1\2/\3\4"),
    (re.compile(r"\{,\}"), ","),
    (re.compile(r"\\[,;: ]"), " "),
    (re.compile(r"(?<=\d)_(?=\d)"), ""),
    (re.compile(r"^(\W*)(?:minus|[-−–])\s+(?=[\d.])", re.IGNORECASE), r"\1-"),
    (re.compile(r"(?<=\d)(?=[½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞])"), " "),
)
_RAISED: Final = re.compile(r"(?<=\d)[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+")
_PARTS: Final = re.compile(r"[½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞]")


@dataclass(frozen=True, slots=True)
class Number:
    """``percent``: it is written as a percentage, and ``value`` is what stands before the sign; ``text``: as it is
    written."""

    value: Fraction
    percent: bool
    text: str


def equal(one: Number | None, other: Number | None) -> bool:
    """Exactly equal. A percentage may be written as a share or without its sign."""
    if one is None or other is None:
        return False
    shares = [each.value / 100 if each.percent else each.value for each in (one, other)]
    return one.value == other.value or shares[0] == shares[1]


def number_of(answer: str) -> Number | None:
    """The number of an answer. In its "Answer:" line, or in what is boxed, there has to be one alone, with its unit and
    what it is worked out from; in prose it is the one after the last "the answer is", else the last. How sure one is
    counts only where there is no other."""
    line = answer_of(answer)
    text = _tidied(answer if line is None else line)
    boxed = BOXED.findall(text)
    text = boxed[-1] if boxed else text
    if line is None and not boxed:
        return _number(meant) if (meant := _meant(_found(text))) is not None else None
    plain = [
        one for one in _found(_ASIDE.sub(" ", text)) or _found(text) if not _NOT.search(one.string, 0, one.start())
    ]
    values = {number.value: number for one in _worked_out(plain) if (number := _number(one)) is not None}
    return values.popitem()[1] if len(values) == 1 else None


def whole(answer: str) -> Number | None:
    """The number that an answer is and nothing else."""
    found = _LOOSE.fullmatch(_tidied(answer.strip()))
    return _number(found) if found else None


def _tidied(text: str) -> str:
    for pattern, meant in _WRITTEN:
        text = pattern.sub(meant, text)
    text = _RAISED.sub(lambda raised: f"^{unicodedata.normalize('NFKC', raised[0])}", text)
    return _PARTS.sub(lambda part: unicodedata.normalize("NFKC", part[0]), text)


def _found(text: str) -> list[re.Match[str]]:
    texts = (SURE.sub(" … ", text), text)
    return next((found for pattern in (_NUMBER, _LOOSE) for one in texts if (found := list(pattern.finditer(one)))), [])


def _meant(numbers: Sequence[re.Match[str]]) -> re.Match[str] | None:
    """The number that is told to be the answer, or what the equation that begins with it comes to; else the last that
    is no part of what was still to be worked out."""
    if at := [place for place, one in enumerate(numbers) if told(one.string, one.start())]:
        return next(_worked_out(numbers[at[-1] :]), numbers[at[-1]])
    return next(iter([*_worked_out(numbers)][::-1]), None)


def _worked_out(numbers: Sequence[re.Match[str]]) -> Iterator[re.Match[str]]:
    """The numbers that stand alone, and what equations come to; of "2+3" nothing."""
    if not numbers:
        return
    terms = [numbers[0]]
    for one, after in pairwise(numbers):
        between = one.string[one.end() : after.start()]
        if _EQUALS.fullmatch(between):
            terms = [after]
        elif _OPERATORS.fullmatch(between):
            terms.append(after)
        else:
            yield from terms if len(terms) == 1 else ()
            terms = [after]
    yield from terms if len(terms) == 1 else ()


def _number(found: re.Match[str]) -> Number | None:
    if len(found[0]) > _LONGEST:
        return None
    power = int((found["e"] or found["ten"] or "0").replace("−", "-")) + _WORDS.get(found["word"] or "", 0)
    if abs(power) > _LONGEST or (under := _fraction(found["under"] or "1")) == 0:
        return None
    over = _fraction(found["over"])
    if found["power"]:
        raised = int(found["power"].replace("−", "-"))
        if (not over and raised < 0) or len(found["over"]) * abs(raised) > _LONGEST:
            return None
        over = Fraction(over**raised)
    value = (int(found["whole"] or "0") + over / under) * Fraction(10) ** power
    return Number(-value if found["sign"] or found["signed"] else value, bool(found["percent"]), found[0].strip())


def _fraction(digits: str) -> Fraction:
    """The number that is written so, whatever stands before its decimals and between its thousands."""
    plain = re.sub(_GAP, "", digits)
    point, comma = plain.rfind("."), plain.rfind(",")
    grouped = re.fullmatch(r"[1-9]\d{0,2}(,\d{3})+", plain)
    if grouped or 0 <= comma < point:
        plain = plain.replace(",", "")
    elif comma >= 0:
        plain = plain.replace(".", "").replace(",", ".")
    elif plain.count(".") > 1:
        plain = plain.replace(".", "")
    return Fraction(plain)
