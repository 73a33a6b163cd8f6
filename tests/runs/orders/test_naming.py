"""How a debate is named in its run: readable, and no two alike."""

from hypothesis import given
from hypothesis import strategies as st

from debate_server.runs.orders.naming import marking_of, name_of

PARTS = st.sampled_from(["a", "a/b", "b", "a/2", "2", "3", "swapped", "marking", "b vs a", "%2F", "%32", "a%20vs%20b"])
MODELS = st.one_of(
    st.just(()), st.tuples(PARTS), st.tuples(PARTS, PARTS), st.tuples(st.text(st.sampled_from("/%2 a"), min_size=1))
)
NAMED = st.tuples(PARTS, PARTS, MODELS, st.integers(1, 3), st.booleans(), st.booleans())


def name(item: str, format_: str, models: tuple[str, ...], repeat: int, swapped: bool, marks: bool) -> str:
    found = name_of(item, format_, models, repeat, swapped=swapped)
    return marking_of(found) if marks else found


@given(st.lists(NAMED, max_size=60))
def test_no_two_debates_have_one_name(held: list[tuple[str, str, tuple[str, ...], int, bool, bool]]) -> None:
    names = {name(*one): one for one in held}
    assert len(names) == len(set(held)), names


def test_two_that_differ_in_what_follows_a_model_only_are_told_apart() -> None:
    pairs = [(("m",), 2), (("m/2",), 1), ((), 2), (("2",), 1), (("a", "b vs c"), 1), (("a vs b", "c"), 1)]
    names = [name_of("i", "quick", models, repeat, swapped=False) for models, repeat in pairs]
    assert len(set(names)) == len(pairs), names


def test_usual_names_are_written_as_they_are() -> None:
    assert name_of("7", "judge-only", ("qwen3:4b", "gpt-5.1"), 2, swapped=True) == (
        "7/judge-only/qwen3:4b vs gpt-5.1/2/swapped"
    )
    assert name_of("geo/7", "quick", ["openai/gpt-5"], 1, swapped=False) == "geo%2F7/quick/openai%2Fgpt-5"
