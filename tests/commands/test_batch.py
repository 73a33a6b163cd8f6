"""``debate batch``: the debates of a file, each once, whatever ends the command in between."""

import asyncio
import os
import pty
import re
from collections import Counter
from contextlib import AsyncExitStack

import aiohttp
import orjson

from tests.commands.batches import SINGLE, WORDS, beside, both, results, topics
from tests.commands.conftest import Cli
from tests.fakes.script import Gate, Say, refuse
from tests.fakes.upstream import FakeUpstream


async def test_what_failed_is_named_and_held_again_when_that_is_asked_for(debate: Cli, fake: FakeUpstream) -> None:
    refused = {"Is 2 so?"}
    fake.script = lambda body: [refuse(400)] if any(one in str(body["messages"]) for one in refused) else WORDS
    command = ("batch", topics(debate, 3), *SINGLE, "--out", "out.ndjson")
    ran = await debate(*command)
    assert ran.code == 4
    by_item = {one["item"]: one for one in results(debate.home / "out.ndjson")}
    assert by_item["2"]["status"] == "failed"
    assert by_item["2"]["error"]["code"] == "upstream_rejected"
    assert f"1 failed: 2/single. {by_item['2']['error']['message']}\n--retry-failed holds" in ran.err
    assert (by_item["2"]["answer"], by_item["2"]["correct"]) == (None, None)

    again = await debate(*command)  # nothing is held again by itself
    assert (again.code, len(fake.requests)) == (4, 3)
    assert len(results(debate.home / "out.ndjson")) == 3

    refused.clear()
    last = await debate(*command, "--retry-failed")
    assert last.code == 0, last.err
    found = results(debate.home / "out.ndjson")
    assert sorted((one["item"], one["status"], one["attempt"]) for one in found) == [
        ("1", "completed", 1), ("2", "completed", 2), ("3", "completed", 1)
    ]  # fmt: skip
    assert len(fake.requests) == 4


async def test_an_endpoint_that_refuses_the_key_ends_the_run_before_it_has_gone_through_the_file(
    debate: Cli, fake: FakeUpstream
) -> None:
    fake.script = lambda _: [refuse(401)]
    ran = await debate("batch", topics(debate, 40), *SINGLE, "-j", "40", "--out", "out.ndjson")
    assert ran.code == 4
    assert "No more debates are begun with this model" in ran.err
    assert len(fake.requests) == 4
    assert "36 left" in ran.err


async def test_the_debates_of_a_run_are_listed_under_it_and_watched_where_it_is_held(
    debate: Cli, fake: FakeUpstream
) -> None:
    release = asyncio.Event()
    fake.script = lambda _: [Gate(release), *WORDS]
    async with debate.start("batch", topics(debate, 2), *SINGLE) as running:
        assert running.process.stderr is not None
        told = (await running.process.stderr.readline()).decode()
        assert told.startswith("2 debates. Watch at http://127.0.0.1:")
        address, _, run = told.split()[-1].partition("/runs/")
        await fake.asked(2)
        async with aiohttp.ClientSession(address) as session:
            async with session.get(f"/api/runs/{run}") as response:
                look = await response.json()
            async with session.get(f"/api/debates?run={run}") as response:
                listed = [(one["entry"], one["status"]) for one in (await response.json())["debates"]]
        assert (look["total"], look["source"], look["debates"]) == (2, "topics.txt", {"running": 2})
        assert sorted(listed) == [("1/single", "running"), ("2/single", "running")]
        release.set()
        assert (await running.end()).code == 0


@both
async def test_the_page_that_is_named_can_be_opened_where_a_token_is_asked_for(
    debate: Cli, fake: FakeUpstream, through: bool
) -> None:
    debate.environment["DEBATE_TOKEN"] = "open-sesame"
    release = asyncio.Event()
    fake.script = lambda _: [Gate(release), *WORDS]
    async with AsyncExitStack() as stack:
        await beside(stack, debate, through)
        async with debate.start("batch", topics(debate, 1), *SINGLE) as running, aiohttp.ClientSession() as session:
            assert running.process.stderr is not None
            page = (await running.process.stderr.readline()).decode().split()[-1]
            async with session.get(page) as response:
                assert response.status == 200
            release.set()
            assert (await running.end()).code == 0


