"""Marking: a model says whether an answer comes to the right one."""

import pytest

from debate_server.core.events import Verdict
from debate_server.core.plan import Start, plan
from debate_server.core.run import Entry
from debate_server.core.transcript import Transcript
from debate_server.engine.estimate import limits
from debate_server.formats import Formats
from debate_server.runs.orders.product import Planned
from debate_server.runs.scoring.marking import GIVEN, QUESTION, RIGHT, Marking, read
from debate_server.settings import Settings

ONE = Planned(
    Entry(name="i/single", item="i", format="single", answer="Paris", score="judge"), Start(topic="Which town?")
)


def said(answer: str | None) -> Transcript:
    return Transcript(topic="Which town?", verdict=Verdict(None, answer, None, {}, (), True, ""))


def test_what_is_marked_is_in_the_topic_and_the_marker_is_the_model() -> None:
    marking = Marking("m").of(ONE, said("It is the city of light."))
    assert marking is not None
    assert (marking.entry.role, marking.entry.marks, marking.entry.name) == ("marking", "i/single", "i/single/marking")
    for words in ("Which town?", "Paris", "It is the city of light."):
        assert words in marking.start.topic
    assert [(change.name, change.model) for change in marking.start.agents] == [("Marker", "m")]


@pytest.mark.parametrize("answer", [None, ""])
def test_where_there_is_no_answer_there_is_nothing_to_mark(answer: str | None) -> None:
    assert Marking("").of(ONE, said(answer)) is None
    assert Marking("").of(ONE, Transcript()) is None


def test_the_longest_question_and_answers_can_be_marked_and_an_answers_end_counts() -> None:
    long = Planned(ONE.entry.model_copy(update={"answer": "r" * 999}), Start(topic="q" * 9999))
    marking = Marking("").of(long, said("a" * 9999 + " so 42"))
    assert marking is not None
    settings, formats = Settings(), Formats("")
    held = plan(marking.start, formats.of(marking.start.format), limits(settings), detached=True)
    assert held.topic.endswith(" so 42")
    assert len(Marking("").longest(long).start.topic) >= len(held.topic) > QUESTION + RIGHT + GIVEN


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        ("It is the same town.\nAnswer: yes", True), ("Answer: No.", False), ("Answer: **Yes**", True),
        ("Answer: perhaps", None), ("It is.", None), ("", None), (None, None),
        ("Yes, it does.", True), ("No, it does not.", False), ("No it does not", False), ("The answer is yes.", True),
        ("**Answer:** Yes.", True), ("The given answer names Paris.\n\n**Yes**", True), ("Answer: Yes, it does.", True),
        ("Yes. Both name (B), and there is no difference.", True), ("It has no unit, but yes.", True),
        ("Yes, it says the same.\nAnswer: no", False), ("Answer: yes or no", None), ("Yes and no.", None),
        ("Nobody knows, yesterday or now.", None), ("No unit is given.", None), ("B", None),
    ],
)  # fmt: skip
def test_a_mark_is_yes_or_no(answer: str | None, right: bool | None) -> None:
    assert read(said(answer)) is right
