"""A report for programs: nothing in it does anything where it is opened, and nothing is lost."""

import csv
from dataclasses import asdict, fields
from io import StringIO

import orjson
import pytest

from debate_server.runs.report.plain import COLUMNS, to_csv, to_json
from tests.runs.report.sample import TIMES, arithmetic, report, result


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text, newline="")))


def test_a_row_a_debate_with_what_is_known_of_it() -> None:
    bad = result(2, status="failed", correct=None, answer=None, error=TIMES, tags=("a", "b"))
    first, second = rows(to_csv([result(), bad]))
    assert (first["correct"], first["answer"], first["tokens_in"], first["cost_usd"]) == ("true", "2", "900", "0.0012")
    assert (second["correct"], second["answer"], second["tags"]) == ("", "", "a; b")
    assert second["error_message"] == TIMES.message
    assert rows(to_csv([])) == []


def test_every_field_of_a_result_has_a_column_and_there_are_no_others() -> None:
    told_elsewhere = {"given", "votes", "agents", "usage", "error"}
    spent = {"tokens_in", "tokens_out", "cost_usd", "estimated", "error_code", "error_message"}
    assert {field.name for field in fields(result())} - told_elsewhere == set(COLUMNS) - spent


@pytest.mark.parametrize("words", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_what_a_spreadsheet_would_reckon_is_text(words: str) -> None:
    (row,) = rows(to_csv([result(topic=words, answer=words)]))
    assert row["topic"] == row["answer"] == f"'{words}"


@pytest.mark.parametrize("number", ["-5", "+3.5", "-1,204", "-1e9", "-12%"])
def test_numbers_stay_numbers(number: str) -> None:
    (row,) = rows(to_csv([result(answer=number)]))
    assert row["answer"] == number


def test_lines_quotes_and_what_csv_cannot_hold() -> None:
    words = 'a "b"\r\nc, d\u2028e'
    (row,) = rows(to_csv([result(topic=f"{words}\0")]))
    assert row["topic"] == words


def test_json_has_all_of_it() -> None:
    told = arithmetic(items=2)
    read = orjson.loads(to_json(told))
    assert read["run"] == told.run.model_dump(mode="json")
    assert read["results"] == [orjson.loads(orjson.dumps(one)) for one in told.results]
    assert read["evaluation"]["scores"][0]["right"] == told.evaluation.scores[0].right
    assert orjson.loads(to_json(report([])))["results"] == []
    assert asdict(told.evaluation)["pairs"][0]["items"] == read["evaluation"]["pairs"][0]["items"]
