"""Marks: whether an answer that was no debate's last is right."""

from dataclasses import dataclass

from debate_server.core.answer.line import answer_of
from debate_server.core.answer.same import same
from debate_server.core.run import Scorer
from debate_server.runs.result import Result
from debate_server.runs.scoring.score import correct


@dataclass(frozen=True, slots=True)
class Question:
    """What an answer is held against."""

    item: str
    kind: Scorer
    expected: str
    choices: tuple[str, ...]


class Marks:
    """Tells it by the words where words tell it, else by what a model said of the same answer to the same item."""

    def __init__(self) -> None:
        self._marked: dict[tuple[str, str], bool] = {}
        self._told: dict[tuple[Question, str], bool | None] = {}

    def learn(self, result: Result) -> None:
        """Take in whether the answer of a result is right, where a model has said so. What was once marked as wrong is
        wrong: so the order of the results makes no difference."""
        if result.scored == "judge" and result.correct is not None and result.answer is not None:
            key = result.item, same(short(result.answer) or "")
            self._marked[key] = self._marked.get(key, True) and result.correct

    def right(self, question: Question, answer: str | None) -> bool | None:
        """Whether it is right; None where nobody has said so. No answer is a wrong one."""
        if answer is None:
            return False
        key = question, answer
        if key not in self._told:
            self._told[key] = correct(question.kind, answer, question.expected, question.choices)
        told = self._told[key]
        return self._marked.get((question.item, same(answer))) if told is None else told


def short(answer: str) -> str | None:
    """What a speech that is an answer comes to: what it says after "Answer:", else all of it; None for no words."""
    return answer_of(answer) or answer or None
