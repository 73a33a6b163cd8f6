"""The table of debates in a report: small enough, whatever they are about."""

import re
import zlib
from base64 import b64decode
from collections.abc import Callable
from random import Random

import orjson
import pytest

from debate_server.core.events import Usage
from debate_server.runs.report.packed import rows
from debate_server.runs.report.page import to_html
from debate_server.runs.result import Result
from tests.runs.report.reading import SAMPLES, column, unpacked
from tests.runs.report.sample import (
    MODELS,
    report,
    result,
    transcripts,
)


def letters(first: str, last: str) -> Callable[[int], str]:
    """Texts of so many letters that have nothing in common."""
    random, known = Random(5), [chr(number) for number in range(ord(first), ord(last) + 1)]
    return lambda length: "".join(random.choices(known, k=length))


def varied(count: int, text: Callable[[int], str]) -> list[Result]:
    """So many debates that are all about something else."""
    random = Random(5)
    return [
        result(
            number, item=text(30), topic=text(90), debate=f"{random.getrandbits(60):x}"[:12], answer=text(80),
            expected=text(80), usage=Usage(random.randrange(9000), random.randrange(3000), random.random()),
            model=random.choice(MODELS), correct=random.random() < 0.5,
        )
        for number in range(count)
    ]  # fmt: skip


def test_runs_of_ten_thousand_debates_fit_into_a_megabyte_whatever_they_are_about() -> None:
    text = to_html(report(varied(10_000, letters("一", "鿿")), SAMPLES[0].evaluation))
    assert len(text.encode()) <= 1_000_000
    assert {len(topic) for topic in column(text, "topic")} == {15}
    assert len(column(text, "topic")) == 10_000
    assert "cut short, so that this file stays small; <code>debate report r8k2 --as csv</code> has them whole." in text


@pytest.mark.parametrize(
    ("first", "last", "each", "longest"),
    [("!", "~", 500, 90), ("!", "~", 250, 40), ("!", "~", 90, 25), ("一", "鿿", 500, 40), ("0", "1", 120, 90)],
)
def test_texts_are_as_long_as_there_is_room_for(first: str, last: str, each: int, longest: int) -> None:
    made = rows(varied(300, letters(first, last)), {}, 300 * each)
    assert len(made.packed) <= 300 * each
    assert made.count == 300
    topics = orjson.loads(zlib.decompress(b64decode(made.packed)))["topic"]["of"]
    assert {len(topic) for topic in topics} == {longest}


def test_what_debates_have_in_common_needs_no_cut() -> None:
    results = varied(10, letters("!", "~")) * 100
    made = rows(results, {}, 1000 * 30)
    assert (made.count, made.is_cut) == (1000, False)
    assert not rows([result()], {}, 1000).is_cut


@pytest.mark.parametrize(("room", "least", "most"), [(20_000, 500, 600), (2_000, 10, 50), (100, 0, 0), (-5, 0, 0)])
def test_where_there_is_no_room_for_all_debates_the_first_are_there(room: int, least: int, most: int) -> None:
    results = varied(1000, letters("!", "~"))
    made = rows(results, {results[-1].entry: "So it is."}, room)
    assert least <= made.count <= most
    held = orjson.loads(zlib.decompress(b64decode(made.packed)))
    assert held["debate"] == [one.debate for one in results[: made.count]]
    assert {held["told"][at] for at in range(made.count)} <= {-1}


def test_a_table_that_has_only_the_first_debates_says_so_and_has_only_their_transcripts() -> None:
    text_ = letters("!", "~")
    results = [result(number, debate=text_(1000)) for number in range(1_500)]
    text = to_html(report(results), {one.entry: "So it is." for one in results})
    assert len(re.sub(r'<script.* id="told.*', "", text)) <= 1_000_000
    kept = len(column(text, "topic"))
    assert 500 < kept < 1_500
    assert f"<p>Here are the first {kept:,} of 1,500, so that this file stays small;" in text
    assert f"{kept:,} debates in this file, packed" in text
    lots = [unpacked(text, f"told-{lot}") for lot in range(-(-kept // 32))]
    assert sum(map(len, lots)) == kept
    assert f'id="told-{len(lots)}"' not in text


def test_a_huge_topic_is_cut_in_the_table() -> None:
    told = column(to_html(report([result(topic="x" * 1_000_000)])), "topic")
    assert told == [f"{'x' * 299}…"]


def test_transcripts_are_in_lots_and_each_row_knows_its_own() -> None:
    results = [result(number) for number in range(70)]
    texts = {one.entry: one.topic for one in results if one.item != "i3"}
    text = to_html(report(results), texts)
    told = unpacked(text, "rows")["told"]
    lots = [unpacked(text, f"told-{lot}") for lot in range(3)]
    assert [len(lot) for lot in lots] == [32, 32, 5]
    assert told[3] == -1
    assert lots[told[69] // 32][told[69] % 32] == results[69].topic


def test_where_rows_have_only_ids_it_is_said_once_how_to_read_one() -> None:
    told, said = report([result(1), result(2)]), "<code>debate show ID</code>, where the run was held."
    assert to_html(told).count(said) == 1
    assert said not in to_html(told, address="http://127.0.0.1:8484")
    assert said not in to_html(told, transcripts(told))
