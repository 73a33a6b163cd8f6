"""The report as HTML and as Markdown, read without a browser."""

import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from debate_server.runs.evaluation.shape import Evaluation, Interval, Matched, RoundScore, Side, Swap
from debate_server.runs.evaluation.statistics import wilson
from debate_server.runs.rating.consistency import Consistency
from debate_server.runs.rating.matches import Match, Outcome
from debate_server.runs.rating.met import Met
from debate_server.runs.rating.rate import Rated, Rating, Ratings, rate
from debate_server.runs.report.markdown import to_md
from debate_server.runs.report.page import to_html
from debate_server.runs.report.shape import Report
from debate_server.runs.result import Fault
from tests.runs.report.reading import HOSTILE, SAMPLES, Read, column, unpacked, widths
from tests.runs.report.sample import (
    ALONE,
    MODELS,
    TIMES,
    arithmetic,
    beside,
    report,
    result,
    scored,
    transcripts,
)
from tests.runs.results import votes


@pytest.mark.parametrize("told", SAMPLES, ids=lambda told: told.run.source + told.run.kind)
def test_the_same_run_is_the_same_file(told: Report) -> None:
    assert to_html(told, transcripts(told)) == to_html(told, transcripts(told))
    assert to_md(told) == to_md(told)


def test_a_run_with_answers_is_told_in_this_order() -> None:
    assert Read(to_html(SAMPLES[0])).headings == [
        "What was asked", "How often right", "Beside a baseline for as much money", "Two at a time",
        "What the rounds did", "What being right costs", "Failures", "All debates",
    ]  # fmt: skip


def compared(*matched: Matched) -> str:
    return to_md(report([result()], Evaluation((scored("society"),), matched, (), (), ())))


def test_what_is_left_out_of_a_comparison_is_told_with_it() -> None:
    told = compared(beside("society", unmarked=3, missing=2))
    assert "| society | vote | 30, 3 unmarked, 2 missing |" in told
    assert "Left out are unmarked items" in compared(beside("society", missing=2))
    assert "| society | vote | 30 |" in compared(beside("society"))
    assert "Left out" not in compared(beside("society"))


def test_a_comparison_says_what_it_is_matched_by_and_what_either_cost() -> None:
    single = beside("society", baseline="single", **ALONE)
    row = "| 18 / 15.5 | 8 / 5 | +10 (−10 to 30) | 0.58 | 3,900 / 3,810 | $0.0038 / $0.0037 | 11.3 | 2 |"
    told = compared(single, beside("society", baseline_right=15.5))
    assert "## Beside a baseline for as much money\n" in told
    assert "one answer of the same model, and beside a vote of as many samples as its dollars buy" in told
    assert row in told
    assert "| society | single | 30 |" in told
    told = compared(beside("society", unit="tokens", cost_each=None))
    assert "## Beside a baseline for as many tokens\n" in told
    assert "a vote of as many samples as its tokens buy" in told
    assert "| — / $0.0037 |" in told
    told = compared(beside("society"), beside("society", "b", unit="tokens"))
    assert "## Beside a baseline\n" in told
    assert "as its dollars or tokens buy" in told
    assert re.findall(r"\| vote [^|]*\|", told) == ["| vote for dollars |", "| vote for tokens |"]
    assert "## Beside a baseline\n" in compared(single)
    assert "a vote" not in compared(single).split("## Beside a baseline")[1].split("\n|")[0]


@pytest.mark.parametrize(("unit", "worth"), [("dollars", "as much money"), ("tokens", "as many tokens")])
def test_the_figure_says_what_a_vote_is_matched_by_too(unit: str, worth: str) -> None:
    matched = (beside("society", baseline="single", **ALONE), beside("society", unit=unit))
    text = to_html(report([result()], Evaluation((), matched, (), (), ())))
    headings = re.findall(r'class="heading">([^<]*)<', text)
    assert headings == ["beside one answer", f"beside a vote for {worth}"] * 2


