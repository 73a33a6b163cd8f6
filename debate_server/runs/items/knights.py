"""Puzzles of knights, who always tell the truth, and knaves, who always lie (after Raymond Smullyan, "What Is the Name
of This Book?", 1978)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

from debate_server.core.telling.words import listed
from debate_server.runs.items.dice import Dice
from debate_server.runs.items.puzzle import NAMES, Puzzle

_RULES: Final = "Each of them is either a knight, who always tells the truth, or a knave, who always lies."

# Whether each of the people is a knight.
World = Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class _Statement:
    speaker: str
    text: str
    is_true: Callable[[World], bool]


def knights(dice: Dice) -> Puzzle:
    """A puzzle of three people that can be in one world only, of whom one alone is a knight there, or a knave."""
    people = dice.some(NAMES, 3)
    while True:
        said = [dice.one(_statements(speaker, people)) for speaker in people]
        worlds = _worlds(said, people)
        if len(worlds) == 1 and (number := sum(worlds[0].values())) in (1, 2):
            break
    alone, kind = (True, "knight") if number == 1 else (False, "knave")
    [answer] = [name for name, is_knight in worlds[0].items() if is_knight == alone]
    told = " ".join(f'{one.speaker} says: "{one.text}"' for one in said)
    topic = f"You meet {listed(people)}. {_RULES} {told} Which one of them is the {kind}?"
    return Puzzle(topic, answer, "knights", tuple(people))


def _worlds(said: Sequence[_Statement], people: Sequence[str]) -> list[World]:
    """In which the knights tell the truth and the knaves do not."""
    worlds = [dict(zip(people, kinds, strict=True)) for kinds in product((True, False), repeat=len(people))]
    return [world for world in worlds if all(one.is_true(world) == world[one.speaker] for one in said)]


def _statements(speaker: str, people: Sequence[str]) -> list[_Statement]:
    """All that one of three may say."""
    first, second = (name for name in people if name != speaker)
    of_others = [
        _Statement(speaker, f"{first} and {second} are both knights.", lambda world: world[first] and world[second]),
        _Statement(speaker, f"{first} and {second} are of the same kind.", lambda world: world[first] == world[second]),
        _Statement(
            speaker, f"{first} and {second} are of different kinds.", lambda world: world[first] != world[second]
        ),
        _Statement(speaker, f"{first} or {second} is a knave.", lambda world: not (world[first] and world[second])),
        _Statement(speaker, "At least one of us three is a knave.", lambda world: sum(world.values()) < 3),
        _Statement(speaker, "Exactly one of us three is a knight.", lambda world: sum(world.values()) == 1),
        _Statement(speaker, "Exactly one of us three is a knave.", lambda world: sum(world.values()) == 2),
    ]
    return [*of_others, *_about(speaker, first), *_about(speaker, second)]


def _about(speaker: str, other: str) -> list[_Statement]:
    return [
        _Statement(speaker, f"{other} is a knight.", lambda world: world[other]),
        _Statement(speaker, f"{other} is a knave.", lambda world: not world[other]),
        _Statement(speaker, f"{other} and I are of different kinds.", lambda world: world[other] != world[speaker]),
    ]
