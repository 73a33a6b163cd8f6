"""An order as a whole: what it comes to, and what of it cannot be meant."""

from typing import Any

import pytest

from debate_server.runs.holding.venue import Here
from debate_server.runs.items.source import given
from debate_server.runs.orders.bill import Bill, check
from debate_server.runs.orders.wanted import Wanted, ordered
from debate_server.settings import Settings
from tests.conftest import Serve
from tests.fakes.upstream import FakeUpstream

WANTED: dict[str, Any] = {
    "named": ("quick",), "models": (), "agents": (), "rounds": None, "swap_sides": False, "repeat": 1, "seed": None,
    "score": None, "judge": None, "baselines": False, "budget": None,
}  # fmt: skip


async def bill(serve: Serve, items: list[Any], **wanted: Any) -> Bill:
    async with serve() as server:
        house = server.house
        venue = Here(house.log, house.upstream, house.runner)
        with given(items, longest=9_999) as source:
            order = await ordered(Wanted(**(WANTED | wanted)), source, Settings())(venue)
            return await check(order, venue)


@pytest.mark.parametrize(
    ("much", "little"), [({"model": "dear"}, {"model": "cheap"}), ({"max_tokens": 9_999}, {"max_tokens": 16})]
)
async def test_the_least_is_below_the_most_where_items_have_models_of_their_own(
    serve: Serve, fake: FakeUpstream, much: dict[str, Any], little: dict[str, Any]
) -> None:
    fake.models = [{"id": "fake-chat", "pricing": {"input": 1, "output": 1}}] + [
        {"id": name, "pricing": {"input": price, "output": price}} for name, price in (("dear", 1000), ("cheap", 0.001))
    ]
    seats = ("Optimist", "Skeptic", "Moderator")
    told = await bill(
        serve,
        [
            {"topic": "Why?", "agents": [{"name": seat, **much} for seat in seats]},
            {"topic": "Why? " * 200, "agents": [{"name": seat, **little} for seat in seats]},
        ],
    )
    assert told.whole.debates == 2
    assert told.whole.least.usage.output < told.whole.most.usage.output
    assert (told.whole.least.usage.cost_usd or 0) < (told.whole.most.usage.cost_usd or 0)
