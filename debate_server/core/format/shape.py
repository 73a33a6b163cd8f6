"""Formats: data that describes the rounds of a debate.

A format names its agents, its rounds, when it is over before its time, and how it is decided. ``file`` reads
one from TOML, ``check`` says whether it holds together, ``agenda`` lays its rounds out as the turns of one
debate. This module knows nothing of what is said or who says it.
"""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

MOST_SEATS: Final = 100

_SEAT: Final = r"^[^\s\x00-\x1f=@/][^\x00-\x1f=@/]*$"
_FORMAT: Final = r"^[a-z0-9][a-z0-9-]{0,39}$"
# What these want, in words.
PATTERNS: Final = {
    _SEAT: "expected a name without =, @ and /, that begins with no space",
    _FORMAT: "expected at most 40 lower-case letters, digits and hyphens, the first no hyphen",
}

Text = Annotated[str, Field(min_length=1, max_length=8000)]
Title = Annotated[str, Field(min_length=1, max_length=100)]
Name = Annotated[str, Field(min_length=1, max_length=40, pattern=_SEAT)]
# A file has lists, which strictly are no tuples.
Names = Annotated[tuple[str, ...], Field(min_length=1, max_length=MOST_SEATS, strict=False)]
# What of the debate one is told: all of it, what one's own side said, what was said in the round before, or nothing.
Sight = Literal["everything", "own side", "last round", "nothing"]


class _Checked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, strict=True)