def test_a_baseline_is_not_said_to_be_of_the_same_model_where_others_spoke() -> None:
    told = compared(beside("society", same_model=False), beside("council"))
    assert "one answer of the run's model (in society others spoke too)," in told
    assert "same model" not in told


def test_what_the_run_added_is_counted_where_its_rates_are() -> None:
    scores = (scored("society", of=30), scored("single", of=30, role="baseline"), scored("vote-9", role="baseline"))
    told = to_md(report([result()], Evaluation(scores, (), (), (), ())))
    assert "Baselines are what the run added to compare with: 60 of 90 debates." in told
    assert "| vote-9 | baseline | 30 |" in told
    assert "Baselines are what" not in to_md(report([result()], Evaluation(scores[:1], (), (), (), ())))


def test_rounds_say_how_many_are_left_out_of_them() -> None:
    rounds = (RoundScore(1, 27, 10, 0, 0), RoundScore(2, 27, 16, 0, 6))
    told = to_md(report([result()], Evaluation((scored("society", rounds=rounds),), (), (), (), ())))
    assert "Left out: 3, an answer of which nobody has marked." in told
    assert "Left out" not in to_md(SAMPLES[0]).split("## What the rounds did")[1]


def test_what_the_side_is_worth_is_told_of_all_and_of_each() -> None:
    def told(right: int, *more: Side) -> str:
        sides = (Side(format="oxford", meetings=20, share=wilson(right, 40), same=7), *more)
        swaps = tuple(
            Swap(format="oxford", model=model, meetings=15, speaking_for=0.8, speaking_against=0.4, same=5)
            for model in "ab"
        )
        return to_md(report([result()], Evaluation((), (), (), swaps, sides)))

    assert "Of all points 75% (95%: 60–86) went to whoever spoke for the topic: that side had more." in told(30)
    assert "25% (95%: 14–40) went to whoever spoke for the topic: whoever spoke against it had more." in told(10)
    assert "neither side is shown to be worth more" in told(22)
    assert "| what | meetings | for | against | change | same winner |" in told(30)
    assert "| all | 20 | 75% (60–86) | 25% | −50 | 7 of 20 |" in told(30)
    assert "| a | 15 | 80% | 40% | −40 | 5 of 15 |" in told(30)
    two = told(30, Side(format="quick", meetings=9, share=wilson(9, 18), same=1))
    assert "In oxford of all points 75%" in two
    assert "In quick of all points 50%" in two
    assert "| quick · all | 9 |" in two


def test_debates_that_come_to_answers_are_not_told_of_as_won_by_nobody() -> None:
    society = [result(number, winner="tie" if number == 3 else None) for number in range(4)]
    council = [
        result(number, format="council", winner=who, votes=votes("Judge", (who, who)), answer=answer, consistent=steady)
        for number, (who, answer, steady) in enumerate(
            [("Pro", "4", True), ("tie", "4", False), (None, "4", None), (None, None, None)]
        )
    ]
    told = to_md(report([*society, *council]))
    assert "| council | Pro 1; a tie 1; an answer alone 1; no decision 1 | 4 | 70% | 1 of 2 |" in told
    assert "| society |" not in told
    assert "Who won" not in to_md(report([*society, *council[1:2]]))


def test_a_run_without_answers_and_a_tournament_are_told_as_well() -> None:
    assert Read(to_html(SAMPLES[1])).headings == ["What was asked", "Who won", "All debates"]
    assert Read(to_html(SAMPLES[2])).headings == [
        "What was asked", "With the sides exchanged", "Who won", "Ratings", "Head to head",
        "How steady the judges are", "All debates",
    ]  # fmt: skip
    ended = [result(answer=None, expected=None, correct=None, winner=None, confidence=None)]
    assert Read(to_html(report(ended))).headings == ["What was asked", "How they ended", "All debates"]


