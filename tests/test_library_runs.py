"""Runs in one's own program: the results of many debates, and what they show."""

import asyncio
import inspect
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from debate_server import Debates, InvalidRequest, Result, Unfinished, evaluate
from tests.fakes.script import Gate, Say, refuse
from tests.fakes.upstream import FakeUpstream
from tests.test_library import here

SUMS = [{"topic": f"What is {number} + 1?", "answer": str(number + 1), "id": f"sum-{number}"} for number in range(4)]
TWO = ("Are cats wise?", "Are dogs wise?")


async def all_of(held: Debates, items: Any, **wanted: Any) -> list[Result]:
    return [result async for result in held.run(items, **wanted)]


async def test_a_run_is_held_once_and_its_results_come_again(fake: FakeUpstream, tmp_path: Path) -> None:
    wanted: dict[str, Any] = {"formats": ["single", "quick"], "models": ["fake-chat", "other"], "rounds": 1}
    fake.models = wanted["models"]
    async with here(fake, tmp_path) as held:
        results = await all_of(held, TWO, **wanted)
    assert {(result.topic, result.format, result.model) for result in results} == {
        (topic, format_, model) for topic in TWO for format_ in wanted["formats"] for model in wanted["models"]
    }
    assert {result.status for result in results} == {"completed"}

    asked = len(fake.requests)
    async with here(fake, tmp_path) as held:
        again = await all_of(held, TWO, **wanted)
        assert {result.debate for result in again} == {result.debate for result in results}
    assert len(fake.requests) == asked


async def test_bad_items_are_left_out_where_that_is_asked_for(fake: FakeUpstream, tmp_path: Path) -> None:
    items = ["One?", {"topic": ""}, "Two?", "Three?"]
    async with here(fake, tmp_path) as held:
        with pytest.raises(InvalidRequest, match="items, line 2"):
            await all_of(held, items, formats=["single"])
        told = await all_of(held, items, formats=["single"], skip_bad=True, limit=2)
    assert sorted(one.topic for one in told) == ["One?", "Two?"]


async def test_what_is_no_item_is_left_out_too_where_that_is_asked_for(fake: FakeUpstream, tmp_path: Path) -> None:
    items = [5, {"topic": object()}, "Half a \ud83d?", {"topic": "One?"}]
    async with here(fake, tmp_path) as held:
        [told] = await all_of(held, items, formats="single", skip_bad=True)
    assert told.topic == "One?"


async def test_one_item_one_format_and_one_model_need_no_list(fake: FakeUpstream, tmp_path: Path) -> None:
    fake.models = ["fake-chat", "other"]
    async with here(fake, tmp_path) as held:
        [told] = await all_of(held, MappingProxyType({"topic": "One?"}), formats="single", models="other")
    assert (told.topic, told.format, told.model) == ("One?", "single", "other")


def test_the_keywords_of_a_run_are_shown_without_their_bounds() -> None:
    shown = inspect.signature(Debates.run).parameters
    assert (str(shown["repeat"]), shown["limit"].annotation) == ("repeat: int = 1", int | None)


def test_what_is_no_seed_is_told() -> None:
    with pytest.raises(InvalidRequest, match="seed: input should be greater than or equal to 0"):
        evaluate([], seed=-1)


async def test_answers_are_scored_beside_the_baselines(fake: FakeUpstream, tmp_path: Path) -> None:
    fake.script = lambda _: [Say("Answer: 2")]
    async with here(fake, tmp_path) as held:
        results = await all_of(held, SUMS, formats=["society"], rounds=2)
    shown = evaluate(results)
    assert {score.format: (score.right, score.scored) for score in shown.scores}["society"] == (1, 4)
    assert {score.role for score in shown.scores} == {"debate", "baseline"}


async def test_items_come_from_a_file_too(fake: FakeUpstream, tmp_path: Path) -> None:
    file = tmp_path / "topics.txt"
    file.write_text("\n".join(TWO))
    async with here(fake, tmp_path) as held:
        for named in (file, str(file)):
            assert {result.topic for result in await all_of(held, named, formats=["single"])} == set(TWO)


async def test_who_leaves_a_run_begins_no_more_of_it(fake: FakeUpstream, tmp_path: Path) -> None:
    topics = [f"Is {number} so?" for number in range(20)]
    async with here(fake, tmp_path) as held:
        results = held.run(topics, formats=["single"], at_once=1)
        first = await anext(results)
        fake.script = lambda _: [Gate(asyncio.Event())]
        await results.aclose()
        begun = len(fake.requests)
        assert begun < len(topics)
    fake.script = lambda _: [Say("Yes.")]
    async with here(fake, tmp_path) as held:
        again = await all_of(held, topics, formats=["single"])
    assert sorted(result.topic for result in again) == sorted(topics)
    assert first in again


