"""What a judge is told: the record, in as many tokens as its model has, whatever its format says beside it."""

from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from debate_server.core.agenda import Item, agenda
from debate_server.core.chat import count_chat
from debate_server.core.format.shape import Format
from debate_server.core.judging.prompt import build
from debate_server.core.judging.sheet import Sheet
from debate_server.core.prompts import Prompt
from debate_server.core.transcript import Speech, Transcript
from debate_server.formats import Formats

SHIPPED: Final = Formats().get("judge-only")
LONG: Final = "Weigh {topic} with care. " * 300


def transcript(*contents: str, topic: str = "Tea?") -> Transcript:
    names = ("Affirmative", "Negative")
    spoken = [
        Speech(names[number % 2], number + 1, number // 2 + 1, 1, content, finish_reason="stop")
        for number, content in enumerate(contents)
    ]
    return Transcript(topic=topic, speeches={speech.turn: speech for speech in spoken})


def format_with(persona: str, task: str) -> Format:
    """The format, with these for its judge, the brief ones too."""
    agents = [
        agent.model_copy(update={"persona": persona, "brief": persona}) if agent.name == "Judge" else agent
        for agent in SHIPPED.agents
    ]
    rounds = [
        round_.model_copy(update={"task": task, "brief": {"Judge": task}}) if round_.voters else round_
        for round_ in SHIPPED.rounds
    ]
    return SHIPPED.model_copy(update={"agents": tuple(agents), "rounds": tuple(rounds)})


def told(format_: Format, said: Transcript, context: int, *, brief: bool = False) -> Prompt:
    item: Item = agenda(format_, 3)[-1]
    return build(format_, format_.agent("Judge"), Sheet(item, item.about.candidates or ()), said, context, brief=brief)


words = st.text(st.sampled_from("abc ,.\nß漢🙂"), max_size=400)
long_words = st.builds(lambda part, times: part * times, words, st.integers(0, 60))


@pytest.mark.parametrize("brief", [False, True])
@pytest.mark.parametrize("context", [1024, 2048, 8192])
@settings(deadline=None, max_examples=15)
@given(contents=st.lists(long_words, max_size=6), topic=long_words, persona=long_words, task=long_words)
def test_prompt_and_ballot_never_pass_the_context(
    context: int, brief: bool, contents: list[str], topic: str, persona: str, task: str
) -> None:
    prompt = told(format_with(persona, task), transcript(*contents, topic=topic), context, brief=brief)
    assert count_chat(prompt.messages) + prompt.max_tokens <= context


@pytest.mark.parametrize("brief", [False, True])
def test_a_long_persona_and_a_long_task_leave_room_for_the_record(brief: bool) -> None:
    said = transcript("Tea wakes gently. " * 90, "Coffee wakes at once. " * 90, topic="Why? " * 400)
    prompt = told(format_with(LONG, LONG), said, 2048, brief=brief)
    assert count_chat(prompt.messages) + prompt.max_tokens <= 2048
    shown = prompt.messages[-1].content
    assert "Speaker A: Tea wakes gently." in shown
    assert "Speaker B: Coffee wakes at once." in shown
    assert "Weigh Why? Why?" in shown
    assert brief or '"winner": A, B or tie' in shown


def test_a_small_model_is_shown_a_ballot_where_there_is_room_for_one() -> None:
    said = transcript("Tea wakes gently.", "Coffee wakes at once.")
    roles = [message.role for message in told(SHIPPED, said, 2048, brief=True).messages]
    assert roles == ["system", *["user", "assistant"] * len(SHIPPED.examples), "user"]
    assert len(told(SHIPPED, said, 256, brief=True).messages) == 2
