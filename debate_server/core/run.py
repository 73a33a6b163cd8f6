"""A run: many debates from a file. What it is, and what one of its debates is in it."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

# How an answer is scored: as the same words, as the same number, as one of the choices, or by a model.
Scorer = Literal["exact", "number", "choice", "judge"]
# What a debate is in its run: asked for, the baseline beside it, or the marking of another one's answer.
Role = Literal["debate", "baseline", "marking"]

Line = Annotated[str, Field(min_length=1, max_length=300)]


class _Checked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Entry(_Checked):
    """One debate of a run. ``name`` is its own in the run and the same each time; ``item``: what it is about, which
    other entries are about too; ``model``: as it was asked for, empty for the default; ``swapped``: the sides have each
    other's models; ``answer``: the right one, where there is one; ``attempt``: from 1, a failed one may be held again;
    ``marks``: the name of the entry whose answer is marked."""

    name: Line
    item: Line
    format: Annotated[str, Field(max_length=100)]
    model: Annotated[str, Field(max_length=400)] = ""
    repeat: Annotated[int, Field(ge=1)] = 1
    swapped: bool = False
    answer: str | None = None
    choices: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    role: Role = "debate"
    attempt: Annotated[int, Field(ge=1)] = 1
    marks: str | None = None


class Run(_Checked):
    """What is asked for. The same ``asked`` is the same run. ``source``: the file's name; ``total``: how many debates
    it has; ``models`` as they were asked for; ``budget_usd``: what all of it may cost."""

    asked: Line
    source: Line
    total: Annotated[int, Field(ge=0)]
    kind: Literal["batch", "tournament"] = "batch"
    formats: tuple[str, ...]
    models: tuple[str, ...] = ()
    repeat: int = 1
    swap_sides: bool = False
    seed: int | None = None
    score: Scorer | None = None
    budget_usd: float | None = None
