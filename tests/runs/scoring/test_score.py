"""Scoring: real ways to write an answer, and which of them are right."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from debate_server.core.run import Scorer
from debate_server.runs.scoring.choice import asked
from debate_server.runs.scoring.score import correct, kind_of, read

CITIES = ("Paris", "Rome", "Paris, Texas", "New York")
KINDS = ("Ann is a knight", "Ann is a knave")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("72", "72"),
        ("72.0", "72"),
        ("72", "72.00"),
        ("072", "72"),
        ("12.", "12"),
        ("It is 12. ", "12"),
        ("**12**", "12"),
        ("`12`", "12"),
        ("Answer: 12", "12"),
        ("**Answer:** 12.", "12"),
        ("I take 3 of them.\nAnswer: 12\nI am 80% sure.", "12"),
        ("Answer: 3\nNo, wait.\nAnswer: 12", "12"),
        ("6 * 7 = 42", "42"),
        ("12+15*21+0-3*27 = 246", "246"),
        ("12 + 315 - 81\n= 246", "246"),
        ("1,234.5", "1234.5"),
        ("1,234,567", "1234567"),
        ("1 234", "1234"),
        ("1\u202f234\u202f567,5", "1234567.5"),
        ("1'234", "1234"),
        ("1.234,5", "1234.5"),
        ("1.234.567", "1234567"),
        ("3,14", "3.14"),
        ("0,125", "1/8"),
        ("1, 2, 3", "3"),
        ("1,2,3", "3"),
        ("The years 2023, 2024", "2024"),
        ("in 2023 100 people", "100"),
        ("-3", "-3"),
        ("−3", "-3"),
        ("–3", "-3"),
        ("x=-3", "-3"),
        ("it is −1,234", "-1234"),
        ("GPT-4", "4"),
        ("3/4", "0.75"),
        ("-3/4", "-0.75"),
        ("3 / 4", "3/4"),
        ("1 1/2", "1.5"),
        ("6 / 2 = 3", "3"),
        (r"\frac{3}{4}", "0.75"),
        (r"$\boxed{\frac{3}{4}}$", "3/4"),
        (r"So it is \boxed{72}, as 8 times 9 shows.", "72"),
        (r"\boxed{1{,}234}", "1234"),
        ("50%", "50%"),
        ("50 %", "50"),
        ("50", "50%"),
        ("50%", "0.5"),
        ("1/2", "50%"),
        (r"50\%", "50"),
        ("50 percent", "0.5"),
        ("$12", "12"),
        ("-$12.50", "-12.5"),
        ("$-12", "-12"),
        ("12 €", "12"),
        ("12 dollars", "12"),
        ("72km", "72"),
        ("1e6", "1000000"),
        ("1E-3", "0.001"),
        ("1.5 × 10^3", "1500"),
        (r"1.5 \times 10^{-3}", "0.0015"),
        ("2*10**3", "2000"),
        (".5", "1/2"),
        ("٤٢", "42"),
        ("It is 35. I am 95 percent sure.", "35"),
        ("8+25 is 33.", "33"),
        ("8 + 25 = 33, as 8 + 20 = 28 and 28 + 5 = 33.", "33"),
        ("The sum is 12\n\n5 of them are odd, so the answer is 12", "12"),
        ("It is 35. I am 95% confident.", "35"),
        ("So 35 (confidence: 0.9).", "35"),
        ("35 (I am about 80 % sure)", "35"),
        ("Answer: 35, 95% sure", "35"),
        ("I am 95 percent sure.", "95"),
        ("The answer is 35, since 5*7 is 35 and not 42.", "35"),
        ("The answer is 30. No: the answer is **35**, not 30.", "35"),
        ("The answer is 5*7 = 35, and that is not 42.", "35"),
        ("The answer is 12 + 15 * 21 = 12 + 315 = 327.", "327"),
        ("The answer is $35 and not 36.", "35"),
        ("42", "42.000000000000000000000"),
        ("Answer: 42 m^2", "42"),
        ("Answer: 42 km2", "42"),
        ("Answer: 42 (7 * 6)", "42"),
        ("Answer: 42 [1]", "42"),
        ("Answer: 42, not 43", "42"),
        ("Answer: 42 because 7*6 = 42, and 43 is odd", "42"),
        ("Answer: 7 * 6 = 42", "42"),
        ("Answer: x_1 = 42", "42"),
        ("Answer: 16 (mod 17)", "16"),
        ("Answer: minus 5", "-5"),
        ("Answer: - 5", "-5"),
        ("Answer: 3/4 (75%)", "0.75"),
        (r"Answer: \(42\)", "42"),
        ("10^6", "1000000"),
        ("2^-3", "0.125"),
        ("3²", "9"),
        ("1 million", "1000000"),
        ("2.5 billion dollars", "2500000000"),
        ("½", "0.5"),
        ("2½", "2.5"),
        (r"\frac12", "0.5"),
        ("1_234", "1234"),
        ("6.02×10²³", "6.02e23"),
        ("USD42", "42"),
        ("123456789012345678901234567891", "123456789012345678901234567891"),
    ],
)  # fmt: skip
def test_the_same_number_however_it_is_written(answer: str, expected: str) -> None:
    assert correct("number", answer, expected, ()) is True


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (None, "72"),
        ("", "72"),
        ("seventy-two", "72"),
        ("73", "72"),
        ("72.1", "72"),
        ("-72", "72"),
        ("7.2", "72"),
        ("3.14", "3.14159"),
        ("72\nAnswer: none", "72"),
        ("5 - 3", "-3"),
        ("5 - 3", "3"),
        ("10-12", "-12"),
        ("10–12", "12"),
        ("0+43 is not a number, it is an equation.", "43"),
        ("8+25 can be done by machines.", "25"),
        ("Answer: 0+43", "43"),
        ("Answer: 41 or 42", "42"),
        ("Answer: not 42", "42"),
        ("Answer: x=-1 or x=1", "1"),
        ("Answer: 72 of 90", "72"),
        ("Answer: 2 hours 30 minutes", "30"),
        ("9^9999", "9"),
        ("Answer: 2^1000", "2^100"),
        ("2^1000", "2^100"),
        ("Answer: 2^1000", "2"),
        ("9^999", "9"),
        ("0^-1", "0"),
        ("Answer: 73", "72"),
        ("72 of 90", "72"),
        ("50%", "5"),
        ("50%", "0.5%"),
        ("3/0", "3"),
        ("1e999999999", "1"),
        ("9" * 5000, "9"),
        ("123456789012345678901234567890", "123456789012345678901234567891"),
        ("72", "many"),
    ],
)
def test_another_number_or_none_is_wrong(answer: str | None, expected: str) -> None:
    assert correct("number", answer, expected, ()) is False


@pytest.mark.parametrize(
    ("answer", "choices", "expected"),
    [
        ("Rome", CITIES, "Rome"),
        ("rome.", CITIES, "Rome"),
        ("**Rome**", CITIES, "Rome"),
        ("new  york", CITIES, "New York"),
        ("Paris", CITIES, "Paris"),
        ("Paris, Texas", CITIES, "Paris, Texas"),
        ("It is Paris, Texas.", CITIES, "Paris, Texas"),
        ("B", CITIES, "Rome"),
        ("b", CITIES, "Rome"),
        ("(b)", CITIES, "Rome"),
        ("(B)", CITIES, "Rome"),
        ("[B]", CITIES, "Rome"),
        ("B.", CITIES, "Rome"),
        ("B)", CITIES, "Rome"),
        ("B:", CITIES, "Rome"),
        ("B) Rome", CITIES, "Rome"),
        ("B. Rome", CITIES, "Rome"),
        ("(B) Rome, Italy", CITIES, "Rome"),
        ("A", CITIES, "Paris"),
        ("Option A", CITIES, "Paris"),
        ("A. Paris", CITIES, "Paris"),
        (r"\boxed{B}", CITIES, "Rome"),
        (r"The answer is \boxed{B}.", CITIES, "Rome"),
        ("I choose B", CITIES, "Rome"),
        ("Answer: B", CITIES, "Rome"),
        ("**Answer:** (B) Rome", CITIES, "Rome"),
        ("Paris is older. It has a tower.\nAnswer: Rome", CITIES, "Rome"),
        ("Paris is older. The answer is Rome.", CITIES, "Rome"),
        ("The answer is Rome, because Paris is older. And New York is new.", CITIES, "Rome"),
        ("The answer is B. Paris is too far, and New York is new.\nSo be it.", CITIES, "Rome"),
        ("The correct answer is: **(B) Rome**. Paris is too far.", CITIES, "Rome"),
        ("Paris or New York? I go with Rome.", CITIES, "Rome"),
        ("A friend went to Paris. I went to Rome.", CITIES, "Rome"),
        ("Paris, not Rome", CITIES, "Paris"),
        ("It isn't Rome. It is Paris. It is surely not Rome.", CITIES, "Paris"),
        ("Ann is a knave", KINDS, "Ann is a knave"),
        ("If Ann is a knight, she lies. So Ann is a knave.", KINDS, "Ann is a knave"),
        ("yes", ("Yes", "No"), "Yes"),
        ("No, I do not think so", ("Yes", "No"), "No"),
        ("not guilty", ("guilty", "not guilty"), "not guilty"),
        ("12", ("12", "12.5", "-12"), "12"),
        ("1,000", ("1000", "2000"), "1000"),
        ("It is 12.5", ("12", "12.5", "-12"), "12.5"),
        ("It is -12.", ("12", "12.5", "-12"), "-12"),
        ("A", ("B", "A"), "A"),
        ("The answer is A.", ("B", "A"), "A"),
        ("Plan B", ("Plan B", "Plan C"), "Plan B"),
        ("B", ("Plan C", "Plan B"), "Plan B"),
        ("Bob", ("Ann", "Bob", "Cy"), "b"),
        ("C++", ("C++", "C"), "C++"),
        ("Zürich", ("zürich", "Basel"), "Zürich"),
    ],
)  # fmt: skip
def test_the_choice_that_is_meant(answer: str, choices: Sequence[str], expected: str) -> None:
    assert correct("choice", answer, expected, choices) is True


@pytest.mark.parametrize(
    ("answer", "choices", "expected"),
    [
        (None, CITIES, "Rome"),
        ("", CITIES, "Rome"),
        ("Berlin", CITIES, "Rome"),
        ("Romeo", CITIES, "Rome"),
        ("Paris", CITIES, "Rome"),
        ("Paris or Rome", CITIES, "Rome"),
        ("Paris or Rome", CITIES, "Paris"),
        ("(A) or (B)", CITIES, "Rome"),
        ("B) Paris", CITIES, "Rome"),
        ("B) Paris", CITIES, "Paris"),
        ("The answer is (B) Paris. I am sure.", CITIES, "Rome"),
        ("not Rome", CITIES, "Rome"),
        ("E", CITIES, "Rome"),
        ("A friend of mine went there", CITIES, "Paris"),
        ("Rome.\nAnswer: none of them", CITIES, "Rome"),
        ("Rome is nice. I prefer Paris.", CITIES, "Rome"),
        ("guilty", ("guilty", "not guilty"), "not guilty"),
        ("Washington, D.C.", ("Ottawa", "Rome", "Lima", "Oslo"), "Oslo"),
        ("-12", ("12", "13"), "12"),
        ("112", ("12", "13"), "12"),
        ("12.5", ("12", "13"), "12"),
        ("A", ("B", "A"), "B"),
        ("Rome", (), "Rome"),
    ],
)
def test_another_choice_or_none_or_several_are_wrong(answer: str | None, choices: Sequence[str], expected: str) -> None:
    assert correct("choice", answer, expected, choices) is False


@pytest.mark.parametrize("letter", ["A", "B"])
@pytest.mark.parametrize(
    "words",
    [
        "Final answer: {}", "**Final answer:** {}", "So {} is right.", "I'd go with {}.", "{} is correct",
        "The answer must be {}", r"\boxed{{\text{{{}}}}}", "<answer>{}</answer>", "Answer: {} — the capital",
        "Answer: it is {}", "I would pick {}, since it fits.", "My choice is {}!", "Definitely {}", "So {} or none",
    ],
)  # fmt: skip
def test_a_letter_is_read_alike_whichever_it_is(letter: str, words: str) -> None:
    cities = ("Paris", "London")
    assert correct("choice", words.format(letter), cities["AB".index(letter)], cities)
    assert not correct("choice", words.format(letter), cities["BA".index(letter)], cities)


@pytest.mark.parametrize(
    ("answer", "expected", "right"),
    [
        ("yes", "yes", True),
        ("Yes.", "yes", True),
        ("**Yes**", "yes", True),
        ("  United   Kingdom ", "united kingdom", True),
        ("It is a long story.\nAnswer: “Yes”", "yes", True),
        ("−3", "-3", True),
        ("STRASSE", "straße", True),
        ("The answer is Paris.", "Paris", True),
        ("It is old. The answer is Paris. I am 90% sure.", "Paris", True),
        (r"So it is \boxed{Paris}, as I said.", "Paris", True),
        ("(Paris)", "Paris", True),
        ("Yes. I am 90 percent sure.", "yes", True),
        ("don’t", "don't", True),
        ("Zu\u0308rich", "Zürich", True),
        ("A rather long name of a thing", "a rather long name of a thing", True),
        ("The capital of France is Paris.", "Paris", False),
        ("yes, of course", "yes", False),
        ("It is a long story, but yes", "yes", False),
        ("Answer: no", "yes", False),
        (None, "yes", False),
    ],
)
def test_the_same_words(answer: str | None, expected: str, right: bool) -> None:
    assert correct("exact", answer, expected, ()) is right


@pytest.mark.parametrize("answer", ["yes", "no", None])
def test_what_a_judge_has_to_tell_is_not_told(answer: str | None) -> None:
    assert correct("judge", answer, "yes", ()) is None


@pytest.mark.parametrize(
    ("kind", "answer", "held"),
    [
        ("number", "It is $1,234.50, I think.", "$1,234.50"),
        ("number", "Answer: -3", "-3"),
        ("number", "It cannot be said.", None),
        ("number", None, None),
        ("choice", "(b)", "Rome"),
        ("choice", "Paris or Rome", None),
        ("choice", "Berlin", None),
        ("exact", "It is a long story.\nAnswer: **Yes**", "Yes"),
        ("exact", "…\nAnswer:", "…\nAnswer:"),
        ("exact", " ", None),
        ("exact", "The capital of France is Paris.", None),
        ("exact", "In Paris. I am 45 percent sure.", "In Paris."),
        ("judge", "So be it.", "So be it."),
    ],
)
def test_what_is_read_in_an_answer(kind: Scorer, answer: str | None, held: str | None) -> None:
    assert read(kind, answer, CITIES) == held


@pytest.mark.parametrize(
    ("answer", "choices", "kind"),
    [
        ("42", (), "number"),
        (" -1,234.5 ", (), "number"),
        ("3/4", (), "number"),
        ("50%", (), "number"),
        ("$12", (), "number"),
        ("1e6", (), "number"),
        ("42", ("42", "43"), "choice"),
        ("Rome", CITIES, "choice"),
        ("Rome", (), "exact"),
        ("Apollo 11", (), "exact"),
        ("12 monkeys", (), "exact"),
        ("3/0", (), "exact"),
        ("12:30", (), "exact"),
    ],
)  # fmt: skip
def test_how_an_answer_is_scored_where_nobody_says(answer: str, choices: Sequence[str], kind: Scorer) -> None:
    assert kind_of(answer, choices) == kind


def test_a_topic_is_asked_with_its_choices() -> None:
    assert asked("Which is older?", ()) == "Which is older?"
    assert asked("Which is older?", ("Rome", "Paris")) == "Which is older?\nAnswer with one of these: Rome; Paris."
    long = ("The one that was there first, whatever it was called", "The other one")
    assert asked("Which is older?", long) == (
        f"Which is older?\nAnswer with the letter of one of these:\n(A) {long[0]}\n(B) {long[1]}"
    )
    assert asked("Which box?", ("B", "A")) == "Which box?\nAnswer with one of these: B; A."


Integers = st.integers(-(10**30), 10**30)


@settings(deadline=None)
@given(Integers, st.sampled_from(["{}", "{:,}", "It is {}.", "Answer: {:,}.", "**{}**", "3 and {:,}"]))
def test_every_whole_number_is_found(number: int, written: str) -> None:
    assert correct("number", written.format(number), str(number), ())
    assert not correct("number", written.format(number), str(number + 1), ())


@settings(deadline=None)
@given(st.text(), st.lists(st.text(min_size=1), max_size=5))
def test_any_text_is_right_or_wrong(text: str, choices: list[str]) -> None:
    for kind in ("number", "choice", "exact"):
        assert correct(kind, text, "1", choices) in (True, False)
    asked(text, choices)


PIECES = [*"ABC (.)/-−,012e%\n$", "is", "not", "answer:", "Ann", "Bob", "x10^"]


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_what_looks_like_an_answer_is_right_or_wrong(text: str) -> None:
    for kind in ("number", "choice"):
        assert correct(kind, text, "1", ("1", "Ann", "Bob")) in (True, False)
