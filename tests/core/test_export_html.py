"""A debate as one HTML file: everything said is in it as text, and it fetches and runs nothing."""

import re
from html.parser import HTMLParser

import pytest

from debate_server.core.events import (
    AgentEnd,
    AgentStart,
    Ballot,
    DebateStart,
    Done,
    Event,
    Message,
    Quote,
    Seat,
    Usage,
    Verdict,
)
from debate_server.core.telling.export_html import to_html
from debate_server.core.transcript import fold
from tests.core.test_export import VOTED
from tests.emphasis import EMPHASIS

SEATS = (Seat("Optimist", "for", "m"), Seat("Skeptic", "against", "m"), Seat("Moderator", "chair", "m"))
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"


class Read(HTMLParser):
    """What a browser would find: tags, addresses and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data

    def values(self, *names: str) -> list[str | None]:
        return [value for name, value in self.attributes if name in names]


def debate(*speeches: str, topic: str = "Ready?") -> list[Event]:
    """One round, each agent in its turn."""
    story: list[Event] = [DebateStart("d", topic, "classic", 1, SEATS)]
    for turn, said in enumerate(speeches, 1):
        seat, round_ = SEATS[(turn - 1) % 3], 2 if turn == 3 else 1
        story += [AgentStart(seat.name, turn, round_, 1), AgentEnd(seat.name, turn, round_, said, "stop", Usage(), 1)]
    return story


def html(*story: Event) -> str:
    return to_html(fold(list(enumerate(story, 1))), "2026-11-20T09:00:00.000Z")


def test_everything_is_in_it_in_the_order_in_which_it_was_said() -> None:
    story = debate("Yes, **we** are.", "No.", "Perhaps.")
    story[3:3] = [Message("m", "Really?\nHow?", "Skeptic", 1)]
    verdict = Verdict("Optimist", None, 0.7, {"Optimist": "We are."}, (), True, "Ready enough.")
    read = Read(html(*story, verdict, Done("completed", Usage())))
    parts = [
        "Ready?", "2026-11-20", "Round 1", "Optimist", "Yes, ", "we", "to Skeptic", "Really?", "No.", "The decision",
        "Perhaps.", "Verdict", "Ready enough.", "We are.", "held to its end",
    ]  # fmt: skip
    at = 0
    for part in parts:
        at = read.text.index(part, at)
    assert "strong" in read.tags
    assert [value for value in read.values("id") if value] == ["t1", "t2", "t3"]


def test_votes_stand_where_they_were_held_with_what_was_not_said_struck_out() -> None:
    text = html(*VOTED)
    read = Read(text)
    at = 0
    for part in (
        "Vote before",
        "(order Bob, Ann): a tie.",
        "Round 1",
        "Ann",
        "It is so.",
        "Bob",
        "Really?",
        "Vote after",
        "Ann, 0.66",
        "Never",
        "not found",
        "no vote. It is prose.",
        "The decision",
        "Tea it is.",
        "Verdict",
        "Ann wins",
        "decided otherwise",
        "held to its end",
        "≈ 1,204 tokens in",
    ):
        at = read.text.index(part, at)
    assert "<s><q>Never</q></s> not found" in text
    assert text.count("<section") == text.count("</section>")
    assert read.text.count("Tea it is.") == 1


def test_markup_of_others_is_text() -> None:
    story = debate(HOSTILE, topic=HOSTILE)
    quote = Quote(HOSTILE, 1)
    vote = Ballot(HOSTILE, "m", HOSTILE, 1, (HOSTILE,), HOSTILE, None, HOSTILE, (quote, quote), Usage())
    verdict = Verdict(None, HOSTILE + "!", None, {HOSTILE: HOSTILE}, (), True, HOSTILE + "?")
    read = Read(html(*story, Message("m", HOSTILE, None, 1), vote, verdict))
    assert not {"script", "img", "iframe"} & set(read.tags)
    # Title, headline, speech and message; of a ballot judge, vote, order, winner, reason and quotes; of a verdict all.
    assert read.text.count("alert(1)") == read.text.count("onerror=alert(2)") == 4 + 7 + 4
    assert not [name for name, _ in read.attributes if name.startswith("on")]


@pytest.mark.parametrize(
    ("words", "links"),
    [
        ("[a](https://example.org/x)",      ["https://example.org/x"]),
        ("<mailto:a@example.org>",          ["mailto:a@example.org"]),
        ("[a](javascript:alert(1))",        []),
        ("[a](JaVaScRiPt:alert(1))",        []),
        ("[a](data:text/html,x)",           []),
        ("[a](//evil.example)",             []),
        ("[a](https:evil.example)",         []),
        ("[a](https:////evil.example)",     []),
        ("[a](https://evil.example%2fx)",   []),
        ("![a](https://example.org/x.png)", ["https://example.org/x.png"]),
        ("[a]: vbscript:x\n\n[a]",          []),
    ],
)  # fmt: skip
def test_only_addresses_of_the_web_and_of_mail_are_linked_and_images_become_links(words: str, links: list[str]) -> None:
    read = Read(html(*debate(words)))
    assert read.values("href", "src", "srcset", "data") == links


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("[a](https://example.org/x)",                   "a (example.org)"),
        ("[a *b*](https://Example.org:80/)",             "a b (example.org:80)"),
        ("[Example.org](https://example.org/x)",         "Example.org"),
        ("<https://example.org/x>",                      "https://example.org/x"),
        ("[https://bank.example](https://evil.example)", "https://bank.example (evil.example)"),
        ("<https://bank.example@evil.example>",          "https://bank.example@evil.example (evil.example)"),
        ("[me](mailto:a@example.org?subject=x)",         "me (a@example.org)"),
        ("<a@example.org>",                              "a@example.org"),
    ],
)  # fmt: skip
def test_a_link_says_where_it_leads(words: str, shown: str) -> None:
    assert f">{shown}<" in re.sub(r"</?(?:em|bdi)>", "", html(*debate(words)))


def test_a_speech_that_is_not_over_and_one_that_was_cut_say_so() -> None:
    story = debate("Yes.")
    cut = [AgentStart("Skeptic", 2, 1, 1), AgentEnd("Skeptic", 2, 1, "It is n", "cut_off", Usage(), 1)]
    assert "cut off here" in Read(html(*story, *cut)).text
    assert "still going on" in Read(html(*story)).text


def test_messages_before_the_first_speech_and_a_debate_without_any_are_well_formed() -> None:
    start = debate()
    for story in (start, [*start, Message("m", "Begin!", None)]):
        text = html(*story)
        assert text.count("<section") == text.count("</section>")
    assert "Begin!" in text


@pytest.mark.parametrize(("words", "shown"), EMPHASIS.items())
def test_asterisks_are_emphasis_where_a_reader_takes_them_for_it_and_not_in_products(words: str, shown: str) -> None:
    assert f'<p dir="auto">{shown}</p>' in html(*debate(words))
