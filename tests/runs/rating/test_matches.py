"""Matches: what of a debate is one, and the table of them."""

import csv
import io
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from debate_server.core.errors import InvalidRequest
from debate_server.core.events import Seat
from debate_server.runs.rating.matches import Match, match, read, write
from tests.runs.results import met, votes

TIES = {"", "tie", "draw", "tie (bothbad)", "both_bad"}
cells = st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" "), max_size=20).map(str.strip)
players = st.lists(cells.filter(lambda name: name.casefold() not in TIES), min_size=2, max_size=2, unique=True)
some = st.builds(
    lambda pair, *rest: Match(*pair, *rest), players, st.sampled_from(("first", "second", "tie")),
    cells, st.sampled_from(("for", "against", "")), cells, cells, cells,
)  # fmt: skip


def table(text: str) -> list[Match]:
    return list(read(io.StringIO(text)))


@pytest.mark.parametrize(
    ("winner", "swapped", "told"),
    [
        ("Pro", False, Match("A", "B", "first", side="for")),
        ("Con", False, Match("A", "B", "second", side="for")),
        ("tie", False, Match("A", "B", "tie", side="for")),
        ("Pro", True, Match("B", "A", "second", side="against")),
        ("Con", True, Match("B", "A", "first", side="against")),
    ],
)
def test_a_debate_of_two_models_is_a_match(winner: str, swapped: bool, told: Match) -> None:
    held = met("x", ("A", "B"), winner, swapped=swapped, votes=votes("J", ["Pro", "Pro"], model="judge-model"))
    assert match(held) == replace(told, topic="About x", judge="judge-model", format="judge-only", debate="d")


def test_both_debates_of_a_swap_name_the_two_in_one_order() -> None:
    straight, swapped = match(met("x", ("A", "B"), "Pro")), match(met("x", ("B", "A"), "Con", swapped=True))
    assert straight is not None
    assert swapped is not None
    assert (swapped.first, swapped.second, swapped.winner) == (straight.first, straight.second, straight.winner)


def test_one_model_at_two_endpoints_is_two_by_the_names_of_a_tournament() -> None:
    here, there = "m@http://a/v1", "m@http://b/v1"
    held = replace(met("x", ("m", "m"), "Pro"), model=f"{here} vs {there}")
    for swapped, winner in ((False, "first"), (True, "second")):
        told = match(replace(held, swapped=swapped))
        assert told is not None
        assert (told.first, told.second, told.winner) == (here, there, winner)
    assert match(replace(held, model=f"{here} vs {here}")) is None
    assert match(replace(held, model=here)) is None


def test_what_two_models_did_not_decide_is_no_match() -> None:
    assert match(met("x", ("A", "A"), "Pro")) is None
    assert match(met("x", ("A", "B"), None)) is None
    assert match(met("x", ("A", "B"), "Pro", status="failed")) is None
    assert match(met("x", ("A", "B"), "Judge")) is None
    mixed = met("x", ("A", "B"), "Pro")
    assert match(replace(mixed, agents=(*mixed.agents, Seat("Colleague", "for", "C")))) is None
    assert match(replace(mixed, agents=(*mixed.agents, Seat("Colleague", "for", "A")), winner="Colleague")) is not None


@settings(deadline=None)
@given(st.lists(some, min_size=1, max_size=10))
def test_a_table_that_was_written_is_read_as_it_was(matches: list[Match]) -> None:
    file = io.StringIO()
    write(matches, file)
    assert table(file.getvalue()) == matches


@pytest.mark.parametrize("topic", ['=HYPERLINK("http://x")', "'=1+1", "''@x", "-1+2", "'quoted'", "-5", "+3.5", "-"])
def test_a_topic_is_no_formula_and_is_read_as_it_was(topic: str) -> None:
    file = io.StringIO()
    write([Match("=a", "b", "first", topic)], file)
    [row] = csv.DictReader(io.StringIO(file.getvalue()))
    assert row["first"] == row["winner"] == "'=a"
    assert not row["topic"].startswith("=")
    assert table(file.getvalue()) == [Match("=a", "b", "first", topic)]


