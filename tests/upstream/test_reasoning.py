"""Reasoning in the content is told from speech, however both are cut."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debate_server.upstream.reasoning import Reasoning

PIECES = st.lists(st.sampled_from(["<think>", "</think>", "<thi", "nk>", "</", "think", " ", "\n", "a", "word", "<"]))


def tell(parts: list[str]) -> tuple[str, bool]:
    """``(the speech, whether there was reasoning)``."""
    reasoning = Reasoning()
    said = "".join(reasoning.feed(part) for part in parts) + reasoning.end()
    return said, reasoning.seen


@pytest.mark.parametrize(
    ("content", "speech", "thought"),
    [
        ("Plain words.", "Plain words.", False),
        ("  \n Plain words. ", "Plain words. ", False),
        ("<think>Hm.</think>Words.", "Words.", True),
        (" \n<think>\nHm.\n</think>\n\n Words.", "Words.", True),
        ("<think>\n\n</think>\n\nWords.", "Words.", False),
        ("<think>One.</think>\n<think>Two.</think> Words.", "Words.", True),
        ("<think>Hm. </thin", "", True),
        ("<think>never closed", "", True),
        ("<think>", "", False),
        ("<think about it>", "<think about it>", False),
        ("<thi", "<thi", False),
        ("Say <think> to think</think>.", "Say <think> to think</think>.", False),
        ("<think>a < b</think>b", "b", True),
        ("<think>a</</think>b", "b", True),
        ("", "", False),
    ],
)
def test_reasoning_is_told_from_speech(content: str, speech: str, thought: bool) -> None:
    assert tell([content]) == (speech, thought)
    assert tell(list(content)) == (speech, thought)


@given(PIECES, st.lists(st.integers(0, 200)))
def test_any_cutting_of_the_content_tells_the_same(pieces: list[str], places: list[int]) -> None:
    content = "".join(pieces)
    ends = sorted({0, len(content), *(place % (len(content) + 1) for place in places)})
    parts = [content[start:end] for start, end in pairwise(ends)]
    assert tell(parts) == tell([content])


@given(PIECES)
def test_words_are_spoken_as_soon_as_they_cannot_be_reasoning(pieces: list[str]) -> None:
    reasoning = Reasoning()
    held = ""
    for piece in pieces:
        said = reasoning.feed(piece)
        held = "" if said else held + piece
    end = reasoning.end()
    assert end == "" or "<think>".startswith(end)