def test_who_met_whom_is_told_with_what_the_ratings_make_of_it() -> None:
    played = [Match("ann", "bob", winner) for winner in ("first", "first", "second", "tie")]
    rated = rate([*played, Match("bob", "cat", "first"), Match("cat", "dan", "tie")], seed=1)
    told = to_md(report([result()], ratings=rated)).partition("## Head to head")[2]
    share = f"{100 * (rated.beats[0][1] or 0):.0f}%"
    assert f"| ann | bob | 4 | 2 | 1 | 1 | {share} |" in told
    assert [line.split(" | ")[:2] for line in told.splitlines() if line.startswith("| ")][2:] == [
        ["| ann", "bob"], ["| bob", "cat"], ["| dan", "cat"],
    ]  # fmt: skip
    many = [Match(f"m{number}", f"n{number}", "tie") for number in range(61)]
    assert "The first 60 of 61 pairs are shown." in to_md(report([result()], ratings=rate(many, seed=1)))


def test_ratings_are_told_with_how_they_came_about_and_what_they_do_not_tell() -> None:
    both: tuple[Outcome, ...] = ("first", "second", "tie")
    played = [Match("x/ann", "x/bob", winner, f"{number}") for number in range(9) for winner in both[number % 2 :]]
    told = to_md(report([result()], ratings=rate([*played, Match("x/bob", "x/cat", "first", "1")], seed=1)))
    assert "cat has lost everything it played: how far behind it is, matches do not say." in told
    assert "half a win and half a loss more for each against the others" in told
    assert "Around 1,000, the mean of bob and ann; 400 points apart" in told


def test_ratings_that_are_equal_have_an_axis_with_places_that_differ() -> None:
    text = to_html(report([result()], ratings=rate([Match("a", "b", "tie"), Match("b", "c", "tie")] * 9, seed=1)))
    [svg, *_] = [ET.fromstring(svg) for svg in re.findall(r"<svg.*?</svg>", text)]
    assert [tick.text for tick in svg.iter("text") if tick.get("class") == "tick"] == ["950", "1,000", "1,050"]


def test_who_cannot_be_placed_has_a_row_and_no_dot() -> None:
    """Nor does its guess stretch the axis; where nobody can be, there is no figure."""
    both = [Match("a", "b", "first"), Match("a", "b", "second"), Match("a", "b", "first")] * 5
    lost = [Match("a", "c", "first")] * 900
    told = report([result()], ratings=rate([*both, *lost], seed=1))
    assert re.search(r"\| c \| −\d+ \| — \| 900 \|", to_md(told))
    text = to_html(told)
    [svg, *_] = [ET.fromstring(svg) for svg in re.findall(r"<svg.*?</svg>", text)]
    words = [text.text or "" for text in svg.iter("text")]
    assert words[-2:] == ["c", "no place that matches tell"]
    assert len([*svg.iter("use")]) == 2
    assert min(int(tick.replace(",", "")) for tick in words[:3]) > 500
    assert 'id="ratings"' in (none := to_html(report([result()], ratings=rate(lost, seed=1))))
    assert "<svg" not in none


def test_a_run_of_nothing_and_one_that_all_failed_still_tell() -> None:
    assert Read(to_html(report([]))).headings == ["What was asked"]
    bad = to_html(report([result(number, status="failed", correct=None, error=TIMES) for number in range(3)]))
    assert Read(bad).headings == ["What was asked", "Failures", "All debates"]
    assert "all 3 debates failed" in bad
    assert column(bad, "outcome") == ["failed"] * 3
    assert f"stalled: {TIMES.message}" in column(bad, "said")


def test_what_was_read_in_an_answer_is_told_and_that_nothing_could_be() -> None:
    told = [
        result(1), result(2, answer="It is 4, surely.", read="4"), result(3, answer="7", correct=False),
        result(4, answer="Who knows?", read=None, correct=False), result(5, answer=None, read=None, correct=False),
    ]  # fmt: skip
    text = to_html(report(told))
    assert column(text, "outcome") == ["right", "right", "wrong", "no answer", "no answer"]
    assert column(text, "said") == [
        "2, expected 2", "It is 4, surely. (read as 4), expected 4", "7, expected 6",
        "Who knows? (nothing to be read in it), expected 8", "none, expected 10",
    ]  # fmt: skip


