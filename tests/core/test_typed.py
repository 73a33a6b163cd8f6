"""A debate typed out: however turns that run at the same time interleave, it reads as if they had spoken in turn."""

from hypothesis import given
from hypothesis import strategies as st

from debate_server.core.events import (
    AgentEnd,
    AgentError,
    AgentStart,
    Ballot,
    DebateStart,
    Done,
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
)
from debate_server.core.telling.lanes import Lanes
from debate_server.core.telling.typed import Typed

NAMES = ("Ann", "Bob", "Cat", "Dan")
START = DebateStart("d", "Ready?", "small", 1, tuple(Seat(name, "member", "m") for name in NAMES))
DONE = Done("completed", Usage())


def typed(*events: Event) -> str:
    typing = Typed()
    return "".join(map(typing, events))


def lane(turn: int, *words: str, group: int | None = 1, fails: int = 0, gives_up: bool = False) -> list[Event]:
    """One turn of a group that begins with turn 1: it fails so often, and then speaks, or not."""
    agent, events = NAMES[turn - 1], list[Event]()
    for attempt in range(1, fails + 1 + gives_up):
        events.append(AgentStart(agent, turn, 1, attempt, group))
        retrying = attempt <= fails
        events.append(AgentError(agent, turn, 1, attempt, "upstream_busy", f"Busy {turn}.", retrying, group))
    if not gives_up:
        events += [AgentStart(agent, turn, 1, fails + 1, group), Thinking(agent, turn)]
        events += [Token(agent, turn, word) for word in words]
        events.append(AgentEnd(agent, turn, 1, "".join(words), "stop", Usage(), 1, group))
    return events


lanes = st.lists(
    st.tuples(st.lists(st.sampled_from(["yes ", "no ", "\n", "maybe "]), max_size=5), st.integers(0, 2), st.booleans()),
    min_size=1,
    max_size=len(NAMES),
).map(lambda told: [lane(n, *words, fails=f, gives_up=g) for n, (words, f, g) in enumerate(told, 1)])


@given(lanes, st.data())
def test_the_text_is_the_same_however_lanes_interleave(told: list[list[Event]], data: st.DataObject) -> None:
    apart = [event for one in told for event in one]
    left, mixed = [list(one) for one in told], list[Event]()
    while any(left):
        one = data.draw(st.sampled_from([one for one in left if one]))
        mixed.append(one.pop(0))
    after = [*lane(4, "And so on.", group=None), DONE]
    assert typed(START, *mixed, *after) == typed(START, *apart, *after)
    held = Lanes()
    assert sorted(map(repr, apart)) == sorted(repr(due) for event in mixed for due in held(event))


def test_one_lane_is_typed_live_and_the_next_as_soon_as_it_is_over() -> None:
    typing = Typed()
    first, second = lane(1, "I say ", "this."), lane(2, "And ", "I ", "that.")
    told = [
        typing(event) for event in (first[0], second[0], *second[1:3], first[2], second[3], *first[3:], *second[4:])
    ]
    assert told == [
        "\nAnn\n", "", "", "", "I say ", "", "this.", "\n\nBob\n[Bob is thinking] And I ", "that.", "\n",
    ]  # fmt: skip


def test_a_lane_that_begins_late_is_waited_for() -> None:
    first, second, third = lane(1, "One."), lane(2, "Two."), lane(3, "Three.")
    assert typed(*third, *first, *second) == typed(*first, *second, *third)


def test_a_lane_that_never_begins_holds_nothing_back_for_good() -> None:
    text = typed(START, *lane(1, "One."), *lane(3, "Three."), Paused("person"), DONE)
    assert text == typed(START, *lane(1, "One."), *lane(3, "Three.", group=None), Paused("person"), DONE)


def test_a_lane_that_is_left_open_holds_nothing_back_for_good() -> None:
    first, second = lane(1, "One."), lane(2, "Two.")
    text = typed(first[0], second[0], Paused("person"), *second[1:])
    assert text == "\nAnn\n\nBob\n\nThe debate was paused.\n[Bob is thinking] Two.\n"


def test_what_begins_in_the_middle_of_several_turns_loses_nothing_of_the_rest() -> None:
    events = [Token("Bob", 2, "b"), Token("Ann", 1, "a"), Token("Bob", 2, "b"), *lane(2)[-1:], *lane(1)[-1:]]
    assert typed(*events) == "\nBob\nbb\n\nAnn\na\n"