async def test_what_failed_is_a_result_and_is_held_again_where_that_is_asked_for(
    fake: FakeUpstream, tmp_path: Path
) -> None:
    async with here(fake, tmp_path) as held:
        fake.play([refuse(400, "not so")])
        [failed] = await all_of(held, TWO[:1], formats=["single"])
        assert failed.error is not None
        assert (failed.status, failed.error.code) == ("failed", "upstream_rejected")
        assert await all_of(held, TWO[:1], formats=["single"]) == [failed]
        [mended] = await all_of(held, TWO[:1], formats=["single"], retry_failed=True)
        assert (mended.status, mended.attempt) == ("completed", 2)


@pytest.mark.parametrize(
    ("items", "wanted", "said"),
    [
        ([], {}, "items: there is no topic"),
        (["Yes?", " "], {}, "items, line 2"),
        ([5], {}, "items, line 1: there is no topic, only nothing. It takes: topic, id"),
        (["Yes?", None, b"No?"], {}, "items, line 2: (.|\n)*items, line 3: there is no topic"),
        ([{"topic": object()}], {}, "items, line 1: topic: input should be a valid string"),
        ([{"topic": "Yes?", "answer": {"a", "b"}}], {}, "items, line 1: answer: input should be a valid string"),
        (["Half a \ud83d?"], {}, "items, line 1: topic: .*unicode"),
        ([{1: "Yes?"}], {}, "items, line 1: there is no topic, only '1'"),
        (5, {}, "items: expected topics, dictionaries, or the name of a file, not 5"),
        ([{"topic": "Yes?", "anwser": "1"}], {}, "anwser"),
        (TWO, {"formats": ["parliament"]}, "Choose one of"),
        (TWO, {"models": ["nobody"]}, "nobody"),
        (TWO, {"formats": ["single", 1]}, r"formats\[1\]: input should be a valid string"),
        (TWO, {"formats": {"extends": "single"}}, "formats: input should be an instance of Sequence"),
        (TWO, {"formats": "parliament"}, "There is no format 'parliament'"),
        (TWO, {"repeat": 0}, "repeat: input should be greater than or equal to 1"),
        (TWO, {"at_once": 0}, "at_once: input should be greater than or equal to 1"),
        (TWO, {"at_once": "many"}, "at_once: input should be a valid integer"),
        (TWO, {"limit": -1}, "limit: input should be greater than or equal to 1"),
        (TWO, {"seed": -1}, "^seed: input should be greater than or equal to 0"),
        (TWO, {"rounds": "two"}, "^rounds: input should be a valid integer"),
        (TWO, {"budget_usd": 0}, "budget_usd: input should be greater than 0"),
        (TWO, {"score": "nubmer"}, "score: input should be 'exact', 'number', 'choice' or 'judge'"),
        (TWO, {"agents": {"name": "Speaker"}}, "agents: input should be an instance of Sequence"),
        (TWO, {"agents": [{"name": "Speaker", "modle": "other"}]}, r"agents\[0\]\.modle"),
        (TWO, {"reapeat": 2}, "reapeat: unexpected keyword argument. It takes: items, formats, models"),
        ("nowhere.txt", {}, "There is no file nowhere.txt"),
    ],
)
async def test_a_run_that_cannot_be_held_is_told_and_costs_nothing(
    items: Any, wanted: dict[str, Any], said: str, fake: FakeUpstream, tmp_path: Path
) -> None:
    async with here(fake, tmp_path) as held:
        with pytest.raises(InvalidRequest, match=said):
            await all_of(held, items, **wanted)
    assert fake.requests == []


async def test_a_run_that_is_not_held_whole_says_so_at_its_end(fake: FakeUpstream, tmp_path: Path) -> None:
    fake.script = lambda _: [refuse(401, "no such key")]
    results: list[Result] = []

    async def take(held: Debates) -> None:
        async for result in held.run(TWO, formats=["single"], at_once=1):
            results.append(result)

    async with here(fake, tmp_path) as held:
        with pytest.raises(Unfinished, match=r"^1 of 2 debates left\. No more debates are begun with this model"):
            await take(held)
    assert [result.status for result in results] == ["failed"]