def test_wrong_answers_and_none_are_told_apart() -> None:
    told = to_md(report([result()], Evaluation((scored("society", right=18, of=30, unread=5),), (), (), (), ())))
    assert "| what | role | debates | failed | scored | right | wrong | no answer | accuracy |" in told
    assert "| society | debate | 30 | 0 | 30 | 18 | 7 | 5 | 60% |" in told
    assert "5 of 30 debates came to no answer: they count as wrong." in told
    assert "came to no answer" not in to_md(report([result()], Evaluation((scored("society"),), (), (), (), ())))


def test_failures_are_grouped_by_what_they_failed_of() -> None:
    other = Fault("busy", "The endpoint is busy.")
    bad = [result(number, status="failed", correct=None, error=TIMES) for number in range(3)]
    told = to_md(report([*bad, result(9, status="failed", correct=None, error=other), result(10)]))
    assert "| society | failed: stalled | The model said nothing for 300 s." in told
    assert re.search(r"stalled .*\| i0/society/1 \| 3 \|", told)
    assert re.search(r"busy .*\| i9/society/1 \| 1 \|", told)
    assert "4 of 5 debates came to no end of their own: they are in no rate." in told


def test_what_others_wrote_is_nowhere_markup() -> None:
    hostile = result(
        topic=HOSTILE, item=HOSTILE, format=HOSTILE, model=HOSTILE, answer=HOSTILE, expected=HOSTILE, entry=HOSTILE,
        debate=HOSTILE, tags=(HOSTILE,),
    )  # fmt: skip
    bad = result(2, status="failed", correct=None, format=HOSTILE, error=Fault(HOSTILE, HOSTILE))
    won = result(3, correct=None, expected=None, winner=HOSTILE)
    rounds = tuple(RoundScore(number, 3, 2, 1, 1) for number in (1, 2))
    evaluation = Evaluation(
        (scored(HOSTILE, HOSTILE, rounds=rounds), scored("b", "c")), (beside(HOSTILE, HOSTILE),), (),
        (Swap(format=HOSTILE, model=HOSTILE, meetings=3, speaking_for=0.5, speaking_against=0.4, same=1),),
        tuple(Side(format=name, meetings=3, share=wilson(2, 6), same=1) for name in (HOSTILE, "b")),
    )  # fmt: skip
    rating = Rating(1000, 900, 1100)
    told = report(
        [hostile, bad, won], evaluation, source=HOSTILE[:90].replace("\x00", ""),
        ratings=Ratings(
            (Rated(HOSTILE, rating, "within", 1, 1, 0), Rated(f"{HOSTILE}2", rating, "within", 1, 0, 0)),
            ((0.5, 0.6), (0.4, 0.5)), (Met(HOSTILE, f"{HOSTILE}2", 1, 1, 0, 0),), 1, 1,
        ),
        judges=(Consistency(HOSTILE, HOSTILE, 2, 1, Interval(0.5, 0.1, 0.9)),),
    )  # fmt: skip
    text = to_html(told, {HOSTILE: HOSTILE}, "http://x.test/\"'><script>")
    read = Read(text)
    assert read.tags.count("script") == 3  # the rows, one lot of transcripts, the code
    assert "img" not in read.tags
    assert not [name for name, _ in read.attributes if name.startswith("on")]
    assert unpacked(text, "told-0") == [HOSTILE]
    assert column(text, "topic")[0] == " ".join(HOSTILE.split())
    for svg in re.findall(r"<svg.*?</svg>", text):
        ET.fromstring(svg)
    assert "<script>" not in re.sub(r"\\[<>]", "", to_md(told))
    assert all(len(set(widths(part))) < 2 for part in to_md(told).split("\n## "))