async def test_a_dry_run_tells_what_it_would_come_to_and_asks_no_model(debate: Cli, fake: FakeUpstream) -> None:
    fake.models = [{"id": "fake-chat", "pricing": {"prompt": "0.000001", "completion": "0.000002"}}]
    ran = await debate("batch", topics(debate, 30), "--format", "society", *SINGLE, "--dry-run")
    assert ran.code == 0, ran.err
    head, *rows = [re.split(r"\s{2,}", line.strip()) for line in ran.out.splitlines()]
    assert head == ["debates", "calls", "tokens", "cost"]
    assert [row[:3] for row in rows] == [  # a society may agree after its first round
        ["society", "30", "90 – 270"], ["single", "30", "30"], ["all of it", "60", "120 – 300"]
    ]  # fmt: skip
    least, most = (float(cost.strip("$")) for cost in rows[-1][-1].split(" – "))
    assert 0 < least < most
    (debate.home / "sums.jsonl").write_text('{"topic":"What is 6*7?","answer":"42"}\n')
    ran = await debate("batch", "sums.jsonl", "--format", "society", "--score", "judge", "--dry-run")
    assert [re.split(r"\s{2,}", line)[0] for line in ran.out.splitlines()[1:]] == [
        "society", "vote-11, beside them", "single, beside them", "marking, of answers", "all of it"
    ]  # fmt: skip
    assert not fake.requests


async def test_a_budget_holds_for_the_whole_run_and_more_of_it_goes_on(debate: Cli, fake: FakeUpstream) -> None:
    """A debate may cost $0.40 at most and costs half of that: no more are begun than fit at their worst."""
    fake.models = [{"id": "fake-chat", "pricing": {"prompt": "0", "completion": "0.001"}}]
    fake.script = lambda _: [Say("So it is.", usage={"prompt_tokens": 7, "completion_tokens": 200})]
    asked = ("batch", topics(debate, 10), *SINGLE)
    command = (*asked, "--out", "out.ndjson", "--budget-usd")
    ran = await debate(*command, "1")
    assert ran.code == 4
    assert "are spent (--budget-usd)" in ran.err
    assert len(results(debate.home / "out.ndjson")) == len(fake.requests) == 3
    told = await debate(*asked, "-j", "1", "--budget-usd", "1")  # what is held is told, though nothing can be begun
    assert len(told.events) == 3
    assert "3 of 10 debates held. 7 left" in told.err
    more = await debate(*command, "20")
    assert more.code == 0, more.err
    assert len(results(debate.home / "out.ndjson")) == len(fake.requests) == 10


async def test_answers_are_scored_and_stand_beside_the_baselines(debate: Cli, fake: FakeUpstream) -> None:
    fake.script = lambda body: [Say("Six times seven.\nAnswer: 42" if "6*7" in str(body["messages"]) else "Answer: 5")]
    (debate.home / "sums.jsonl").write_text(
        '{"topic":"What is 6*7?","answer":42}\n{"topic":"What is 2+2?","answer":4}\n'
    )
    ran = await debate("batch", "sums.jsonl", "--format", "society")
    assert ran.code == 0, ran.err
    told = {(one["item"], one["format"], one["role"]): (one["scored"], one["correct"]) for one in ran.events}
    formats = {format_ for _, format_, _ in told}
    [vote] = formats - {"society", "single"}
    assert vote.startswith("vote-")
    assert told == {
        (item, name, role): ("number", item == "1")
        for item in ("1", "2")
        for name, role in (("society", "debate"), ("single", "baseline"), (vote, "baseline"))
    }


@both
async def test_what_comes_to_a_winner_and_no_answer_is_held_and_not_scored(debate: Cli, through: bool) -> None:
    (debate.home / "one.jsonl").write_text('{"topic":"What is 6*7?","answer":42}\n')
    async with AsyncExitStack() as stack:
        await beside(stack, debate, through)
        ran = await debate("batch", "one.jsonl", "--format", "judge-only", "--format", "society", "--no-baselines")
    assert ran.code == 0, ran.err
    assert {one["format"]: one["scored"] for one in ran.events} == {"judge-only": None, "society": "number"}
    assert "No answers come of judge-only, only winners: none of that is scored." in ran.err
    alone = await debate("batch", "one.jsonl", "--format", "judge-only")
    assert [one["format"] for one in alone.events] == ["judge-only"]  # beside which there is nothing to be right


async def test_a_judge_marks_what_no_rule_can_in_debates_of_the_same_run(debate: Cli, fake: FakeUpstream) -> None:
    fake.models = ["fake-chat", "marker"]
    said = {"fake-chat": "It is the city of light.", "marker": "It names the same town.\nAnswer: yes"}
    fake.script = lambda body: [Say(said[body["model"]])]
    (debate.home / "one.jsonl").write_text('{"topic":"What is the capital of France?","answer":"Paris"}\n')
    command = ("batch", "one.jsonl", *SINGLE, "--no-baselines", "--score", "judge", "--judge", "marker")
    for _ in range(2):
        [one] = (await debate(*command)).events
        assert (one["scored"], one["correct"], one["answer"]) == ("judge", True, "It is the city of light.")
    assert [asked.body["model"] for asked in fake.requests] == ["fake-chat", "marker"]
    assert "city of light" in str(fake.requests[1].body["messages"])
    assert "Paris" in str(fake.requests[1].body["messages"])


