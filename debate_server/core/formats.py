"""Formats: data that describes the rounds of a debate, read from TOML and checked.

A format names its agents and its rounds; ``schedule`` lays them out as the turns of one debate. This module knows
nothing of what is said or who says it. An unknown key, a wrong type or an agent that no round knows is a FormatError
that names the file, the key and what was expected.
"""

import string
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from debate_server.core.errors import FormatError

# What a task or a persona may refer to in braces, and a brief task.
PLACEHOLDERS: Final = frozenset({"topic", "words", "others"})
BRIEF_PLACEHOLDERS: Final = frozenset({"topic", "heard"})

Text = Annotated[str, Field(min_length=1, max_length=8000)]
Name = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[^\s\x00-\x1f=@/][^\x00-\x1f=@/]*$")]


class _Checked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Agent(_Checked):
    """A seat in the debate: who speaks, for which side, as whom, and with which model and limits. ``brief``: the
    persona for a model too small for a long one."""

    name: Name
    side: Name
    persona: Text
    brief: Text | None = None
    model: str | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    max_tokens: Annotated[int, Field(ge=16, le=32_768)] = 400


class Round(_Checked):
    """A group of turns. ``repeat``: held as often as the debate's ``rounds`` ask for; ``counts``: it is one of them.
    ``brief``: the task for a small model, by speaker."""

    name: Text
    speakers: Annotated[tuple[str, ...], Field(min_length=1)]
    task: Text
    brief: dict[str, Text] = {}
    repeat: bool = False
    counts: bool = True


class Example(_Checked):
    """A debate held well, to show a small model what is asked of it. ``speeches``: by round, then by speaker."""

    topic: Text
    speeches: dict[str, dict[str, Text]]

    def before(self, title: str, agent: str) -> dict[str, str]:
        """The first words of everyone else who spoke before that agent did in the round of that title."""
        first: dict[str, str] = {}
        for round_, speeches in self.speeches.items():
            for name, text in speeches.items():
                if (round_, name) == (title, agent):
                    return {other: said for other, said in first.items() if other != agent}
                first.setdefault(name, text)
        return first


class Format(_Checked):
    """A format as its file says it. ``rounds`` is how many counted rounds it has unless a start says otherwise."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
    title: Text
    about: Text
    manners: Text
    default_rounds: Annotated[int, Field(ge=1)]
    agents: Annotated[tuple[Agent, ...], Field(min_length=1)]
    rounds: Annotated[tuple[Round, ...], Field(min_length=1)]
    examples: tuple[Example, ...] = ()

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        names = [agent.name for agent in self.agents]
        if len(set(names)) < len(names):
            raise ValueError("agents: two of them have the same name")
        for where, name, expected, what in self._names():
            if name not in expected:
                raise ValueError(f"{where}: {name!r} is no {what}; expected one of: {', '.join(expected)}")
        if sum(round_.repeat for round_ in self.rounds) > 1:
            raise ValueError("rounds: only one of them can have repeat = true")
        if any(round_.repeat and not round_.counts for round_ in self.rounds):
            raise ValueError("rounds: one that repeats must count")
        for where, text, known in self._templates():
            if unknown := _placeholders(where, text) - known:
                named = ", ".join(f"{{{name}}}" for name in sorted(known))
                raise ValueError(f"{where}: unknown {{{min(unknown)}}}; expected: {named}")
        return self

    def _names(self) -> Iterable[tuple[str, str, list[str], str]]:
        """Where a name is referred to, the name, those it may be, and of what."""
        agents = [agent.name for agent in self.agents]
        rounds = [round_.name for round_ in self.rounds]
        for number, round_ in enumerate(self.rounds):
            yield from ((f"rounds[{number}].speakers", speaker, agents, "agent") for speaker in round_.speakers)
            yield from ((f"rounds[{number}].brief", name, list(round_.speakers), "speaker") for name in round_.brief)
        for number, example in enumerate(self.examples):
            for title, speeches in example.speeches.items():
                yield f"examples[{number}].speeches", title, rounds, "round"
                yield from ((f"examples[{number}].speeches.{title}", name, agents, "agent") for name in speeches)

    def _templates(self) -> Iterable[tuple[str, str, frozenset[str]]]:
        """Where a template stands, the template, and what it may refer to."""
        yield "manners", self.manners, PLACEHOLDERS
        for number, agent in enumerate(self.agents):
            yield f"agents[{number}].persona", agent.persona, PLACEHOLDERS
            yield f"agents[{number}].brief", agent.brief or "", PLACEHOLDERS
        for number, round_ in enumerate(self.rounds):
            yield f"rounds[{number}].task", round_.task, PLACEHOLDERS
            for name, text in round_.brief.items():
                yield f"rounds[{number}].brief.{name}", text, BRIEF_PLACEHOLDERS

    @property
    def least_rounds(self) -> int:
        """The fewest counted rounds that this format can be held in."""
        return sum(round_.counts and not round_.repeat for round_ in self.rounds) or 1

    def agent(self, name: str) -> Agent:
        """The agent of that name. Raises KeyError."""
        for agent in self.agents:
            if agent.name == name:
                return agent
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Turn:
    """One scheduled slot to speak. ``number`` and ``round`` count from 1 over the whole debate. ``brief``: the task for
    a small model; None where there is none."""

    number: int
    round: int
    agent: str
    title: str
    task: str
    brief: str | None = None


def schedule(format_: Format, rounds: int) -> tuple[Turn, ...]:
    """The turns of a debate with that many counted rounds, in the order they are spoken.

    Fixed rounds that count come first out of ``rounds``; the one that repeats takes the rest, down to none.
    """
    fixed = sum(round_.counts and not round_.repeat for round_ in format_.rounds)
    held: list[Round] = []
    for round_ in format_.rounds:
        held += [round_] * (max(0, rounds - fixed) if round_.repeat else 1)
    slots = ((number, round_, speaker) for number, round_ in enumerate(held, 1) for speaker in round_.speakers)
    return tuple(
        Turn(turn, number, speaker, round_.name, round_.task, round_.brief.get(speaker))
        for turn, (number, round_, speaker) in enumerate(slots, 1)
    )


def parse(text: str, source: str) -> Format:
    """The format in a TOML text. ``source`` names the file in errors. Raises FormatError."""
    try:
        return Format.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise FormatError(f"{source} is not TOML: {error}.") from None
    except ValidationError as error:
        raise FormatError(f"{source}: {'; '.join(explain(error))}.") from None


def explain(error: ValidationError) -> list[str]:
    """What is wrong, a line each: the key, what was expected, what stands there."""
    lines = []
    for found in error.errors(include_url=False, include_context=False):
        key = ""
        for part in found["loc"]:
            key += f"[{part}]" if isinstance(part, int) else f".{part}" if key else str(part)
        said = found["msg"].removeprefix("Value error, ")
        lines.append(f"{key}: {said[:1].lower()}{said[1:]}" if key else said)
    return lines


def _placeholders(where: str, text: str) -> set[str]:
    try:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    except ValueError as error:
        raise ValueError(f"{where}: {error}; write {{{{ and }}}} for plain braces") from None
