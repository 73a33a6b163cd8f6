"""The wire form of every event, against a golden file that the page's reducer is checked by too; and sums of usage."""

from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from debate_server.core.events import (
    EVENTS,
    AgentEnd,
    AgentError,
    AgentStart,
    Ballot,
    DebateStart,
    Done,
    Error,
    Event,
    Message,
    Paused,
    Quote,
    Resumed,
    Seat,
    Thinking,
    Token,
    Usage,
    Verdict,
    decode,
    encode,
)
from debate_server.core.money.price import Price

GOLDEN = Path(__file__).with_name("events.golden.ndjson")
SEATS = (Seat("Optimist", "for", "m1"), Seat("Skeptic", "against", "m2"), Seat("Moderator", "chair", "m1"))
USAGE = Usage(120, 45, None, False)
EXAMPLES: list[Event] = [
    DebateStart("wrm28v2rhn4w", "Should AI be regulated?", "classic", 2, SEATS),
    DebateStart("k2", "Should AI be regulated?", "classic", 2, SEATS, "wrm28v2rhn4w", 17),
    DebateStart("k3", "Tea", "council", 1, (Seat("A", "member", "m1", Price(0.15, 0.6)),), warnings=("One model.",)),
    AgentStart("Optimist", 1, 1, 1),
    AgentStart("Skeptic", 2, 1, 1, 1),
    Thinking("Optimist", 1),
    Token("Optimist", 1, 'Yes.\u2028 "Quite", it\u0085 said\n\u2029'),
    AgentError("Optimist", 1, 1, 1, "upstream_stalled", "It went silent.", True),
    AgentError("Skeptic", 2, 1, 1, "interrupted", "The server was ended.", True, 1, Usage(0, 9, None, True)),
    AgentEnd("Optimist", 1, 1, "Yes.", "stop", USAGE, 1500),
    Message("m1", "What of costs?", None),
    Message("m2", "And you?", "Skeptic", 2),
    Paused("person"),
    Resumed("person"),
    Ballot(
        "Moderator",
        "m1",
        "Judgement",
        2,
        ("Optimist", "Skeptic"),
        "Optimist",
        0.5,
        "It answered.",
        (Quote("Yes.", 1), Quote("No.", None)),
        USAGE,
    ),
    Ballot("Moderator", "m1", "Judgement", 2, ("Skeptic", "Optimist"), None, None, "", (), USAGE, problem="Prose."),
    Ballot("Skeptic", "m2", "Ranking", 1, ("A", "B"), "B", None, "", (), USAGE, ranking=("B", "A")),
    Verdict("tie", None, 0.5, {"Optimist": "Yes."}, (12,), False, "Too close to call."),
    Error("upstream_refused", "The key was refused."),
    Done("completed", Usage(120, 45, 0.25, True)),
]


def test_the_wire_form_is_the_golden_one() -> None:
    lines = [encode(event, seq, "2026-11-20T09:00:00.000Z") for seq, event in enumerate(EXAMPLES, 1)]
    assert b"\n".join(lines).decode() + "\n" == GOLDEN.read_text(encoding="utf-8")


def test_every_event_type_has_an_example() -> None:
    assert {type(event) for event in EXAMPLES} == set(EVENTS.values())


@pytest.mark.parametrize("event", EXAMPLES, ids=lambda event: event.type)
def test_what_is_encoded_decodes_to_the_same(event: Event) -> None:
    assert decode(encode(event, 7, "now")) == (7, event)


def test_an_unknown_type_is_no_event_and_unknown_fields_are_ignored() -> None:
    assert decode(b'{"type":"applause","seq":3}') is None
    assert decode(b'{"type":"paused","seq":3,"by":"x","mood":"good"}') == (3, Paused("x"))


@pytest.mark.parametrize("line", [b"[]", b"{}", b'{"type":"token","seq":1}', b'{"type":"paused","seq":"1","by":"x"}'])
def test_what_is_no_event_is_a_value_error(line: bytes) -> None:
    with pytest.raises(ValueError, match="event"):
        decode(line)


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_no_text_breaks_out_of_its_line(text: str) -> None:
    line = encode(Token("Optimist", 1, text), 1, "")
    assert len(line.decode().splitlines()) == 1
    assert orjson.loads(line)["content"] == text


def test_no_event_has_a_field_named_error() -> None:
    # The openai client raises on a top-level "error".
    assert not any("error" in orjson.loads(encode(event, 1, "")) for event in EXAMPLES)


@pytest.mark.parametrize(
    ("first", "second", "both"),
    [
        (Usage(10, 2, 0.5), Usage(20, 3, 0.25, True), Usage(30, 5, 0.75, True)),
        (Usage(10, 2, 0.0), Usage(20, 3, 0.0), Usage(30, 5, 0.0)),
        (Usage(10, 2, 0.5), Usage(20, 0), Usage(30, 2)),
        (Usage(0, 2), Usage(20, 3, 0.5), Usage(20, 5)),
        (Usage(), Usage(20, 3, 0.5), Usage(20, 3, 0.5)),
        (Usage(), Usage(20, 3), Usage(20, 3)),
        (Usage(), Usage(), Usage()),
    ],
)
def test_a_sum_costs_what_is_known_only_where_all_of_it_is(first: Usage, second: Usage, both: Usage) -> None:
    assert first + second == second + first == both


USAGES = st.builds(Usage, st.integers(0, 9), st.integers(0, 9), st.none() | st.integers(0, 9).map(float), st.booleans())


@given(USAGES, USAGES, USAGES)
def test_in_whichever_order_usage_is_summed_it_comes_to_the_same(a: Usage, b: Usage, c: Usage) -> None:
    assert (a + b) + c == a + (b + c)
