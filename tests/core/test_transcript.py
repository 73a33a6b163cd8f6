"""The transcript is a fold: what it holds, and that it does not matter where one stops and goes on."""

import copy

from hypothesis import given
from hypothesis import strategies as st

from debate_server.core.events import (
    AgentEnd,
    AgentError,
    AgentStart,
    DebateStart,
    Done,
    Event,
    Message,
    Paused,
    Resumed,
    Seat,
    Thinking,
    Token,
    Usage,
)
from debate_server.core.transcript import Transcript, fold

STORY: list[Event] = [
    DebateStart("d", "Topic", "classic", 1, (Seat("Optimist", "for", "m"), Seat("Skeptic", "against", "m"))),
    AgentStart("Optimist", 1, 1, 1),
    Token("Optimist", 1, "Void "),
    AgentError("Optimist", 1, 1, 1, "interrupted", "The server was stopped.", True),
    AgentStart("Optimist", 1, 1, 2),
    Thinking("Optimist", 1),
    Token("Optimist", 1, "Yes "),
    Token("Optimist", 1, "indeed."),
    Message("m1", "Why?", "Skeptic", 1),
    AgentEnd("Optimist", 1, 1, "Yes indeed.", "stop", Usage(10, 2, 0.5), 100),
    Paused("person"),
    Resumed("person"),
    AgentStart("Skeptic", 2, 1, 1),
    Token("Skeptic", 2, "No"),
    AgentEnd("Skeptic", 2, 1, "No", "cut_off", Usage(20, 1, None, True), 50),
    Done("completed", Usage(30, 3, 0.5, True)),
]


def numbered(events: list[Event]) -> list[tuple[int, Event]]:
    return list(enumerate(events, 1))


def test_a_debate_folds_into_its_speeches() -> None:
    transcript = fold(numbered(STORY))
    assert [(s.agent, s.content, s.finish_reason) for s in transcript.speeches.values()] == [
        ("Optimist", "Yes indeed.", "stop"),
        ("Skeptic", "No", "cut_off"),
    ]
    assert (transcript.status, transcript.reason, transcript.seq) == ("done", "completed", len(STORY))
    assert transcript.usage == Usage(30, 3, 0.5, True)


def test_the_tokens_of_a_void_attempt_are_gone() -> None:
    transcript = fold(numbered(STORY[:4]))
    assert not transcript.speeches
    assert transcript.attempts == {1: 1}
    assert not transcript.ended(1)


def test_a_speech_underway_is_open_and_has_its_tokens() -> None:
    transcript = fold(numbered(STORY[:8]))
    assert [(speech.agent, speech.content, speech.thinking) for speech in transcript.open] == [
        ("Optimist", "Yes indeed.", True)
    ]


def test_a_message_is_kept_with_its_place() -> None:
    (said,) = fold(numbered(STORY)).messages
    assert (said.content, said.to, said.after_turn) == ("Why?", "Skeptic", 1)


@given(st.integers(0, len(STORY)))
def test_any_prefix_and_then_the_rest_is_the_whole(cut: int) -> None:
    transcript = Transcript()
    for seq, event in numbered(STORY)[:cut]:
        transcript.apply(seq, event)
    later = copy.deepcopy(transcript)
    for seq, event in numbered(STORY)[cut:]:
        later.apply(seq, event)
    assert later == fold(numbered(STORY))