class Agent(_Checked):
    """A seat in the debate: who speaks, for which side, as whom, and with which model and limits. ``brief``: the
    persona for a model too small for a long one. ``count``: so many seats like it, "Name 1", "Name 2", …"""

    name: Name
    side: Name
    persona: Text
    brief: Text | None = None
    model: str | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    max_tokens: Annotated[int, Field(ge=16, le=32_768)] = 400
    count: Annotated[int, Field(ge=1, le=MOST_SEATS)] = 1

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the seats like it."""
        return tuple(f"{self.name} {number + 1}" for number in range(self.count)) if self.count > 1 else (self.name,)


class Round(_Checked):
    """A group of turns, or a vote: it has either ``speakers`` or ``voters``.

    ``together``: its turns run at the same time. ``repeat``: held as often as the debate's ``rounds`` ask for;
    ``counts``: it is one of them. ``sees``: what of the debate each is told. ``candidates`` are those voted on, and
    ``ranked`` says whether a ballot ranks them or names a winner. ``brief``: the task for a small model, by speaker.
    """

    name: Title
    task: Text
    speakers: Names | None = None
    voters: Names | None = None
    candidates: Names | None = None
    ranked: bool = False
    together: bool = False
    sees: Sight = "everything"
    brief: dict[str, Text] = {}
    repeat: bool = False
    counts: bool = True

    @property
    def counted(self) -> bool:
        """Whether it is one of the rounds that a debate is asked for; a vote never is."""
        return self.counts and self.speakers is not None


class Stop(_Checked):
    """When the rounds that repeat are over before their number is: when all who spoke in the last round gave the same
    answer, or when the vote of that ``round`` has a winner."""

    when: Literal["agreement", "decided"]
    round: str | None = None


class Decision(_Checked):
    """How a debate is decided.

    ``panel``: by the ballots of ``round``. ``vote``: by the answers that the speeches of ``round`` end with, or by its
    ballots; where there is a vote ``before`` the debate, by who won more voters over. ``ranking``: by the rankings of
    ``round``. ``chair``: nobody wins. ``answer``: the round whose one speech is the debate's answer.
    """

    by: Literal["panel", "vote", "ranking", "chair"]
    round: str | None = None
    before: str | None = None
    answer: str | None = None


class ExampleBallot(_Checked):
    """Whom a judge names, and why."""

    winner: Name
    reason: Text


class Example(_Checked):
    """A debate held well, to show a small model what is asked of it. ``speeches``: by round, then by speaker;
    ``ballots``: by the round in which they are cast."""

    topic: Text
    speeches: dict[str, dict[str, Text]]
    ballots: dict[str, ExampleBallot] = {}

    def before(self, title: str, agent: str) -> dict[str, str]:
        """The first words of everyone else who spoke before that agent did in the round of that title."""
        first: dict[str, str] = {}
        for round_, speeches in self.speeches.items():
            for name, text in speeches.items():
                if (round_, name) == (title, agent):
                    return {other: said for other, said in first.items() if other != agent}
                if text not in first.values():  # seats that are alike have one example
                    first.setdefault(name, text)
        return first


class Format(_Checked):
    """A format as its file says it. ``rounds`` is how many counted rounds it has unless a start says otherwise."""

    name: Annotated[str, Field(pattern=_FORMAT)]
    title: Title
    about: Text
    manners: Text
    default_rounds: Annotated[int, Field(ge=1, le=100)] = 1
    agents: Annotated[tuple[Agent, ...], Field(min_length=1, max_length=MOST_SEATS, strict=False)]
    rounds: Annotated[tuple[Round, ...], Field(min_length=1, max_length=100, strict=False)]
    stop: Stop | None = None
    decision: Decision | None = None
    examples: Annotated[tuple[Example, ...], Field(strict=False)] = ()

    @property
    def answers(self) -> bool:
        """Whether its debates come to an answer, and not only to a winner or to nothing."""
        if self.decision is None:
            return False
        round_ = self.round(self.decision.round)
        return self.decision.answer is not None or (round_ is not None and round_.speakers is not None)

    @property
    def fixed_rounds(self) -> int:
        """How many counted rounds are held once, whatever is asked for."""
        return sum(round_.counted and not round_.repeat for round_ in self.rounds)

    @property
    def repeats(self) -> bool:
        """Whether it can be held in more rounds than it must be."""
        return any(round_.repeat for round_ in self.rounds)

    @property
    def least_rounds(self) -> int:
        """The fewest counted rounds that this format can be held in."""
        return self.fixed_rounds or 1

    def agent(self, name: str) -> Agent:
        """The agent of that name. Raises KeyError."""
        for agent in self.agents:
            if agent.name == name:
                return agent
        raise KeyError(name)

    def round(self, name: str | None) -> Round | None:
        """The round of that name."""
        return next((round_ for round_ in self.rounds if round_.name == name), None)

    def seated(self) -> "Format":
        """The format with a seat of its own for each of those that ``count`` speaks of."""
        names: dict[str, tuple[str, ...]] = {seat: (seat,) for agent in self.agents for seat in agent.names}
        names |= {agent.name: agent.names for agent in self.agents}
        agents = tuple(
            agent.model_copy(update={"name": name, "count": 1}) for agent in self.agents for name in agent.names
        )
        return self.model_copy(
            update={
                "agents": agents,
                "rounds": tuple(round_.model_copy(update=_seated(round_, names)) for round_ in self.rounds),
                "examples": tuple(
                    example.model_copy(
                        update={"speeches": {title: _spread(said, names) for title, said in example.speeches.items()}}
                    )
                    for example in self.examples
                ),
            }
        )


def _seated(round_: Round, names: Mapping[str, tuple[str, ...]]) -> dict[str, object]:
    listed = {"speakers": round_.speakers, "voters": round_.voters, "candidates": round_.candidates}
    update: dict[str, object] = {
        key: tuple(seat for name in found for seat in names[name]) for key, found in listed.items() if found is not None
    }
    return update | {"brief": _spread(round_.brief, names)}


def _spread(texts: Mapping[str, str], names: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """The texts by seat: what is said of one of several goes before what is said of all."""
    by_reach = sorted(texts.items(), key=lambda text: -len(names[text[0]]))
    return {seat: text for name, text in by_reach for seat in names[name]}
