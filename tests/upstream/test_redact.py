"""No key, whole or in part, gets through; what else was said does."""

import html
import json
from base64 import b64encode
from urllib import parse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debate_server.upstream.redact import HIDDEN, MAX_TEXT, holds, quote, redact

KEY = "sk-proj-4f9QxZ81TtYpW0sLmN7e"
# Keys of some gateways, with all that has to be written otherwise somewhere.
ODD = 'q7+m/Rb&4W"zK\\1<p=='


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


def base64(text: str) -> str:
    return b64encode(text.encode()).decode()


ENCODED = {
    "JSON": json.dumps(ODD),
    "JSON in JSON": json.dumps(json.dumps(ODD)),
    "PHP's JSON": ODD.replace("\\", "\\\\").replace("/", "\\/"),
    ".NET's JSON": ODD.replace("\\", "\\\\").replace("+", "\\u002B").replace("&", "\\u0026").replace('"', "\\u0022"),
    "an address": parse.quote(ODD, safe=""),
    "an address in small letters": parse.quote(ODD, safe="").lower(),
    "an address in an address": parse.quote(parse.quote(ODD, safe=""), safe=""),
    "a page": html.escape(ODD),
    "a page in numbers": ODD.replace("&", "&#38;").replace("+", "&#43;").replace("/", "&#x2F;"),
    "Basic, without a user": base64(f":{ODD}"),
    "Basic, with a user": base64(f"u1:{ODD}"),
    "Bearer in base64": base64(f"Bearer {ODD}"),
    "base64": base64(ODD),
    "base64 for addresses": base64(ODD).replace("+", "-").replace("/", "_"),
}


@pytest.mark.parametrize("said", ENCODED.values(), ids=ENCODED.keys())
def test_a_key_is_hidden_in_every_spelling_that_servers_echo(said: str) -> None:
    shown = redact(f"Refused: <{said}>, sorry", ODD)
    assert shown.startswith("Refused: <")
    assert HIDDEN in shown
    assert [said[i : i + 4] for i in range(8, len(said) - 8) if said[i : i + 4] in shown] == []
    assert holds(f"x{said}y", ODD)


@pytest.mark.parametrize(("name", "key"), [("lm-studio", "lm-studio"), ("qwen3:4b", "4b"), ("qwen3:4b", KEY)])
def test_a_name_does_not_hold_a_key_that_is_a_word_or_another(name: str, key: str) -> None:
    assert not holds(name, key)


def test_a_key_of_nothing_but_signs_takes_no_time() -> None:
    assert not holds("\\" * 4000, "\\" * 40 + "1")


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=60), st.text(), st.text())
def test_no_key_survives_any_surroundings(key: str, before: str, after: str) -> None:
    assert key not in quote(f"{before} {key} {after}", key) or key in HIDDEN


def test_a_quote_is_one_short_printable_line() -> None:
    shown = quote("first\nsecond\r\n\tthird\x00\x1b[31m \u2028 " + "long " * 1000, None)
    assert shown.startswith("first second third")
    assert len(shown) == MAX_TEXT
    assert shown.isprintable()
