"""The page's fold of events knows the server's vocabulary, and nothing breaks on what it does not know."""

from pathlib import Path
from typing import Any

import orjson
from playwright.async_api import Page

from tests.page.conftest import Visit

GOLDEN = Path(__file__).parents[1] / "core" / "events.golden.ndjson"
EVENTS: list[dict[str, Any]] = [orjson.loads(line) for line in GOLDEN.read_bytes().splitlines()]


async def folded(page: Page, events: list[dict[str, Any]]) -> dict[str, Any]:
    """What the page's own fold makes of events."""
    state = await page.evaluate(
        "(events) => import('/static/events.js').then(({ fold, NO_DEBATE }) => events.reduce(fold, NO_DEBATE))", events
    )
    assert isinstance(state, dict)
    return state


async def test_the_page_knows_every_event_of_the_server_and_no_other(visit: Visit) -> None:
    async with visit() as page:
        known = await page.evaluate("() => import('/static/events.js').then(({ EVENTS }) => Object.keys(EVENTS))")
    assert set(known) == {event["type"] for event in EVENTS}


async def test_every_event_leaves_its_trace_and_an_unknown_one_only_its_seq(visit: Visit) -> None:
    start, *others = [event for event in EVENTS if "parent" not in event]
    async with visit() as page:
        state = await folded(page, [start])
        for end in range(len(others)):
            event = others[end]
            before, state = state, await folded(page, [start, *others[: end + 1]])
            assert {**before, "seq": event["seq"]} != state, event["type"]
        again = await folded(page, [start, *others, *others])
        unknown = await folded(page, [start, *others, {"type": "constructor", "seq": 99, "turn": 1}])
    assert again == state
    assert unknown == {**state, "seq": 99}


async def test_a_speech_that_is_only_heard_of_at_its_end_is_a_turn_all_the_same(visit: Visit) -> None:
    start, end = EVENTS[0], next(event for event in EVENTS if event["type"] == "agent_end")
    async with visit() as page:
        [turn] = (await folded(page, [start, end]))["turns"]
        both = await folded(page, [start, end | {"turn": 2}, end | {"turn": 1, "seq": end["seq"] + 1}])
    assert (turn["agent"], turn["round"], turn["text"], turn["phase"]) == ("Optimist", 1, "Yes.", "ended")
    assert [turn["turn"] for turn in both["turns"]] == [1, 2], "of those that ended together the second was first"


async def test_a_fork_is_held_by_its_own_pauses_alone_and_shows_where_it_leaves_its_parent(visit: Visit) -> None:
    start = EVENTS[0] | {"parent": "p", "parent_seq": 3}
    turn = {"type": "agent_start", "seq": 2, "agent": "Optimist", "turn": 1, "round": 1, "attempt": 1}
    copied, own = ({"type": "paused", "seq": seq, "by": "person"} for seq in (3, 4))
    async with visit() as page:
        before = await folded(page, [start, turn, copied])
        after = await folded(page, [start, turn, copied, own])
    assert (before["isHeld"], after["isHeld"]) == (False, True)
    assert [(aside["kind"], aside["after"]) for aside in after["asides"]] == [("paused", 1), ("fork", 1), ("paused", 1)]
