"""What a ballot says: a judge's answer, read with care.

Nothing of it is taken on trust: an answer that does not fit is no ballot, and words that it gives as said are looked
for where they should have been.
"""

import re
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from debate_server.core.events import Quote
from debate_server.core.explain import explain
from debate_server.core.judging.counting import TIE
from debate_server.core.judging.sheet import MARGINS, Sheet
from debate_server.core.transcript import Transcript

# Characters of a reason or a quotation that are kept.
LONGEST: Final = 2000
# A quotation of fewer words, and of fewer characters, proves nothing.
LEAST_WORDS: Final = 3
LEAST_CHARACTERS: Final = 12
_SAME: Final = str.maketrans({"“": '"', "”": '"', "’": "'", "‘": "'", "–": "-", "—": "-", "…": " "})


class Unreadable(ValueError):
    """What a judge answered is no ballot; the message says why."""


class _Answer(BaseModel):
    model_config = ConfigDict(str_strip_whitespace=True)

    reason: str
    quotes: tuple[str, ...] = ()


class _Winner(_Answer):
    winner: str | None
    margin: Annotated[float, Field(ge=0, le=MARGINS)]


class _Ranking(_Answer):
    ranking: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a ballot says, in the names of the agents. ``margin`` from 0 to 1; a ranking has none."""

    winner: str
    reason: str
    quotes: tuple[Quote, ...]
    margin: float | None = None
    ranking: tuple[str, ...] | None = None


def read(text: str, sheet: Sheet, said: Transcript) -> Reading:
    """What a judge's answer says. Raises Unreadable."""
    begin, end = text.find("{"), text.rfind("}")
    if begin < 0 or end < begin:
        raise Unreadable("It broke off." if begin >= 0 > end else "It answered in prose.")
    kind: type[_Winner | _Ranking] = _Ranking if sheet.item.about.ranked else _Winner
    try:
        answer = kind.model_validate_json(text[begin : end + 1])
    except ValidationError as error:
        raise Unreadable(f"It did not answer as it was asked to ({explain(error)[0]}).") from None
    names = {letter: name for name, letter in sheet.letters.items()}
    reason, quotes = sheet.name(answer.reason[:LONGEST]), _found(answer.quotes, sheet, said)
    if isinstance(answer, _Ranking):
        ranking = tuple(names.get(_bare(label), "") for label in answer.ranking)
        if sorted(ranking) != sorted(sheet.order):
            raise Unreadable("It did not rank each of them once.")
        return Reading(ranking[0], reason, quotes, ranking=ranking)
    if (winner := _bare(answer.winner or "")) == TIE.upper():
        return Reading(TIE, reason, quotes, 0.0)
    if winner not in names:
        raise Unreadable("It voted for nobody.")
    return Reading(names[winner], reason, quotes, answer.margin / MARGINS)


def _bare(label: str) -> str:
    return label.strip().upper().removeprefix("SPEAKER").strip(" .:\"'")


def _found(quotes: tuple[str, ...], sheet: Sheet, said: Transcript) -> tuple[Quote, ...]:
    """The quotations, each with the turn in which its words were said."""
    speeches = {speech.turn: _plain(sheet.hide(speech.content)) for speech in sheet.speeches(said)}

    def turn(quote: str) -> int | None:
        words = _plain(sheet.hide(quote))
        if len(words.split()) < LEAST_WORDS and len(words) < LEAST_CHARACTERS:  # which are in any speech
            return None
        exact = re.compile(rf"(?<!\w){re.escape(words)}(?!\w)")
        return next((number for number, content in speeches.items() if exact.search(content)), None)

    told = [quote[:LONGEST] for quote in quotes if quote][: 2 * len(sheet.order)]
    return tuple(Quote(sheet.name(quote), turn(quote)) for quote in told)


def _plain(text: str) -> str:
    """What a quotation and the words quoted have in common: no case, no line ends, no marks around."""
    return " ".join(text.translate(_SAME).casefold().split()).strip(" \"'.,;:-*_[]()")
