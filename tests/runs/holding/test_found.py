"""What has come of an entry before: which attempt counts, and what it goes on from."""

import pytest

from debate_server.core.events import Usage
from debate_server.core.run import Entry
from debate_server.runs.holding.found import Found, find

ENTRY = Entry(name="1/single", item="1", format="single")
SPENT = Usage(10, 5, 0.25)


def known(*states: str) -> dict[str, tuple[str, str, Usage]]:
    """So many attempts, which came to these ends, each for the same."""
    return {f"{number}:1/single": (f"d{number}", state, SPENT) for number, state in enumerate(states, 1)}


def attempt(number: int) -> Entry:
    return ENTRY.model_copy(update={"attempt": number})


def test_where_nothing_was_it_is_begun() -> None:
    assert find(ENTRY, {}, again=True) == Found(ENTRY)
    assert find(ENTRY, {"1:2/single": ("d", "completed", SPENT)}, again=True) == Found(ENTRY)


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize(
    ("state", "over", "paused"),
    [
        ("queued", False, False), ("running", False, False), ("paused", False, True), ("completed", True, False),
        ("budget", True, False),
    ],
)  # fmt: skip
def test_what_is_underway_or_came_to_an_end_of_its_own_stays(state: str, over: bool, paused: bool, again: bool) -> None:
    assert find(ENTRY, known(state), again=again) == Found(ENTRY, "d1", over=over, paused=paused, spent=SPENT)


@pytest.mark.parametrize("state", ["failed", "stopped"])
def test_what_failed_stays_unless_that_is_to_be_held_again(state: str) -> None:
    assert find(ENTRY, known(state), again=False) == Found(ENTRY, "d1", over=True, spent=SPENT)
    assert find(ENTRY, known(state), again=True) == Found(attempt(2), retries="d1", before=SPENT)


@pytest.mark.parametrize("again", [False, True])
def test_what_was_interrupted_goes_on_anyhow(again: bool) -> None:
    assert find(ENTRY, known("interrupted"), again=again) == Found(attempt(2), retries="d1", before=SPENT)


def test_the_last_attempt_counts_and_those_before_it_have_cost_what_they_have() -> None:
    found = find(ENTRY, known("failed", "interrupted", "completed"), again=True)
    assert found == Found(attempt(3), "d3", over=True, spent=SPENT, before=Usage(20, 10, 0.5))
    found = find(ENTRY, known("failed", "interrupted", "failed"), again=True)
    assert found == Found(attempt(4), retries="d3", before=Usage(30, 15, 0.75))


def test_one_that_was_deleted_between_others_does_not_hide_those_after_it() -> None:
    assert find(ENTRY, {"2:1/single": ("d2", "completed", SPENT)}, again=False) == Found(
        attempt(2), "d2", over=True, spent=SPENT
    )
