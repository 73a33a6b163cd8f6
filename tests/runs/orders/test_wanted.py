"""From what a person asks for to a run: the same for the same."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from debate_server.core.errors import InvalidRequest
from debate_server.core.plan import AgentChange
from debate_server.formats import Formats
from debate_server.runs.holding.venue import Here
from debate_server.runs.items.source import open_items
from debate_server.runs.orders.bill import check
from debate_server.runs.orders.wanted import Pairs, Wanted, ordered, paired
from debate_server.settings import Settings
from tests.conftest import Serve
from tests.fakes.upstream import FakeUpstream

WANTED = Wanted(
    named=("quick",), models=("a", "b"), agents=(AgentChange(name="Skeptic", model="c"),), rounds=1, swap_sides=False,
    repeat=2, seed=1, score="judge", judge="j", baselines=True, budget=None,
)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({}, True), ({"budget": 1.0}, True), ({"named": ("quick", "quick")}, True),
        ({"named": ("quick", "classic")}, False),
        ({"models": ("a",)}, False), ({"agents": ()}, False), ({"rounds": None}, False), ({"swap_sides": True}, False),
        ({"repeat": 3}, False), ({"seed": None}, False), ({"score": None, "judge": None}, False),
        ({"judge": None}, False), ({"baselines": False}, False),
    ],
)  # fmt: skip
async def test_what_changes_a_debate_makes_another_run_and_what_does_not_the_same(
    serve: Serve, tmp_path: Path, change: dict[str, Any], same: bool
) -> None:
    (tmp_path / "a.txt").write_text("Why?\n")
    async with serve() as server:
        house, asked = server.house, []
        for wanted, limit in ((WANTED, None), (replace(WANTED, **change), 1)):
            with open_items(str(tmp_path / "a.txt"), longest=99, limit=limit) as items:
                make = ordered(wanted, items, Settings())
                asked.append((await make(Here(house.log, house.upstream, house.runner))).run.asked)
    assert (asked[0] == asked[1]) == same


async def test_a_run_has_all_that_was_asked_in_it(serve: Serve, fake: FakeUpstream, tmp_path: Path) -> None:
    fake.models = ["a", "b", "j"]
    (tmp_path / "a.txt").write_text("Why?\nWhy not?\n")
    pairs = Pairs(
        named="judge-only", models=("a", "b"), judges=("j", "j"), rounds=2, repeat=1, seed=None,
        budget=None,
    )  # fmt: skip
    async with serve() as server:
        venue = Here(server.house.log, server.house.upstream, server.house.runner)
        with open_items(str(tmp_path / "a.txt"), longest=99) as items:
            batch = (await ordered(WANTED, items, Settings())(venue)).run
            order = await paired(pairs, items, Settings())(venue)
            tournament = (await check(order, venue)).run(order)
    assert (batch.rounds, batch.agents, batch.judges) == (1, WANTED.agents, ("j",))
    assert (tournament.rounds, tournament.judges, tournament.items, tournament.total) == (2, ("j", "j"), 2, 4)


async def test_two_formats_of_one_name_are_refused(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Why?\n")
    mine = tmp_path / "mine.toml"
    mine.write_text(Formats().files["quick"].text)
    wanted = replace(WANTED, named=("quick", str(mine)))
    async with serve() as server:
        house = server.house
        venue = Here(house.log, house.upstream, house.runner)
        with (
            open_items(str(tmp_path / "a.txt"), longest=99) as items,
            pytest.raises(InvalidRequest, match=r"named 'quick'\. Give the one in your file another `name`"),
        ):
            await ordered(wanted, items, Settings())(venue)


async def test_a_run_goes_by_its_files_name_wherever_that_is(serve: Serve, tmp_path: Path) -> None:
    folder = tmp_path.joinpath(*["x" * 100] * 4)
    folder.mkdir(parents=True)
    (folder / "a.txt").write_text("Why?\n")
    async with serve() as server:
        house = server.house
        with open_items(str(folder / "a.txt"), longest=99) as items:
            order = await ordered(WANTED, items, Settings())(Here(house.log, house.upstream, house.runner))
    assert order.run.source == "a.txt"
