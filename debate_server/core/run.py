"""A run: many debates from a file. What is asked for, what one of its debates is in it, and how far it is."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from debate_server.core.events import Usage
from debate_server.core.plan import AgentChange, Asked, Start

# How an answer is scored: as the same words, as the same number, as one of the choices, or by a model.
Scorer = Literal["exact", "number", "choice", "judge"]
# What a debate is in its run: asked for, the baseline beside it, or the marking of another one's answer.
Role = Literal["debate", "baseline", "marking"]

Line = Annotated[str, Field(min_length=1, max_length=300)]
Name = Annotated[str, Field(min_length=1, max_length=2500)]


class Entry(BaseModel):
    """One debate of a run. ``name`` is its own in the run and the same each time; ``item``: what it is about, which
    other entries are about too; ``model``: as it was asked for, empty for the default; ``swapped``: the sides have each
    other's models; ``answer``: the right one, where there is one, and ``score`` how others are held against it;
    ``attempt``: from 1, a failed one may be held again; ``marks``: the name of the entry whose answer is marked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    item: Line
    format: Annotated[str, Field(max_length=100)]
    model: Annotated[str, Field(max_length=400)] = ""
    repeat: Annotated[int, Field(ge=1)] = 1
    swapped: bool = False
    answer: str | None = None
    choices: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    score: Scorer | None = None
    role: Role = "debate"
    attempt: Annotated[int, Field(ge=1)] = 1
    marks: str | None = None

    @property
    def key(self) -> str:
        """What this attempt at it is held under, and no other."""
        return f"{self.attempt}:{self.name}"

    @property
    def next(self) -> "Entry":
        """The same, at its next attempt."""
        return self.model_copy(update={"attempt": self.attempt + 1})


class Run(Asked):
    """What is asked for. The same ``asked`` is the same run. ``source``: the file's name; ``items``: how many it has, 0
    where that is not known, and ``total``: how many debates; ``rounds``: None for each format's own; ``models`` as they
    were asked for; ``addresses``: by name, empty for the default, which models that is, with their endpoints;
    ``agents``: what is changed of seats; ``judges``: models that were named to judge, a tournament's debates or whether
    answers are right; ``budget_usd``: what all of it may cost."""

    example: ClassVar[str] = (
        'JSON such as {"asked": "towns-1", "source": "towns.txt", "total": 2, "formats": ["classic"]}'
    )

    asked: Line
    source: Line
    total: Annotated[int, Field(ge=0)]
    items: Annotated[int, Field(ge=0)] = 0
    kind: Literal["batch", "tournament"] = "batch"
    formats: tuple[str, ...]
    rounds: int | None = None
    models: tuple[str, ...] = ()
    addresses: dict[str, str] = Field(default_factory=dict)
    agents: tuple[AgentChange, ...] = ()
    judges: tuple[str, ...] = ()
    repeat: Annotated[int, Field(ge=1)] = 1
    swap_sides: bool = False
    seed: int | None = None
    score: Scorer | None = None
    budget_usd: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None


class Begin(Asked):
    """A request for a debate of a run: a new one, or one that goes on where ``retries``, an earlier attempt at the same
    entry, was cut."""

    example: ClassVar[str] = (
        'JSON such as {"start": {"topic": "Should cities ban cars?"}, '
        '"entry": {"name": "1/classic", "item": "1", "format": "classic"}}'
    )

    start: Start
    entry: Entry
    retries: str | None = None


@dataclass(frozen=True, slots=True)
class State:
    """A run as far as it is: by state (their reason, once they are done) how many of its ``debates`` were begun, each
    by its last attempt, and what all that was held has cost, earlier attempts and markings too."""

    id: str
    created: str
    run: Run
    debates: dict[str, int]
    usage: Usage

    @property
    def live(self) -> int:
        """How many are not over."""
        return sum(self.debates.get(state, 0) for state in ("queued", "running", "paused"))
