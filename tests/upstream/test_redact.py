"""No key, whole or in part, gets through; what else was said does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debate_server.upstream.redact import HIDDEN, MAX_TEXT, quote, redact

KEY = "sk-proj-4f9QxZ81TtYpW0sLmN7e"


@pytest.mark.parametrize(
    "said",
    [
        f"Incorrect API key provided: {KEY}. You can find yours at https://x.example.",
        f"bad key '{KEY}'",
        f"Bearer {KEY}",
        f'{{"key":"{KEY}"}}',
        f"prefix{KEY}suffix",
        KEY.upper(),
        "Incorrect API key provided: sk-proj-********************mN7e.",
        "key sk-pr...mN7e is not known",
        "key ************mN7e",
        "key sk-…",
        f"cut off: {KEY[:14]}",
        f"cut off: {KEY[9:]}",
    ],
)
def test_a_key_is_hidden_whole_and_in_part(said: str) -> None:
    shown = redact(said, KEY)
    assert HIDDEN in shown
    assert [KEY[i : i + 4] for i in range(3, len(KEY) - 3) if KEY[i : i + 4].lower() in shown.lower()] == []


def test_another_key_that_looks_like_one_is_hidden_too() -> None:
    assert redact("Incorrect API key provided: sk-other-123456", None) == f"Incorrect API key provided: {HIDDEN}"


def test_what_is_no_key_stays() -> None:
    said = "The model 'llama3.1:8b' was not found, try pulling it first (https://ollama.com) ..."
    assert redact(said, KEY) == said


@pytest.mark.parametrize("key", ["ollama", "x", "none"])
def test_a_key_that_is_a_plain_word_hides_only_that_word(key: str) -> None:
    assert redact("examples of ollamas and nonesuch", key) == "examples of ollamas and nonesuch"
    assert redact(f"bad key {key}.", key) == f"bad key {HIDDEN}"


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=60), st.text(), st.text())
def test_no_key_survives_any_surroundings(key: str, before: str, after: str) -> None:
    assert key not in quote(f"{before} {key} {after}", key) or key in HIDDEN


def test_a_quote_is_one_short_printable_line() -> None:
    shown = quote("first\nsecond\r\n\tthird\x00\x1b[31m \u2028 " + "long " * 1000, None)
    assert shown.startswith("first second third")
    assert len(shown) == MAX_TEXT
    assert shown.isprintable()
