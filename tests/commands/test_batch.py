"""``debate batch``: the debates of a file, each once, whatever ends the command in between."""

import asyncio
import os
import pty
import re
import signal
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest

from tests.commands.conftest import Cli
from tests.fakes.script import Gate, Say, Script, refuse
from tests.fakes.upstream import FakeUpstream

both = pytest.mark.parametrize("through", [False, True], ids=["in this process", "through a server"])
SINGLE = ("--format", "single")
# One that needs no more than a few milliseconds to be held.
WORDS: Script = [Say("So it is.")]


def topics(debate: Cli, count: int) -> str:
    """A file of that many topics."""
    (debate.home / "topics.txt").write_text("".join(f"Is {number} so?\n" for number in range(1, count + 1)))
    return "topics.txt"


def results(path: Path) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in path.read_bytes().splitlines()]


async def beside(stack: AsyncExitStack, debate: Cli, through: bool) -> None:
    """The server that the command is to go through, if it is to."""
    if through:
        await stack.enter_async_context(debate.serve())


@both
async def test_a_run_that_is_killed_five_times_has_every_result_once_and_pays_again_only_for_what_was_open(
    debate: Cli, fake: FakeUpstream, through: bool
) -> None:
    """Each time eight debates are held, and four are underway when it is killed. Through a server those are not even
    cut."""
    file, out = topics(debate, 60), debate.home / "out.ndjson"
    command = ("batch", file, *SINGLE, "-j", "4", "--out", "out.ndjson")
    kills, asked, held, release = 0, 0, asyncio.Event(), asyncio.Event()

    def script(_: dict[str, Any]) -> Script:
        nonlocal asked
        asked += 1
        if asked <= 8 or kills == 5:
            return WORDS
        if fake.open == 4:
            held.set()
        return [Gate(release), *WORDS]

    fake.script = script
    async with AsyncExitStack() as stack:
        await beside(stack, debate, through)
        while kills < 5:
            asked = 0
            async with debate.start(*command) as running:
                await held.wait()
                running.send(signal.SIGKILL)
            kills += 1
            release.set()
            held, release = asyncio.Event(), asyncio.Event()
        ran = await debate(*command)
    assert ran.code == 0, ran.err
    found = results(out)
    assert Counter(one["item"] for one in found) == Counter(str(number) for number in range(1, 61))
    assert {one["status"] for one in found} == {"completed"}
    assert len(fake.requests) == 60 + (0 if through else 5 * 4)


@both
async def test_results_on_stdout_are_whole_each_time_and_paid_for_once(
    debate: Cli, fake: FakeUpstream, through: bool
) -> None:
    fake.script = lambda _: WORDS
    file = topics(debate, 3)
    async with AsyncExitStack() as stack:
        await beside(stack, debate, through)
        first, second = [await debate("batch", file, *SINGLE, "--format", "vote") for _ in range(2)]
    assert (first.code, second.code) == (0, 0)
    assert sorted(first.events, key=str) == sorted(second.events, key=str)
    assert len(first.events) == 6
    assert len(fake.requests) == 3 + 3 * 5


async def test_ctrl_c_lets_what_is_being_said_be_said_and_the_same_command_goes_on(
    debate: Cli, fake: FakeUpstream
) -> None:
    """Two turns are being spoken; both are in the log when it ends, and not asked for again."""
    release = asyncio.Event()
    fake.script = lambda _: [Gate(release), *WORDS]
    command = ("batch", topics(debate, 3), "--format", "quick", "-j", "2", "--out", "out.ndjson")
    async with debate.start(*command) as running:
        await fake.asked(2)
        running.send(signal.SIGINT)
        assert running.process.stderr is not None
        told = b""
        while b"Ctrl-C again" not in told:
            told += await running.process.stderr.readline()
        release.set()
        ran = await running.end()
    assert ran.code == 130
    assert "3 left; the same command goes on." in ran.err
    assert len(fake.requests) == 2
    ran = await debate(*command)
    assert ran.code == 0, ran.err
    assert len(results(debate.home / "out.ndjson")) == 3
    assert len(fake.requests) == 3 * 3


async def test_what_ends_while_the_rest_is_left_is_in_the_output_and_counted(debate: Cli, fake: FakeUpstream) -> None:
    release = asyncio.Event()
    fake.script = lambda _: [Gate(release), *WORDS]
    async with debate.start("batch", topics(debate, 3), *SINGLE, "-j", "2", "--out", "out.ndjson") as running:
        await fake.asked(2)
        running.send(signal.SIGINT)
        assert running.process.stderr is not None
        told = b""
        while b"Ctrl-C again" not in told:
            told += await running.process.stderr.readline()
        release.set()
        ran = await running.end()
    assert (ran.code, len(results(debate.home / "out.ndjson"))) == (130, 2)
    assert "2 of 3 debates held. 1 left" in ran.err