async def test_formats_by_models_by_sides_are_all_held(debate: Cli, fake: FakeUpstream) -> None:
    fake.models = ["one", "other"]
    fake.script = lambda _: WORDS
    ran = await debate(
        "batch", topics(debate, 1), "--format", "quick", *SINGLE, "--model", "one", "--model", "other",
        "--agent", "Skeptic=other", "--swap-sides", "--repeat", "2",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    held = Counter((one["format"], one["model"], one["repeat"], one["swapped"]) for one in ran.events)
    straight = [
        (name, model, repeat) for name in ("quick", "single") for model in ("one", "other") for repeat in (1, 2)
    ]
    # Where both sides have the same model there is nothing to exchange.
    assert held == Counter([(*one, False) for one in straight] + [("quick", "one", repeat, True) for repeat in (1, 2)])
    [swapped] = [one for one in ran.events if one["swapped"] and one["repeat"] == 1]
    models = {seat["side"]: seat["model"] for seat in swapped["agents"]}
    assert models == {"for": "other", "against": "one", "chair": "one"}


async def test_the_same_name_at_another_endpoint_is_another_model_and_no_run_mixes_them(
    debate: Cli, fake: FakeUpstream
) -> None:
    command = ("batch", topics(debate, 2), *SINGLE, "--out", "out.ndjson", "--model", "fake-chat")
    assert (await debate(*command, "--limit", "1")).code == 0
    async with FakeUpstream() as other:
        ran = await debate(*command, "--base-url", other.base_url)
        assert (ran.code, other.requests) == (2, [])
        whole = f"fake-chat@{other.base_url}"
        assert f"begun with fake-chat@{fake.base_url}" in ran.err
        assert f"--model {whole}" in ran.err
        anew = ("batch", "topics.txt", *SINGLE, "--model", whole)
        assert (await debate(*anew)).code == 0
        assert (len(fake.requests), len(other.requests)) == (1, 2)


async def test_flags_that_a_server_would_not_follow_are_refused_and_not_passed_over(
    debate: Cli, fake: FakeUpstream
) -> None:
    file = topics(debate, 1)
    async with debate.serve() as (_, address):
        for words in (("--demo",), ("--base-url", "http://127.0.0.1:1/v1", "--server", address)):
            ran = await debate("batch", file, *SINGLE, *words)
            assert (ran.code, ran.out) == (2, "")
            assert f"{words[0]} cannot be had here: the server at {address}" in ran.err
    assert fake.requests == []


async def test_the_first_so_many_are_the_beginning_of_the_same_run(debate: Cli, fake: FakeUpstream) -> None:
    fake.script = lambda _: WORDS
    command = ("batch", topics(debate, 4), *SINGLE, "--out", "out.ndjson")
    for words, count in ((("--limit", "2"), 2), ((), 4), (("--limit", "1", "-j", "1", "--budget-usd", "9"), 4)):
        fake.models = [{"id": "fake-chat", "pricing": {"prompt": "0", "completion": "0"}}]
        ran = await debate(*command, *words)
        assert ran.code == 0, ran.err
        assert len(results(debate.home / "out.ndjson")) == len(fake.requests) == count
    other = await debate(*command, "--seed", "1")
    assert other.code == 2
    assert "another run" in other.err


async def test_a_terminal_gets_a_bar_and_a_file_lines_and_stdout_nothing_but_results(
    debate: Cli, fake: FakeUpstream
) -> None:
    held = asyncio.Event()
    fake.script = lambda body: [Gate(held), *WORDS] if len(fake.requests) > 1 else WORDS
    ours, theirs = pty.openpty()
    command = ("batch", topics(debate, 2), *SINGLE, "-j", "1")
    async with debate.start(*command, stderr=theirs, environment={"TERM": "xterm", "COLUMNS": "120"}) as running:
        os.close(theirs)
        shown = b""
        while b"1 of 2 done" not in shown:
            shown += await asyncio.get_running_loop().run_in_executor(None, os.read, ours, 65_536)
        held.set()
        out, _ = await running.process.communicate()
    os.close(ours)
    assert b"1 running" in shown
    assert b"\x1b[" in shown
    assert [orjson.loads(line)["item"] for line in out.splitlines()] == ["1", "2"]