def test_a_table_of_anyones_is_read() -> None:
    told = table(
        "note, Winner ,second,first\r\n"
        '"a, b",gpt,llama,gpt\r\n'
        "\r\n"
        "x,TIE,llama,gpt\r\n"
        "x,Draw,llama,gpt\r\n"
        "x,Second,llama,gpt\r\n"
        "x,first,llama,gpt\r\n"
        "x,llama ,llama, gpt\r\n"
    )
    assert {(one.first, one.second) for one in told} == {("gpt", "llama")}
    assert [one.winner for one in told] == ["first", "tie", "tie", "second", "first", "second"]
    assert {(one.topic, one.side, one.judge) for one in told} == {("", "", "")}


@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_columns_are_apart_by_commas_semicolons_or_tabs(between: str) -> None:
    rows = (("topic", "first", "second", "winner"), ('"a, b; c\td"', "gpt", "llama", "gpt"))
    assert table("\n".join(map(between.join, rows))) == [Match("gpt", "llama", "first", "a, b; c\td")]


def test_a_table_of_chatbot_arena_is_read() -> None:
    told = table(
        "question_id,model_a,model_b,winner,judge,conversation_a,turn\n"
        'q1,gpt,llama,model_a,arena_user_1,"[{""role"": ""user"",\n""content"": ""Hi""}]",1\n'
        "q2,llama,gpt,model_b,arena_user_2,[],1\n"
        "q3,llama,gpt,tie,arena_user_2,[],1\n"
        "q4,gpt,llama,tie (bothbad),arena_user_2,[],1\n"
        "q5,gpt,llama,both_bad,arena_user_2,[],1\n"
    )
    assert [one.winner for one in told] == ["first", "second", "tie", "tie", "tie"]
    assert (told[1].first, told[1].second, told[1].judge) == ("llama", "gpt", "arena_user_2")


def test_a_winner_is_a_name_before_it_is_a_word() -> None:
    assert [one.winner for one in table("first,second,winner\nx,first,first\nsecond,x,second\n")] == ["second", "first"]


def test_columns_that_are_left_alone_may_have_one_name() -> None:
    assert table("first,second,winner,note,note,,\na,b,tie,1,2,,\n") == [Match("a", "b", "tie")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no matches in the table"),
        ("a|b|c\nx|y|x\n", "no column first and no second and no winner"),
        ("first,first,second,winner\na,b,c,a\n", "two columns that are first"),
        ("first,model_a,second,winner\na,b,c,a\n", "two columns that are first"),
        ("first,second,winner,Winner \na,b,a,b\n", "two columns that are winner"),
        ("first,second,topic,winner,TOPIC\na,b,x,a,y\n", "two columns that are topic"),
        ("first,second,winner\na,b,a\na,b,\n", "Line 3 of the matches: the winner is missing; it is tie where neither"),
        ('first,second,winner\na,b,"a\nc,d,c\n', "Line 2 of the matches: its quotes do not match"),
        ("first,second\na,b\n", "no column winner"),
        ("first,second,winner\n", "no matches in the table"),
        ("first,second,winner\na,b,a\n\na,b,c\n", "Line 4 of the matches: the winner is 'c'; it must be a, b, or tie"),
        ('first,second,winner,x\na,b,a,"1\n2"\na,b\n', "Line 4 of the matches: it has 2 fields"),
        ("first,second,winner\na,b,a,more\n", "Line 2 of the matches: it has 4 fields where the header has 3"),
        ("first,second,winner\na,a,a\n", "Line 2 of the matches: a cannot play against itself"),
        ("first,second,winner\na,,a\n", "Line 2 of the matches: a name is missing"),
        ("first,second,winner\na,Draw,a\n", "Line 2 of the matches: 'Draw' is no name"),
        ("first,second,winner\na,\x1b[2J,a\n", "Line 2 of the matches: '\\x1b[2J' is no name"),
        (f"first,second,winner\na,{'b' * 200_000},a\n", "Line 2 of the matches: a field in it has more than 131,072"),
    ],
)
def test_a_bad_table_is_refused_by_its_line(text: str, said: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        table(text)
    assert said in refused.value.message


def test_a_table_in_another_encoding_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="not UTF-8"):
        list(read(io.TextIOWrapper(io.BytesIO(b"first,second,winner\nb\xe9b\xe9,b,b\n"), encoding="utf-8")))
