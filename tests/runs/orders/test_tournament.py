"""Tournaments: everybody meets everybody, on either side."""

from collections import Counter
from typing import Any

import pytest

from debate_server.core.errors import InvalidRequest
from debate_server.core.plan import AgentChange
from debate_server.formats import Formats
from debate_server.runs.items.shape import Item
from debate_server.runs.orders.tournament import Tournament, judges, with_panel

FORMATS = Formats("")
JUDGED = FORMATS.get("judge-only")
ITEM = Item(id="i", line=1, topic="Why?", tags=("t",))


def test_every_pair_meets_on_both_sides_as_often_as_is_asked() -> None:
    held = Tournament(format_=JUDGED, models=("a", "b", "c"), repeat=2, seed=5).of(ITEM)
    met = Counter[tuple[str | None, ...]]()
    seeds = Counter[int | None]()
    names = set[str]()
    for one in held:
        models = {change.name: change.model for change in one.start.agents}
        met[tuple(models[agent.name] for agent in JUDGED.agents if agent.side in ("for", "against"))] += 1
        seeds[one.start.seed] += 1
        names.add(one.entry.name)
        assert one.entry.swapped == (list(models.values())[:2] != one.entry.model.split(" vs "))
    assert met == Counter({(one, other): 2 for one in "abc" for other in "abc" if one != other})
    assert seeds == {5: 6, 6: 6}
    assert len(names) == 12


def test_a_panel_takes_the_place_of_the_judges_and_each_has_its_model() -> None:
    format_ = with_panel(JUDGED, 3)
    assert judges(format_) == ["Judge 1", "Judge 2", "Judge 3"]
    assert FORMATS.of(format_.model_dump(mode="json", exclude_defaults=True)) == format_
    tournament = Tournament(format_=format_, models=("a", "b"), judges=("x", "y", "z"))
    for one in tournament.of(ITEM):
        models = {change.name: change.model for change in one.start.agents}
        assert [models[judge] for judge in judges(format_)] == ["x", "y", "z"]


def test_without_a_panel_the_formats_own_judge_judges() -> None:
    assert with_panel(JUDGED, 0) is JUDGED
    assert judges(with_panel(JUDGED, 1)) == judges(JUDGED) == ["Judge"]


@pytest.mark.parametrize("own", [{"format": "quick"}, {"agents": (AgentChange(name="Judge", model="z"),)}])
def test_what_an_item_cannot_have_is_named_by_its_line(own: dict[str, Any]) -> None:
    item = Item(id="i", line=7, topic="Why?", **own)
    with pytest.raises(InvalidRequest, match=f"a tournament holds .* Take `{next(iter(own))}` out"):
        next(Tournament(format_=JUDGED, models=("a", "b")).of(item))


@pytest.mark.parametrize("name", ["society", "vote", "single", "quick"])
def test_what_has_no_two_sides_that_are_judged_is_no_tournament(name: str) -> None:
    with pytest.raises(InvalidRequest, match="no two sides that are judged"):
        with_panel(FORMATS.get(name), 0)
