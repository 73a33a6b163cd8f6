"""Marking: a model says whether a debate's answer comes to the right one, in a debate of its own in the same run."""

import re
import tomllib
from importlib.resources import files
from typing import Final

from debate_server.core.answer.line import answer_of
from debate_server.core.plan import Start
from debate_server.core.run import Entry
from debate_server.core.transcript import Transcript
from debate_server.runs.orders.naming import marking_of
from debate_server.runs.orders.product import Planned, with_model

NAME: Final = "marking"
_SEATS: Final = [("Marker", "alone")]
# Characters of a question, a right answer and an answer that was given. An answer's end is what it comes to.
QUESTION: Final = 900
RIGHT: Final = 200
GIVEN: Final = 700
# "No" is none of it where it says that there is no such thing: "no difference", but not "no, it does not".
_MARK: Final = re.compile(r"\byes\b|\bno\b(?!\s+(?!(?:it|they|he|she|the|this|that)\b)\w)", re.IGNORECASE)


class Marking:
    """Marks are given by ``model``, empty for the default one."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._format = tomllib.loads(files(__package__).joinpath(f"{NAME}.toml").read_text("utf-8"))

    def of(self, one: Planned, said: Transcript) -> Planned | None:
        """The debate that marks that one's answer; None where there is none to mark."""
        answer = said.verdict.answer if said.verdict is not None else None
        return self._planned(one, answer) if answer else None

    def longest(self, one: Planned) -> Planned:
        """A marking of that one's answer as long as one may be, to tell what it may cost."""
        return self._planned(one, "x" * GIVEN)

    def _planned(self, one: Planned, answer: str) -> Planned:
        entry = Entry(
            name=marking_of(one.entry.name), item=one.entry.item, format=NAME, model=self._model, role="marking",
            marks=one.entry.name,
        )  # fmt: skip
        topic = (
            f"Question: {one.start.topic[:QUESTION]}\nRight answer: {(one.entry.answer or '')[:RIGHT]}\n"
            f"Given answer: {answer[-GIVEN:]}"
        )
        return Planned(entry, Start(topic=topic, format=self._format, agents=with_model((), self._model, _SEATS)))


def read(said: Transcript) -> bool | None:
    """Whether the answer that was marked is right; None where the marker did not say. What counts is the line that
    begins with "Answer:", else all that it said, where only one of yes and no is in it."""
    answer = said.verdict.answer if said.verdict is not None else None
    given = {mark[0].casefold() for mark in _MARK.finditer(answer_of(answer or "") or answer or "")}
    return given == {"yes"} if len(given) == 1 else None
