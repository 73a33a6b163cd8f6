"""Guarded texts are no formulas, and are bare again as they were."""

from hypothesis import given
from hypothesis import strategies as st

from debate_server.runs.formulas import bare, guarded


@given(st.text(alphabet="'=+-@\t\r\n1.a", max_size=6) | st.text())
def test_what_was_guarded_is_bare_again(text: str) -> None:
    assert bare(guarded(text)) == text


@given(st.sampled_from("=+-@\t\r\n"), st.text(alphabet="'=+-@1.a", max_size=6))
def test_a_formula_is_guarded(first: str, rest: str) -> None:
    assert guarded(f"{first}a{rest}") == f"'{first}a{rest}"


def test_what_is_no_formula_stays_as_it_is() -> None:
    for text in ("", "a=b", "'quoted'", "-5", "+1,204.5", "-12%"):
        assert guarded(text) == bare(text) == text
