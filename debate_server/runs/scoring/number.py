"""The number that an answer gives, however it is written, and whether two are the same one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Final

from debate_server.core.judging.counting import answer_of
from debate_server.runs.scoring.told import BEFORE, TOLD

# A number of more characters, or of more zeros than this, is none that anybody means.
_LONGEST: Final = 400

_GAP: Final = r"[ \u00a0\u2009\u202f'’]"
# 1,234.5 · 1 234,5 · 1.234,5 · 1.234.567 · 3,14 · 72.0 · .5, the more special ones first.
_DIGITS: Final = (
    rf"[1-9]\d{{0,2}}(?:(?:,\d{{3}})+(?!\d)(?:\.\d+)?|(?:{_GAP}\d{{3}})+(?!\d)(?:[.,]\d+)?"
    r"|(?:\.\d{3})+,\d+|(?:\.\d{3}){2,}(?![.\d]))"
    r"|(?<!\d,)\d+,\d+(?!,?\d)|\d+(?:\.\d+)?|(?<!\d)\.\d+"
)
_NUMBER: Final = re.compile(
    rf"(?P<sign>(?<![\w)\]}}%])[-−–])?[$€£¥]?(?P<signed>(?<=[$€£¥])[-−–])?"
    rf"(?:(?P<whole>\d+) (?=\d+[/⁄]))?(?P<over>{_DIGITS})"
    rf"(?:\s?[/⁄]\s?(?P<under>{_DIGITS})|[eE](?P<e>[-+−]?\d+)(?!\w)"
    r"|\s?(?:[x×*·]|\\times|\\cdot)\s?10\s?(?:\^|\*\*)\s?\{?(?P<ten>[-+−]?\d+)\}?)?"
    r"(?P<percent>\s?\\?%|\spercent\b)?(?:\s?[€£¥$])?"
)
# "I am 95 percent sure", "90% confidence", "Confidence: 0.9".
_SURE: Final = re.compile(
    r"\b\d+(?:[.,]\d+)?\s?(?:\\?%|percent|per cent)\s+(?:sure|certain|confident|confidence|certainty)\b"
    r"|\b(?:confiden(?:t|ce)|certainty|sure)\b[^.\n\d]{0,20}\d+(?:\.\d+)?(?:\s?\\?%|\s?percent\b)?",
    re.IGNORECASE,
)
_OPERATORS: Final = re.compile(r"[\s+*/×·^()$=−–-]*")
_BOXED: Final = re.compile(r"\\boxed\s?\{((?:[^{}]|\{[^{}]*\})*)\}")
_FRACTION: Final = re.compile(r"\\[dt]?frac\{(\d+)\}\{(\d+)\}")


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
    """The number that comes after the last "the answer is", else the last one: of its "Answer:" line, or of what is
    boxed in it, where there is one. How sure one is counts only where there is no other."""
    text = answer_of(answer) or answer
    boxed = _BOXED.findall(text)
    text = _FRACTION.sub(r"\1/\2", boxed[-1] if boxed else text).replace("{,}", ",").replace(r"\,", " ")
    numbers = list(_NUMBER.finditer(_SURE.sub(" … ", text))) or list(_NUMBER.finditer(text))
    if not numbers or len((last := _meant(numbers))[0]) > _LONGEST:
        return None
    power = int((last["e"] or last["ten"] or "0").replace("−", "-"))
    if abs(power) > _LONGEST or (under := _fraction(last["under"] or "1")) == 0:
        return None
    value = (int(last["whole"] or "0") + _fraction(last["over"]) / under) * Fraction(10) ** power
    return Number(-value if last["sign"] or last["signed"] else value, bool(last["percent"]), last[0].strip())


def is_number(answer: str) -> bool:
    """Whether it is a number and nothing else."""
    return _NUMBER.fullmatch(answer.strip()) is not None and number_of(answer) is not None


def _meant(numbers: Sequence[re.Match[str]]) -> re.Match[str]:
    """The number that is told to be the answer, or what the equation that begins with it comes to; else the last."""
    told = [at for at, one in enumerate(numbers) if TOLD.search(one.string[max(0, one.start() - BEFORE) : one.start()])]
    if not told:
        return numbers[-1]
    meant = numbers[told[-1]]
    for one, after in pairwise(numbers[told[-1] :]):
        between = one.string[one.end() : after.start()]
        if not _OPERATORS.fullmatch(between):
            break
        if "=" in between:
            meant = after
    return meant


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
