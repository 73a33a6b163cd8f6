"""The sets that ship: their answers are right, there is one, and a seed gives the same items everywhere."""

import re
from collections.abc import Callable
from itertools import permutations, product

import pytest

from debate_server.runs.items.arithmetic import arithmetic
from debate_server.runs.items.dice import Dice
from debate_server.runs.items.sets import SETS, made
from debate_server.runs.items.shape import Item
from debate_server.runs.scoring.choice import asked
from debate_server.runs.scoring.score import correct, kind_of

COUNT = 100
PLACES = ("second ", "third ")


def test_a_sum_has_the_papers_numbers_and_its_result() -> None:
    drawn = set[int]()
    for item in made("arithmetic", COUNT, 7):
        [found] = re.findall(r"^What is the result of (\d+)\+(\d+)\*(\d+)\+(\d+)-(\d+)\*(\d+)\?$", item.topic)
        a, b, c, d, e, f = numbers = [int(number) for number in found]
        assert item.answer == str(a + b * c + d - e * f)
        drawn.update(numbers)
    assert drawn == set(range(30))


def test_an_addition_is_of_two_numbers_and_there_are_as_many_as_can_be_asked_for() -> None:
    for item in made("addition", COUNT, 7):
        [numbers] = re.findall(r"^What is (\d{1,2})\+(\d{1,2})\?$", item.topic)
        assert item.answer == str(sum(map(int, numbers)))
    assert len(list(made("addition", 10_000, 1))) == 10_000


def test_an_order_has_one_answer_and_needs_all_that_is_told() -> None:
    for item in of_kind("ordering"):
        clues = re.findall(r"(\w+) is (\w+) than (\w+)\.", item.topic)
        assert answers(item, clues) == {item.answer}
        for clue in clues:
            assert len(answers(item, [other for other in clues if other != clue])) > 1


def answers(item: Item, clues: list[tuple[str, str, str]]) -> set[str]:
    """Who may be meant, by every order from most to least."""
    [(place, asked)] = re.findall(r"Who is the (second |third )?(\w+) of them\?$", item.topic)
    less = {"shorter", "younger", "lighter"}
    index = PLACES.index(place) + 1 if place else 0
    found = set[str]()
    for order in permutations(item.choices):
        place_of = {name: number for number, name in enumerate(order)}
        if all((place_of[one] < place_of[other]) != (how in less) for one, how, other in clues):
            found.add(order[-1 - index] if asked in ("shortest", "youngest", "lightest") else order[index])
    return found


# What is said, as a test of a world by the names in it: ``w`` tells who is a knight, ``me`` speaks.
SAID: dict[str, Callable[..., bool]] = {
    r"(\w+) is a knight\.":                       lambda w, me, a: w[a],
    r"(\w+) is a knave\.":                        lambda w, me, a: not w[a],
    r"(\w+) and I are of different kinds\.":      lambda w, me, a: w[a] is not w[me],
    r"(\w+) and (\w+) are both knights\.":        lambda w, me, a, b: w[a] and w[b],
    r"(\w+) and (\w+) are of the same kind\.":    lambda w, me, a, b: w[a] is w[b],
    r"(\w+) and (\w+) are of different kinds\.":  lambda w, me, a, b: w[a] is not w[b],
    r"(\w+) or (\w+) is a knave\.":               lambda w, me, a, b: not w[a] or not w[b],
    r"At least one of us three is a knave\.":     lambda w, me: not all(w.values()),
    r"Exactly one of us three is a knight\.":     lambda w, me: list(w.values()).count(True) == 1,
    r"Exactly one of us three is a knave\.":      lambda w, me: list(w.values()).count(False) == 1,
}  # fmt: skip


def test_knights_and_knaves_have_one_world_and_the_answer_is_alone_in_it() -> None:
    unsaid = set(SAID)
    for item in of_kind("knights"):
        said = re.findall(r'(\w+) says: "([^"]+)"', item.topic)
        assert [speaker for speaker, _ in said] == list(item.choices)
        worlds = []
        for kinds in product((True, False), repeat=3):
            world = dict(zip(item.choices, kinds, strict=True))
            if all(holds(words, world, speaker) is world[speaker] for speaker, words in said):
                worlds.append(world)
        [world] = worlds
        [kind] = re.findall(r"Which one of them is the (knight|knave)\?$", item.topic)
        assert [name for name in world if world[name] == (kind == "knight")] == [item.answer]
        unsaid -= {pattern for pattern in SAID for _, words in said if meant(pattern, words)}
    assert unsaid == set()


def holds(words: str, world: dict[str, bool], speaker: str) -> bool:
    [(test, found)] = [(SAID[pattern], found) for pattern in SAID if (found := meant(pattern, words))]
    return test(world, speaker, *found.groups())


def meant(pattern: str, words: str) -> re.Match[str] | None:
    """The match, where "I" is no name."""
    found = re.fullmatch(pattern, words)
    return found if found and "I" not in found.groups() else None


def of_kind(kind: str) -> list[Item]:
    items = [item for item in made("logic", 2 * COUNT, 3) if item.tags == (kind,)]
    assert len(items) > COUNT / 2
    return items


@pytest.mark.parametrize("name", SETS)
def test_a_seed_gives_the_same_items_and_another_one_others(name: str) -> None:
    first = list(made(name, COUNT, 1))
    assert list(made(name, 10, 1)) == first[:10]
    topics = {item.topic for item in first}
    assert len(topics) == len({item.id for item in first}) == COUNT
    assert [item.topic for item in made(name, COUNT, 2)] != [item.topic for item in first]


def test_no_item_is_made_twice() -> None:
    count, seed = 5000, 124  # a seed that draws a sum twice
    dice = Dice(seed)
    assert len({arithmetic(dice).topic for _ in range(count)}) < count
    topics = [item.topic for item in made("arithmetic", count, seed)]
    assert len(topics) == len(set(topics)) == count


@pytest.mark.parametrize(
    ("name", "topic", "answer"),
    [
        ("addition", "What is 8+25?", "33"),
        ("arithmetic", "What is the result of 4+25*22+7-14*13?", "379"),
        ("logic", "Petra, Emma, Jonas, Ivan and Nils are of different weights. Petra is heavier than Emma. Nils is "
                  "lighter than Petra. Emma is heavier than Jonas. Jonas is heavier than Ivan. Who is the heaviest of "
                  "them?", "Petra"),
    ],
)  # fmt: skip
def test_a_seed_gives_what_it_has_always_given(name: str, topic: str, answer: str) -> None:
    [item] = made(name, 1, 1)
    assert (item.id, item.topic, item.answer) == (f"{name}-1-1", topic, answer)


def test_no_place_of_a_choice_is_the_answer_more_often_than_others() -> None:
    for kind, count in (("knights", 3), ("ordering", 4)):
        items = [item for item in of_kind(kind) if len(item.choices) == count]
        places = [item.choices.index(item.answer or "") for item in items]
        assert min(places.count(place) for place in range(count)) > len(items) / count / 2


@pytest.mark.parametrize("name", SETS)
def test_an_item_is_put_in_few_words_and_scored_by_them(name: str) -> None:
    for item in made(name, 50, 1):
        assert item.answer is not None
        kind = kind_of(item.answer, item.choices)
        assert kind == ("choice" if item.choices else "number")
        assert correct(kind, f"So it is.\nAnswer: {item.answer}.", item.answer, item.choices)
        assert len(asked(item.topic, item.choices)) < 600
