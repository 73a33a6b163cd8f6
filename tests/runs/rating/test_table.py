"""Tables of ratings: the same numbers, for whoever reads them."""

import csv

import orjson

from debate_server.runs.rating.matches import Match
from debate_server.runs.rating.rate import Rated, Rating, Ratings, rate
from debate_server.runs.rating.table import table
from debate_server.runs.report.words import rating_of

PLAYED = [
    Match("gpt", "llama", "first", "x"), Match("gpt", "llama", "tie", "x"), Match("llama", "claude, 2", "first", "y"),
    Match("claude, 2", "gpt", "first", "y"), Match("gpt", "claude, 2", "first", "z"),
    Match("gpt", "llama", "second", "v"), Match("llama", "gpt", "second", "w"),
]  # fmt: skip
RATINGS = rate(PLAYED, seed=1)


def test_the_text_has_a_line_for_each_and_who_wins_against_whom() -> None:
    lines = table(RATINGS, "text").splitlines()
    first = RATINGS.models[0]
    assert lines[0].split() == ["model", "rating", "95%", "interval", "matches", "won", "tied", "lost"]
    low, high = f"{first.rating.low:,.0f}", f"{first.rating.high:,.0f}"
    assert lines[1].split() == ["1", "gpt", f"{first.rating.value:,.0f}", low, "to", high, "6", "3", "1", "2"]
    assert len({len(line) for line in lines[:4]}) == 1
    assert lines[6].split() == ["1", "gpt", *(f"{share:.0%}" for share in RATINGS.beats[0])]
    assert lines[-1] == "Matches: 7 on 5 topics. Ratings are around 1,000; 400 more is ten wins to one."


def test_the_text_says_what_the_matches_do_not() -> None:
    lines = table(rate(PLAYED[:1], seed=1), "text").splitlines()
    assert lines[-2] == "Matches: 1 on 1 topic. Ratings are around 1,000; 400 more is ten wins to one."
    assert lines[-1] == "llama has lost everything it played: how far behind it is, matches do not say."
    both = [*PLAYED, Match("d", "gpt", "second"), Match("e", "f", "first"), Match("f", "e", "first")]
    lines = table(rate(both, seed=1), "text").splitlines()
    assert "around 1,000, the mean of gpt, llama and claude, 2; 400" in lines[-3]
    assert lines[-2:] == [
        "d has lost everything it played: how far behind it is, matches do not say.",
        "e and f have never met gpt, llama and claude, 2: how far apart they are, matches do not say.",
    ]
    [row] = [line.split() for line in lines[9:15] if line.split()[1] == "e"]
    assert (row.count("—"), row.count("50%")) == (4, 2)


def test_a_number_is_rounded_once_as_in_the_report() -> None:
    rated = Rated("a", Rating(1214.52, 1100.46, 1300.5), "within", 2, 1, 0)
    told = Ratings((rated,), ((0.5,),), (), 1, 0)
    assert table(told, "text").splitlines()[1].split()[:6] == ["1", "a", "1,215", "1,100", "to", "1,300"]
    assert rating_of(rated.rating) == "1,215 (95%: 1,100–1,300)"


def test_many_names_are_counted() -> None:
    played = [Match(f"m{number}", "z", winner) for number in range(20) for winner in ("first", "second")]
    said = table(rate([*played, Match("other", "one", "tie")], seed=1), "text").splitlines()[-1]
    assert said.startswith("one and other have never met m0, m1, m10, m11 and 17 others: how far apart")


def test_where_there_is_no_interval_there_is_none_in_any_table() -> None:
    few = rate([Match("a", "b", "first"), Match("a", "b", "second")], seed=1)
    lines = table(few, "text").splitlines()
    assert lines[1].split() == ["1", "a", "1,000", "none", "2", "1", "0", "1"]
    assert lines[-1].startswith("Where there is no interval, topics and matches are too few")
    assert [row["low"] for row in csv.DictReader(table(few, "csv").splitlines())] == ["", ""]
    assert orjson.loads(table(few, "json"))["models"][0]["rating"] == {"value": 1000.0, "low": None, "high": None}


def test_who_wins_against_whom_is_left_to_programs_where_it_is_wide() -> None:
    many = rate([Match("a", f"m{number}", "tie") for number in range(12)], seed=1)
    assert "wins against" not in table(many, "text")
    assert len(orjson.loads(table(many, "json"))["beats"]) == 13


def test_the_json_has_all_of_it_in_a_line() -> None:
    told = orjson.loads(table(RATINGS, "json"))
    assert "\n" not in table(RATINGS, "json")
    assert told["models"][0]["rating"]["value"] == RATINGS.models[0].rating.value
    assert (told["matches"], told["topics"], told["models"][0]["stands"]) == (7, 5, "within")
    assert told["beats"] == [list(row) for row in RATINGS.beats]


def test_a_name_is_no_formula_in_the_csv() -> None:
    rows = csv.DictReader(table(rate([Match("=1+1", "b", "tie")], seed=1), "csv").splitlines())
    assert {row["model"] for row in rows} == {"'=1+1", "b"}


def test_the_csv_has_a_row_for_each() -> None:
    rows = list(csv.DictReader(table(RATINGS, "csv").splitlines()))
    assert [row["model"] for row in rows] == [one.model for one in RATINGS.models]
    assert {row["model"]: (row["won"], row["tied"], row["lost"]) for row in rows}["claude, 2"] == ("1", "0", "2")
    assert float(rows[0]["low"]) <= float(rows[0]["rating"]) <= float(rows[0]["high"])