def test_a_message_stands_between_speeches_and_not_in_one() -> None:
    message = Message("m", "Really?", "Ann", 2)
    first, second = lane(1, "One."), lane(2, "Two.")
    mixed = [first[0], second[0], first[1], message, *first[2:], *second[1:]]
    assert typed(*mixed) == typed(*first, *second, message)
    assert typed(second[0], message, *first, *second[1:]) == typed(*first, *second, message)
    alone = lane(1, "One.", group=None)
    asked = Message("m", "Really?", None, 1)
    assert typed(*alone[:2], asked, *alone[2:]) == typed(*alone, asked)
    assert typed(Message("m", "Begin!", None, 0)) == "\nA person in the audience: Begin!\n"


def ballot(order: tuple[str, ...], winner: str | None, **more: object) -> Ballot:
    told: dict[str, object] = {"margin": None, "reason": "", "quotes": ()} | more
    return Ballot("Cat", "m", "Judgement", 1, order, winner, usage=Usage(), **told)  # type: ignore[arg-type]


def test_ballots_and_the_verdict_are_typed() -> None:
    quotes = (Quote("I say\nso", 1), Quote("Never said", None))
    text = typed(
        ballot(("Bob", "Ann"), "Ann", margin=0.7, reason="She answered.", quotes=quotes),
        ballot(("Ann", "Bob"), "tie", margin=0.0, reason="Close."),
        ballot(("Ann", "Bob"), None, problem="It is prose."),
        ballot(("Ann", "Bob"), "Bob", ranking=("Bob", "Ann")),
        Verdict("Ann", "Yes, with care.", 0.7, {}, (1, 2), False, "Ann wins: 1 of 2 votes."),
        DONE,
    )
    assert text == (
        "\nJudgement\n"
        "Cat (order Bob, Ann): Ann, 0.7. She answered.\n  “I say so”\n  “Never said” [not found]\n"
        "Cat (order Ann, Bob): a tie. Close.\n"
        "Cat (order Ann, Bob): no vote. It is prose.\n"
        "Cat (order Ann, Bob): Bob, Ann.\n"
        "\nThe verdict\nAnn wins: 1 of 2 votes.\n\nYes, with care.\n"
        "\nA judge decided otherwise when those it judged were shown in another order.\n"
        "\nThe debate was held to its end.\n"
    )


def test_an_answer_that_was_just_spoken_is_not_typed_again() -> None:
    spoken = lane(1, "It depends.\n\n", "Yes, ", "with care.", group=None)
    answer = "It depends.\n\nYes, with care."
    ranked = Verdict("Bob", answer, 0.6, {}, (), True, "Bob is ranked best.")
    assert typed(*spoken, ranked) == typed(*spoken) + "\nThe verdict\nBob is ranked best.\n"
    assert typed(*spoken, Verdict(None, answer, None, {}, (), True, "Yes, with care.")) == typed(*spoken)


def test_warnings_forks_pauses_and_what_more_there_is_to_say_of_the_end() -> None:
    start = DebateStart("d", "Ready?", "small", 1, (Seat("Ann", "for", "m"),), "p", 7, ("One model judges itself.",))
    text = typed(start, Paused("person"), Resumed("person"), Done("stopped", Usage(), "Nobody was watching any more."))
    assert text == (
        "Ready?\nsmall, m, a fork of p\nOne model judges itself.\n\nThe debate was paused.\n\nIt goes on.\n"
        "\nThe debate was stopped here. Nobody was watching any more.\n"
    )


def test_no_text_of_others_commands_a_terminal() -> None:
    bad = "a\x1b[31m\x9bb"
    seat = Seat(bad, "for", bad)
    quote = ballot((bad,), bad, reason=bad, quotes=(Quote(bad, None),))
    text = typed(
        DebateStart("d", bad, "f", 1, (seat,), None, None, (bad,)), quote,
        Verdict(None, bad, None, {}, (), True, bad + "!"), Done("failed", Usage(), bad),
    )  # fmt: skip
    assert not {"\x1b", "\x9b"} & set(text)
    assert text.count("a[31mb") == 9