def test_the_file_asks_for_nothing_and_its_policy_lets_nothing_else_run() -> None:
    text = to_html(SAMPLES[0], address="http://127.0.0.1:8484/")
    assert [value for name, value in Read(text).attributes if name in ("src", "srcset", "action", "style")] == []
    assert all(str(value).startswith("#") for name, value in Read(text).attributes if name == "href")
    assert "default-src 'none'" in text
    assert "unsafe" not in text
    assert 'data-address="http://127.0.0.1:8484/d/"' in text
    assert "@import" not in text
    assert "url(" not in text
    assert 'data-address=""' in to_html(SAMPLES[0], address="javascript:alert(1)//")


@pytest.mark.parametrize("told", SAMPLES, ids=lambda told: told.run.source + told.run.kind)
def test_ids_in_the_file_are_each_its_own(told: Report) -> None:
    ids = [value for name, value in Read(to_html(told, transcripts(told))).attributes if name == "id"]
    assert sorted(set(ids), key=str) == sorted(ids, key=str)


def test_each_figure_is_there_wide_and_narrow_and_says_what_it_shows() -> None:
    svgs = [ET.fromstring(svg) for svg in re.findall(r"<svg.*?</svg>", to_html(SAMPLES[0]))]
    assert [svg.get("class") for svg in svgs] == ["wide", "narrow"] * 4
    assert all(svg.get("role") == "img" for svg in svgs)
    best = max(SAMPLES[0].evaluation.scores, key=lambda score: score.right / score.scored)
    assert f"{best.right} of {best.scored}" in str(svgs[0].get("aria-label"))


def test_dots_stand_where_the_accuracy_is() -> None:
    scores = tuple(scored(name, right=right) for name, right in (("a", 30), ("b", 15), ("c", 0)))
    text = to_html(report([result()], Evaluation(scores, (), (), (), ())))
    svg = ET.fromstring(re.findall(r"<svg.*?</svg>", text)[0])
    places = [float(use.attrib["x"]) for use in svg.iter("use")]
    assert places[0] - places[1] == pytest.approx(places[1] - places[2], abs=0.2)
    words = ["".join(text.itertext()) for text in svg.iter("text")]
    assert {"a", "30 of 30, 100% (89–100)", "0%", "100%"} <= set(words)


@pytest.mark.parametrize("arms", [1, 40])
def test_figures_grow_with_what_is_compared_and_no_two_rows_share_a_place(arms: int) -> None:
    models = [f"{MODELS[0]}-{number}" for number in range(arms)]
    scores = tuple(scored("society", model, right=number % 30 + 1) for number, model in enumerate(models))
    text = to_html(report([result()], Evaluation(scores, (), (), (), ()), models=tuple(models)))
    for svg in (ET.fromstring(svg) for svg in re.findall(r"<svg.*?</svg>", text)[:2]):
        rows = [float(text.attrib["y"]) for text in svg.iter("text") if text.get("class") == "note"]
        assert len(rows) == arms
        assert all(after - before >= 20 for before, after in pairwise(rows))


def test_markdown_has_the_headline_and_tables_whose_rows_are_as_wide_as_their_heads() -> None:
    title, *parts = to_md(SAMPLES[0]).split("\n## ")
    assert title.startswith("# Report on arithmetic.jsonl\n")
    assert "**Of 4 that were compared, " in title
    assert len(parts) == 6
    for part in parts:
        assert len(widths(part)) > 2
        assert len(set(widths(part))) == 1


def test_many_comparisons_warn_of_chance_and_only_the_most_telling_are_shown() -> None:
    told = to_md(arithmetic([f"m{number}" for number in range(4)], items=3))
    assert "Of 120 comparisons about 6 come below p = 0.05 by chance alone. The 60 with the least p are shown" in told
    shown = re.findall(r"\(−12 to 30\) \| ([\d.]+) \|", told.split("\n## ")[3])
    assert len(shown) == 60
    assert shown == sorted(shown)
