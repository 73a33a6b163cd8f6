"""``debate batch`` that is killed, left, or loses its server or its output."""

import asyncio
import signal
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.commands.batches import SINGLE, WORDS, beside, both, results, topics
from tests.commands.conftest import Cli
from tests.fakes.script import Gate, Script
from tests.fakes.upstream import FakeUpstream


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
