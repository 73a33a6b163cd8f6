"""The product: items by formats, models, repeats and sides, the same each time."""

from collections.abc import Sequence
from typing import Any

import pytest

from debate_server.core.errors import InvalidRequest
from debate_server.core.plan import AgentChange
from debate_server.runs.items.shape import Item
from debate_server.runs.orders.product import Chosen, Planned, Product, exchanged, with_model

SEATS = [("Optimist", "for"), ("Skeptic", "against"), ("Moderator", "chair")]
QUICK = Chosen("quick", "quick", SEATS)
SOCIETY = Chosen("society", "society", [("A", "none"), ("B", "none")])
SINGLE = Chosen("single", "single", [("Speaker", "alone")], beside=True)
FORMATS = {one.name: one for one in (QUICK, SOCIETY)}
ITEM = Item(id="i", line=7, topic="Why?")


def of(item: Item = ITEM, chosen: Sequence[Chosen] = (QUICK,), **fields: Any) -> list[Planned]:
    return list(Product(chosen=chosen, formats=FORMATS, **fields).of(item))


def names(planned: Sequence[Planned]) -> list[str]:
    return [one.entry.name for one in planned]


def models(one: Planned) -> dict[str, str | None]:
    return {change.name: change.model for change in one.start.agents}


def test_each_format_by_each_model_as_often_as_is_asked() -> None:
    assert names(of(chosen=(QUICK, SOCIETY), models=("a", "b"), repeat=2)) == [
        "i/quick/a", "i/quick/b", "i/society/a", "i/society/b",
        "i/quick/a/2", "i/quick/b/2", "i/society/a/2", "i/society/b/2",
    ]  # fmt: skip


def test_every_seat_has_the_model_but_those_that_are_named_for_another() -> None:
    [one] = of(models=("a",), agents=(AgentChange(name="Skeptic", model="b"), AgentChange(name="A", model="c")))
    assert models(one) == {"Optimist": "a", "Skeptic": "b", "Moderator": "a"}
    [one] = of()
    assert one.start.agents == ()


def test_an_item_has_its_own_way() -> None:
    own = Item(id="i", line=7, topic="Why?", format="society", rounds=3, agents=(AgentChange(name="A", model="z"),))
    [one] = of(own, models=("a",), rounds=2, agents=(AgentChange(name="A", model="y"),))
    assert (one.entry.format, one.start.format, one.start.rounds) == ("society", "society", 3)
    assert models(one) == {"A": "z", "B": "a"}
    [one] = of(rounds=2)
    assert one.start.rounds == 2


def test_baselines_are_held_where_there_is_an_answer_with_no_rounds_of_the_debates() -> None:
    assert names(of(chosen=(QUICK, SINGLE))) == ["i/quick"]
    answered = Item(id="i", line=7, topic="Why?", answer="yes", agents=(AgentChange(name="Skeptic", model="z"),))
    debate, beside = of(answered, chosen=(QUICK, SINGLE), rounds=2)
    assert [(one.entry.role, one.start.rounds) for one in (debate, beside)] == [("debate", 2), ("baseline", None)]
    assert beside.start.agents == ()


def test_an_item_that_asks_for_a_baselines_format_itself_is_held_in_it_once() -> None:
    own = Item(id="i", line=7, topic="Why?", answer="yes", format="single")
    asked = {"single": Chosen("single", "single", SINGLE.seats)}
    held = Product(chosen=(QUICK, SINGLE), formats=asked).of(own)
    assert [(one.entry.name, one.entry.role) for one in held] == [("i/single", "debate")]


def test_sides_are_exchanged_where_that_changes_something() -> None:
    agents = (AgentChange(name="Skeptic", model="b", persona="P", temperature=0.5, max_tokens=99),)
    straight, swapped = of(models=("a",), agents=agents, swap_sides=True)
    assert names([straight, swapped]) == ["i/quick/a", "i/quick/a/swapped"]
    assert models(swapped) == {"Optimist": "b", "Skeptic": "a", "Moderator": "a"}
    changes = {change.name: change for change in swapped.start.agents}
    assert (changes["Optimist"].temperature, changes["Optimist"].max_tokens) == (0.5, 99)
    assert (changes["Optimist"].persona, changes["Skeptic"].persona) == (None, "P")  # that is the seat's
    assert names(of(models=("a",), swap_sides=True)) == ["i/quick/a"]
    assert names(of(chosen=(SOCIETY,), models=("a",), swap_sides=True)) == ["i/society/a"]


def test_to_exchange_twice_is_to_leave_as_it_was() -> None:
    changes = with_model((AgentChange(name="Skeptic", model="b"),), "a", SEATS)
    once = exchanged(changes, SEATS)
    assert once != changes
    assert exchanged(once, SEATS) == changes


def test_repeats_have_the_next_seeds() -> None:
    assert [one.start.seed for one in of(repeat=3, seed=7)] == [7, 8, 9]
    assert [one.start.seed for one in of(repeat=2)] == [None, None]


@pytest.mark.parametrize(
    ("wanted", "answer", "choices", "scored"),
    [
        (None, "42", (), "number"), (None, "Paris", (), "exact"), (None, "b", ("a", "b"), "choice"),
        ("exact", "42", (), "exact"), ("number", "42 apples", (), "number"), ("judge", "42", (), "judge"),
        ("choice", "b", ("a", "b"), "choice"), ("number", None, (), None), ("choice", None, (), None),
    ],
)  # fmt: skip
def test_an_answer_is_scored_as_that_is_asked_for_or_by_what_it_is(
    wanted: Any, answer: str | None, choices: tuple[str, ...], scored: str | None
) -> None:
    item = Item(id="i", line=7, topic="Why?", answer=answer, choices=choices)
    assert [one.entry.score for one in of(item, score=wanted)] == [scored]


@pytest.mark.parametrize(
    ("fields", "wanted", "said"),
    [
        ({"format": "nope"}, None, "there is no format 'nope'. Choose one of: quick, society."),
        ({"agents": (AgentChange(name="Nobody"),)}, None, "quick has no agent 'Nobody'"),
        ({"answer": "some"}, "number", "its answer, 'some', is no number"),
        ({"answer": "some"}, "choice", "it has no choices"),
    ],
)
def test_what_an_item_cannot_have_is_named_by_its_line(fields: dict[str, Any], wanted: Any, said: str) -> None:
    with pytest.raises(InvalidRequest, match=said):
        of(Item(id="i", line=7, topic="Why?", **fields), score=wanted)


def test_a_baseline_that_takes_several_debates_has_them_numbered_on() -> None:
    vote = Chosen("vote-7", "vote", [("Sample 1", "sample")], beside=True, times=2)
    held = Product(chosen=[QUICK, vote], formats={}, repeat=2, seed=5).of(Item("1", 1, "What is 2+2?", answer="4"))
    told = [(one.entry.name, one.entry.repeat, one.start.seed) for one in held if one.entry.role == "baseline"]
    assert told == [("1/vote-7", 1, 5), ("1/vote-7/2", 2, 6), ("1/vote-7/3", 3, 7), ("1/vote-7/4", 4, 8)]
