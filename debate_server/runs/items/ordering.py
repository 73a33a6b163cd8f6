"""Puzzles of an order: people are compared by twos, and one asks who comes first, last or between."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Final

from debate_server.core.telling.words import listed
from debate_server.runs.items.dice import Dice
from debate_server.runs.items.puzzle import NAMES, Puzzle

# What people differ in, how two of them are compared, and who is so more, or less, than all others.
_THEMES: Final = (
    ("heights", "taller", "shorter", "tallest", "shortest"),
    ("ages", "older", "younger", "oldest", "youngest"),
    ("weights", "heavier", "lighter", "heaviest", "lightest"),
)
_PLACES: Final = ("", "second ", "third ")


@dataclass(frozen=True, slots=True)
class _Clue:
    """``high`` comes before ``low``."""

    high: str
    low: str
    text: str


def ordering(dice: Dice) -> Puzzle:
    """A puzzle of four or five people, whose clues all are needed and leave one answer."""
    people = dice.some(NAMES, 4 + dice.below(2))
    differ, more, less, most, least = dice.one(_THEMES)
    order, place = dice.shuffled(people), dice.below(len(people))
    clues = []
    for index, high in enumerate(order):
        for low in order[index + 1 :]:
            text = dice.one((f"{high} is {more} than {low}.", f"{low} is {less} than {high}."))
            clues.append(_Clue(high, low, text))
    told = " ".join(clue.text for clue in _needed(dice.shuffled(clues), people, place))
    behind = len(people) - 1 - place
    asked = f"{_PLACES[place]}{most}" if place <= behind else f"{_PLACES[behind]}{least}"
    topic = f"{listed(people)} are of different {differ}. {told} Who is the {asked} of them?"
    return Puzzle(topic, order[place], "ordering", tuple(people))


def _needed(clues: Sequence[_Clue], people: Sequence[str], place: int) -> list[_Clue]:
    """Those without any of which that place could be another one's."""
    kept = list(clues)
    for clue in clues:
        fewer = [other for other in kept if other is not clue]
        if len(_answers(fewer, people, place)) == 1:
            kept = fewer
    return kept


def _answers(clues: Sequence[_Clue], people: Sequence[str], place: int) -> set[str]:
    """Who may come in that place, over all orders that there are."""
    return {
        order[place]
        for order in permutations(people)
        if all(order.index(clue.high) < order.index(clue.low) for clue in clues)
    }
