"""A transcript to keep."""

from typing import Any

import pytest

from debate_server.core.events import (
    AgentEnd,
    AgentStart,
    Ballot,
    DebateStart,
    Done,
    Error,
    Event,
    Message,
    Quote,
    Usage,
    Verdict,
)
from debate_server.core.telling.export import account, to_markdown
from debate_server.core.telling.words import cost_of
from debate_server.core.transcript import Transcript, fold

STORY: list[Event] = [
    DebateStart("d", "# <b>Is *this*\n[safe](x)?", "classic", 1, ()),
    AgentStart("Optimist", 1, 1, 1),
    AgentEnd("Optimist", 1, 1, "It is.", "stop", Usage(3, 2), 10),
    Message("m1", "Really?", None, 1),
    AgentStart("Skeptic", 2, 1, 1),
    AgentEnd("Skeptic", 2, 1, "It is n", "cut_off", Usage(3, 2), 10),
    Error("upstream_refused", "The key was refused."),
    Done("failed", Usage(6, 4)),
]


def test_markdown_reads_in_the_order_in_which_things_were_said() -> None:
    text = to_markdown(fold(list(enumerate(STORY, 1))), "2026-11-20T09:00:00.000Z")
    places = [
        text.index(part) for part in ("## Round 1", "It is.", "Really?", "It is n", "cut off here", "key was refused")
    ]
    assert places == sorted(places)


def speech(agent: str, turn: int, round_: int, said: str) -> list[Event]:
    return [AgentStart(agent, turn, round_, 1, 1), AgentEnd(agent, turn, round_, said, "stop", Usage(), 1, 1)]


def ballot(title: str, round_: int, winner: str | None, **more: Any) -> Ballot:
    told = {"margin": None, "reason": "", "quotes": ()} | more
    return Ballot("Cat", "m", title, round_, ("Bob", "Ann"), winner, usage=Usage(), **told)


ANSWER = "I have weighed it.\n\nTea it is."
QUOTES = (Quote("It is so", 1), Quote("Never", None))
# The speeches of the first round run at the same time, and the second of them is over first.
VOTED: list[Event] = [
    DebateStart("d", "Tea?", "small", 1, ()),
    ballot("Vote before", 0, "tie"),
    *speech("Bob", 2, 1, "Not I."),
    *speech("Ann", 1, 1, "It is so."),
    Message("m1", "Really?", None, 2),
    ballot("Vote after", 1, "Ann", margin=0.66, reason="She *answered*.", quotes=QUOTES),
    ballot("Vote after", 1, None, problem="It is prose."),
    *speech("Chair", 3, 2, ANSWER),
    Verdict("Ann", ANSWER, 0.7, {"Ann": "It is so"}, (2,), False, "Ann wins: 1 of 2 votes."),
    Done("completed", Usage(1204, 310, 0.0021, estimated=True)),
]


def told(story: list[Event]) -> Transcript:
    return fold(list(enumerate(story, 1)))


def test_lanes_votes_and_verdict_are_in_their_order_with_what_it_cost() -> None:
    text = to_markdown(told(VOTED), "2026-11-20")
    at = 0
    for part in (
        "### Vote before",
        "- **Cat** (order Bob, Ann): a tie.\n",
        "## Round 1",
        "### Ann",
        "### Bob",
        "Really?",
        "### Vote after",
        "- **Cat** (order Bob, Ann): Ann, 0.66. She \\*answered\\*.\n  - “It is so”\n  - ~~“Never”~~ not found\n",
        "- **Cat** (order Bob, Ann): no vote. It is prose.\n",
        "## The decision",
        "### Chair",
        "Tea it is.",
        "## Verdict\n\nAnn wins: 1 of 2 votes.\n\nA judge decided otherwise",
        "- **Ann:** “It is so”",
        "held to its end",
        "*≈ 1,204 tokens in, 310 out, ≈ $0.0021*",
    ):
        at = text.index(part, at)
    assert text.count("Tea it is.") == 1


@pytest.mark.parametrize("summary", ["Tea it is.", "I have weighed …"])
def test_a_verdict_that_says_what_was_said_is_not_told_again(summary: str) -> None:
    verdict = Verdict(None, ANSWER, None, {}, (), True, summary)
    assert "## Verdict" not in to_markdown(told([VOTED[0], *speech("Chair", 1, 1, ANSWER), verdict]), "2026-11-20")


def test_the_account_has_speeches_by_turn() -> None:
    assert [speech.turn for speech in account(told(VOTED), "2026-11-20").speeches] == [1, 2, 3]


@pytest.mark.parametrize(
    ("usage", "said"),
    [
        (Usage(), "0 tokens in, 0 out, cost —"),
        (Usage(12, 3, 0.0), "12 tokens in, 3 out, $0.00"),
        (Usage(12, 3, 0.00001), "12 tokens in, 3 out, < $0.0001"),
        (Usage(12, 3, 1.5), "12 tokens in, 3 out, $1.50"),
        (Usage(1_200_000, 3, None, estimated=True), "≈ 1,200,000 tokens in, 3 out, cost —"),
    ],
)
def test_a_cost_is_told_as_far_as_it_is_known(usage: Usage, said: str) -> None:
    assert cost_of(usage) == said


def test_a_topic_is_text_in_markdown_and_on_one_line() -> None:
    first = to_markdown(fold(list(enumerate(STORY, 1))), "2026-11-20").splitlines()[0]
    assert first == r"# \# \<b\>Is \*this\* \[safe\](x)?"


def test_the_account_says_up_to_which_event_it_is_true() -> None:
    told = account(fold(list(enumerate(STORY, 1))[:3]), "2026-11-20")
    assert (told.seq, told.status, [speech.content for speech in told.speeches]) == (3, "running", ["It is."])


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("4*25, 2**3 and (1+1)*(2)",       r"4\*25, 2\*\*3 and (1+1)\*(2)"),
        ("**4** is *2*, **U**niversal",    "**4** is *2*, **U**niversal"),
        (r"2\*3 and 2 * 3",                r"2\*3 and 2 * 3"),
        ("`2*3` ``2*`3*4`` 5*6",           r"`2*3` ``2*`3*4`` 5\*6"),
        ("```\n2*3\n```\n2*3\n\n    4*5", "```\n2*3\n```\n2\\*3\n\n    4*5"),
        ("See https://a.org/2*3: 2*3",     r"See https://a.org/2*3: 2\*3"),
        ("`2*3*4",                         "`2*3*4"),
    ],
)  # fmt: skip
def test_products_are_text_in_markdown_and_code_is_as_it_was_said(said: str, told: str) -> None:
    text = to_markdown(fold(list(enumerate([STORY[0], *speech("Ann", 1, 1, said)], 1))), "2026-11-20")
    assert f"### Ann\n\n{told}\n" in text
