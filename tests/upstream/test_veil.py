"""The key among a model's words is hidden, however they are cut, and nothing else is touched."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debate_server.upstream.redact import HIDDEN
from debate_server.upstream.veil import Veil

KEY = "sk-4f9QxZ81TtYp"
# Keys that begin as they go on, or as what stands for them ends.
KEYS = st.sampled_from([KEY, "ssssssk1", "abab1aba2", "]key1[key", "1111111111"])
SOME = [KEY, KEY[:5], KEY[:-1], KEY[1:], "s", "sk", "ss", "words", " ", "ab", "abab1", "1", "aba2", "]key", "1[key"]


def told(parts: list[str], key: str | None = KEY) -> str:
    veil = Veil(key)
    return "".join([*map(veil.feed, parts), veil.end()])


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("Plain words.",                        "Plain words."),
        (f"Incorrect API key: {KEY}. Sorry.",   f"Incorrect API key: {HIDDEN}. Sorry."),
        (KEY,                                   HIDDEN),
        (f"{KEY}{KEY} and {KEY}",               f"{HIDDEN}{HIDDEN} and {HIDDEN}"),
        (f"ss{KEY}s",                           f"ss{HIDDEN}s"),
        (f"{KEY[:6]}{KEY}",                     f"{KEY[:6]}{HIDDEN}"),
        (f"{KEY[:6]} is how it begins",         f"{KEY[:6]} is how it begins"),
        ("It is what it is",                    "It is what it is"),
        ("It ends as the key begins: sk-4f",    "It ends as the key begins: sk-4f"),
        (f"It is cut in the key: {KEY[:-2]}",   f"It is cut in the key: {HIDDEN}"),
        ("",                                    ""),
    ],
)  # fmt: skip
def test_the_key_is_hidden_and_all_else_is_let_through(words: str, shown: str) -> None:
    assert told([words]) == shown
    assert told(list(words)) == shown


@given(KEYS, st.lists(st.sampled_from(SOME)), st.lists(st.integers(0, 200)))
def test_any_cutting_of_the_words_shows_the_same(key: str, pieces: list[str], places: list[int]) -> None:
    words = "".join(pieces)
    ends = sorted({0, len(words), *(place % (len(words) + 1) for place in places)})
    shown = told([words[start:end] for start, end in pairwise(ends)], key)
    assert shown == told([words], key)
    assert shown.removesuffix(HIDDEN).startswith(words.replace(key, HIDDEN)[: -len(key)])


@given(st.lists(st.sampled_from(SOME)))
def test_only_what_may_be_the_keys_beginning_is_held_back(pieces: list[str]) -> None:
    veil = Veil(KEY)
    came = shown = ""
    for piece in pieces:
        came += piece
        shown += veil.feed(piece)
        held = came.replace(KEY, HIDDEN).removeprefix(shown)
        assert KEY.startswith(held)
        assert held != KEY


@pytest.mark.parametrize("key", [None, "", "x", "ollama", "anything", "lm-studio", "not-needed"])
def test_a_key_that_may_be_a_word_is_let_be(key: str | None) -> None:
    words = f"Say {key} to anything that is not-needed, x."
    assert told([words], key) == words
    assert told(list(words), key) == words
