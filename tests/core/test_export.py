"""A transcript to keep."""

from debate_server.core.events import AgentEnd, AgentStart, DebateStart, Done, Error, Event, Message, Usage
from debate_server.core.export import account, to_markdown
from debate_server.core.transcript import fold

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


def test_a_topic_is_text_in_markdown_and_on_one_line() -> None:
    first = to_markdown(fold(list(enumerate(STORY, 1))), "2026-11-20").splitlines()[0]
    assert first == r"# \# \<b\>Is \*this\* \[safe\](x)?"


def test_the_account_says_up_to_which_event_it_is_true() -> None:
    told = account(fold(list(enumerate(STORY, 1))[:3]), "2026-11-20")
    assert (told.seq, told.status, [speech.content for speech in told.speeches]) == (3, "running", ["It is."])