async def test_a_run_that_another_one_served_goes_on_by_itself_when_that_is_over(
    debate: Cli, fake: FakeUpstream
) -> None:
    """Nothing of it is cut: what is being said when the other one ends is said."""
    first, second = asyncio.Event(), asyncio.Event()
    fake.script = lambda body: [Gate(first if "First?" in str(body["messages"]) else second), *WORDS]
    (debate.home / "first.txt").write_text("First?\n")
    async with debate.start("batch", "first.txt", *SINGLE, "--out", "first.ndjson") as one:
        await fake.asked(1)
        async with debate.start("batch", topics(debate, 5), *SINGLE, "-j", "2", "--out", "out.ndjson") as other:
            await fake.asked(3)
            first.set()
            second.set()
            assert (await one.end()).code == 0
            ran = await other.end()
    assert ran.code == 0, ran.err
    assert Counter(found["item"] for found in results(debate.home / "out.ndjson")) == Counter("12345")
    assert len(fake.requests) == 1 + 5


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


async def test_a_server_that_is_killed_and_started_again_is_waited_for_and_has_every_debate_once(
    debate: Cli, fake: FakeUpstream
) -> None:
    """It comes back at the same address, where the command has been told to find it."""
    fake.script = lambda body: [Gate(held), *WORDS] if len(fake.requests) > 4 else WORDS
    held = asyncio.Event()
    out = debate.home / "out.ndjson"
    async with debate.serve() as (server, address):
        words = ("--server", address, "-j", "3", "--out", "out.ndjson", "--data", str(debate.home / "none"))
        async with debate.start("batch", topics(debate, 8), *SINGLE, *words) as running:
            await fake.asked(7)
            assert fake.open == 3
            server.send(signal.SIGKILL)
            await server.end()
            assert running.process.stderr is not None
            told = b""
            while b"It is looked for again." not in told:
                told += await running.process.stderr.readline()
            held.set()
            async with debate.serve("--port", address.rpartition(":")[2]):
                ran = await running.end()
                run = results(out)[0]["run"]
                async with aiohttp.ClientSession(address) as session:
                    look = await (await session.get(f"/api/runs/{run}")).json()
    assert ran.code == 0, ran.err
    assert Counter(one["item"] for one in results(out)) == Counter(str(number) for number in range(1, 9))
    assert look["debates"] == {"completed": 8}
    assert len(fake.requests) == 8 + 3


async def test_a_server_that_is_gone_is_looked_for_until_ctrl_c_and_the_same_command_holds_the_rest_itself(
    debate: Cli, fake: FakeUpstream
) -> None:
    """Its settings are others, and it may come back: so nobody takes its data from it unasked."""
    fake.script = lambda body: [Gate(held), *WORDS] if len(fake.requests) > 2 else WORDS
    held = asyncio.Event()
    command = ("batch", topics(debate, 4), *SINGLE, "-j", "1", "--out", "out.ndjson")
    async with debate.serve() as (server, _), debate.start(*command) as running:
        await fake.asked(3)
        server.send(signal.SIGTERM)
        await server.end()
        held.set()
        assert running.process.stderr is not None
        told = b""
        while b"looked for again" not in told:
            told += await running.process.stderr.readline()
        running.send(signal.SIGINT)
        ran = await running.end()
    assert ran.code == 130
    assert "2 left; the same command goes on." in ran.err
    assert (await debate(*command)).code == 0
    found = Counter((one["item"], one["status"]) for one in results(debate.home / "out.ndjson"))
    assert found == Counter((str(number), "completed") for number in range(1, 5))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
async def test_an_output_that_is_full_is_exit_code_4_and_says_what_is_left(debate: Cli, fake: FakeUpstream) -> None:
    fake.script = lambda _: WORDS
    ran = await debate("batch", topics(debate, 3), *SINGLE, "-j", "1", "--out", "/dev/full")
    assert (ran.code, ran.out) == (4, "")
    assert "/dev/full cannot be written: No space left on device." in ran.err
    assert "3 left; the same command goes on." in ran.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
async def test_where_results_cannot_be_written_what_is_being_said_is_said_and_no_more_is_paid_for(
    debate: Cli, fake: FakeUpstream
) -> None:
    release = asyncio.Event()
    (debate.home / "two.jsonl").write_text('{"topic":"Long?"}\n{"topic":"Short?","format":"single"}\n')
    fake.script = lambda body: WORDS if "Short?" in str(body["messages"]) else [Gate(release), *WORDS]
    command = ("batch", "two.jsonl", "--format", "quick", "-j", "2", "--out")
    async with debate.start(*command, "/dev/full") as running:
        assert running.process.stderr is not None
        told = b""
        while b"cannot be written" not in told:
            told += await running.process.stderr.readline()
        release.set()
        ran = await running.end()
    assert (ran.code, len(fake.requests)) == (4, 2)
    assert (await debate(*command, "out.ndjson")).code == 0
    assert len(results(debate.home / "out.ndjson")) == 2
    assert len(fake.requests) == 1 + 3


async def test_who_reads_no_further_ends_it_quietly_and_spends_no_more(debate: Cli, fake: FakeUpstream) -> None:
    held = asyncio.Event()
    fake.script = lambda body: [Gate(held), *WORDS] if len(fake.requests) > 1 else WORDS
    async with debate.start("batch", topics(debate, 9), *SINGLE, "-j", "1") as running:
        await running.line()
        await fake.asked(2)
        running.close()
        held.set()
        ran = await running.end()
    assert ran.code == 4
    assert [line.partition(" ")[0] for line in ran.err.splitlines()] == ["9", "1", "What"]
    assert len(fake.requests) == 2


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
