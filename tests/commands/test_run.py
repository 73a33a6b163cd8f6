"""``debate run``: a debate typed into the terminal, in its own process or through the server that holds the data."""

import asyncio
import os
import pty
import re
import signal
from contextlib import AsyncExitStack
from dataclasses import dataclass

import aiohttp
import pytest

from tests.commands.conftest import Cli, Ran
from tests.fakes.script import Gate, Reply, Say, Script, Stall, refuse
from tests.fakes.upstream import FakeUpstream
from tests.web.test_stream import TRANSCRIPT

WORDS: list[Script] = [[Say("Yes, we are.")], [Say("No.")], [Say("Perhaps.")]]
ABREAST = """
name = "abreast"
title = "Abreast"
about = "Two speak at the same time."
manners = "Be brief."
agents = [
    { name = "Ann", side = "for", persona = "You are Ann." },
    { name = "Bob", side = "against", persona = "You are Bob." },
]
rounds = [{ name = "Openings", speakers = ["Ann", "Bob"], together = true, task = "Open." }]
"""
ESCAPE = "\x1b["

NOWHERE = {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}

both = pytest.mark.parametrize("through", [False, True], ids=["in this process", "through a server"])


async def beside(stack: AsyncExitStack, debate: Cli, through: bool) -> str | None:
    """The server that the command is to go through, or none; its address."""
    return (await stack.enter_async_context(debate.serve()))[1] if through else None


@both
async def test_run_types_the_debate_and_nothing_else(debate: Cli, fake: FakeUpstream, through: bool) -> None:
    async with AsyncExitStack() as stack:
        await beside(stack, debate, through)
        fake.play(*WORDS)
        assert await debate("run", "Ready?", "--rounds", "1") == Ran(0, TRANSCRIPT, "")


@dataclass(frozen=True)
class Open:
    """Opens a gate of another script."""

    gate: asyncio.Event

    async def play(self, _: Reply) -> None:
        self.gate.set()


@both
async def test_turns_at_the_same_time_are_typed_one_after_the_other(
    debate: Cli, fake: FakeUpstream, through: bool
) -> None:
    gate = asyncio.Event()
    ann: Script = [Say("I am first", finish=None), Gate(gate), Say(" to begin.")]
    bob: Script = [Say("I am first to end."), Open(gate)]
    fake.script = lambda body: ann if "You are Ann." in str(body["messages"]) else bob
    (debate.home / "abreast.toml").write_text(ABREAST)
    async with AsyncExitStack() as stack:
        await beside(stack, debate, through)
        ran = await debate("run", "Ready?", "--format", "abreast.toml")
    said = "Ann\nI am first to begin.\n\nBob\nI am first to end.\n"
    assert ran == Ran(0, f"Ready?\nabreast, fake-chat\n\n{said}\nThe debate was held to its end.\n", "")


async def test_json_is_what_the_wire_says_and_page_and_terminal_show_the_same_debate(
    debate: Cli, fake: FakeUpstream
) -> None:
    async with debate.serve() as (_, address), aiohttp.ClientSession(address) as session:
        ran = await debate("run", "Ready?", "--rounds", "1", "--json")
        [listed] = (await (await session.get("/api/debates")).json())["debates"]
        events = f"/api/debates/{listed['id']}/events"
        async with session.get(events, headers={"Accept": "application/x-ndjson"}) as response:
            wire = await response.text()
    assert (ran.code, ran.err, ran.out) == (0, "", wire)
    assert ran.events[0]["debate"] == listed["id"]
    assert (await debate("show", listed["id"], "--json")).out == wire


async def test_a_debate_of_this_process_is_in_the_same_log_as_a_servers(debate: Cli) -> None:
    ran = await debate("run", "Ready?", "--rounds", "1", "--json")
    path = f"/api/debates/{ran.events[0]['debate']}/events"
    async with (
        debate.serve() as (_, address),
        aiohttp.ClientSession(address) as session,
        session.get(path, headers={"Accept": "application/x-ndjson"}) as response,
    ):
        assert await response.text() == ran.out
    assert [event["seq"] for event in ran.events] == list(range(1, len(ran.events) + 1))
    assert ran.events[-1]["reason"] == "completed"


async def test_words_are_typed_while_the_speech_goes_on(debate: Cli, fake: FakeUpstream) -> None:
    held = asyncio.Event()
    fake.play([Say("Yes, we", finish=None), Gate(held), Say(" are.")])
    async with debate.start("run", "Ready?", "--rounds", "1") as running:
        assert "are" not in await running.until("Yes, we")
        held.set()
        assert (await running.end()).code == 0


@pytest.mark.parametrize(
    ("environment", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)], ids=["colour", "NO_COLOR"]
)
async def test_a_terminal_gets_colours_unless_it_wants_none_and_lines_between_words(
    debate: Cli, fake: FakeUpstream, environment: dict[str, str], coloured: bool
) -> None:
    fake.play([Say("word " * 60)])
    ours, theirs = pty.openpty()
    environment = environment | {"TERM": "xterm", "COLUMNS": "50"}
    async with debate.start("run", "Ready?", "--rounds", "1", stdout=theirs, environment=environment) as running:
        os.close(theirs)
        shown = await asyncio.get_running_loop().run_in_executor(None, _read_all, ours)
        ran = await running.end()
    text = shown.decode()
    assert ran.code == 0
    assert (ESCAPE in text) == coloured
    lines = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in text.replace("\r", "").split("\n")]
    assert max(len(line) for line in lines) <= 50
    assert {word for line in lines if line.startswith("word") for word in line.split()} == {"word"}
    assert text.count("word") == 60


def _read_all(terminal: int) -> bytes:
    shown = b""
    try:
        while piece := os.read(terminal, 65_536):
            shown += piece
    except OSError:  # how Linux says that nobody has the other end any more
        pass
    finally:
        os.close(terminal)
    return shown


@both
async def test_ctrl_c_stops_the_debate_and_leaves_a_whole_log(debate: Cli, fake: FakeUpstream, through: bool) -> None:
    fake.play([Say("I was just", finish=None), Stall()])
    async with AsyncExitStack() as stack:
        await beside(stack, debate, through)
        async with debate.start("run", "Ready?", "--json") as running:
            await running.until("just")
            running.send(signal.SIGINT)
            ran = await running.end()
        await (await fake.asked()).left.wait()
        assert (ran.code, ran.err) == (130, "")
        assert [event["type"] for event in ran.events[-2:]] == ["agent_end", "done"]
        assert (ran.events[-2]["finish_reason"], ran.events[-1]["reason"]) == ("stopped", "stopped")
        assert (await debate("show", ran.events[0]["debate"], "--json")).out == ran.out
    assert len(fake.requests) == 1


@both
async def test_a_broken_pipe_ends_quietly_and_spends_no_more(debate: Cli, fake: FakeUpstream, through: bool) -> None:
    held = asyncio.Event()
    fake.play([Say("one", finish=None), Gate(held), Say(" two", finish=None), Stall()])
    async with AsyncExitStack() as stack:
        await beside(stack, debate, through)
        async with debate.start("run", "Ready?") as running:
            await running.until("one")
            running.close()
            held.set()
            ran = await running.end()
        await (await fake.asked()).left.wait()
        listed = await debate("list", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert [row["reason"] for row in listed.events] == ["stopped"]
    assert len(fake.requests) == 1


# What the model answers, and what the message says.
NO_MODEL: dict[str, tuple[Script, list[str]]] = {
    "locked":  ([refuse(401, "Incorrect API key")],         ["refuses access", "OPENAI_API_KEY"]),
    "missing": ([refuse(404, code="model_not_found")],      ["does not know the model", "debate doctor"]),
    "nowhere": ([],                                         ["127.0.0.1:9/v1", "--base-url", "debate doctor"]),
}  # fmt: skip


async def test_a_model_that_cannot_be_had_is_exit_code_3_and_says_what_to_type(debate: Cli, fake: FakeUpstream) -> None:
    fake.script = lambda body: NO_MODEL[body["model"]][0]
    commands = [
        debate("run", "Ready?", "--model", name, "--data", name, **NOWHERE if name == "nowhere" else {})
        for name in NO_MODEL
    ]
    for ran, (_, words) in zip(await asyncio.gather(*commands), NO_MODEL.values(), strict=True):
        assert ran.code == 3
        assert [word for word in words if word not in ran.out] == []
        assert ran.out.endswith("The debate failed here.\n")


async def test_a_debate_that_fails_by_itself_is_exit_code_1(debate: Cli, fake: FakeUpstream) -> None:
    fake.play([Say("And so I go on", finish=None), Stall()])
    ran = await debate("run", "Ready?", "--debate-timeout", "3")
    assert ran.code == 1
    assert "And so I go on [stopped here]" in ran.out
    assert "--debate-timeout" in ran.out


# What is typed after `debate run`, and what the message names.
WRONG: list[tuple[list[str], str]] = [
    ([""],                                  "The topic is empty"),
    (["x" * 2_001],                         "--max-topic"),
    (["\udcff"],                            "topic"),
    (["x", "--rounds", "11"],               "--max-rounds"),
    (["x", "--rounds", "two"],              "--rounds"),
    (["x", "--format", "nope"],             "Choose one of: "),
    (["x", "--agent", "Skeptic"],           "--agent takes NAME=MODEL"),
    (["x", "--agent", "Nobody=m"],          "Optimist, Skeptic, Moderator"),
    (["x", "--colour"],                     "--colour"),
    ([],                                    "TOPIC"),
]  # fmt: skip


async def test_what_cannot_be_meant_is_exit_code_2_and_named(debate: Cli, fake: FakeUpstream) -> None:
    commands = [debate("run", *words, DEBATE_DATA=str(number)) for number, (words, _) in enumerate(WRONG)]
    for ran, (words, said) in zip(await asyncio.gather(*commands), WRONG, strict=True):
        assert (ran.code, ran.out, words) == (2, "", words)
        assert said in ran.err
    assert not fake.requests


async def test_a_server_refuses_in_the_same_words_and_with_the_same_exit_code(debate: Cli, fake: FakeUpstream) -> None:
    alone = await debate("run", "x", "--rounds", "11")
    assert alone.code == 2
    fake.play([Stall()])
    async with debate.serve("--max-running", "1", "--max-queued", "0"):
        assert await debate("run", "x", "--rounds", "11") == alone
        async with debate.start("run", "One") as running:
            await running.until("Optimist")
            full = await debate("run", "Two")
    assert (full.code, full.out) == (1, "")
    assert "--max-running" in full.err


@pytest.mark.parametrize("flag", ["--demo", "--base-url=http://127.0.0.1:9/v1", "--max-topic=3"])
async def test_a_flag_that_the_server_would_not_follow_is_refused_and_spends_nothing(
    debate: Cli, fake: FakeUpstream, flag: str
) -> None:
    async with debate.serve():
        ran = await debate("run", "Ready?", flag)
    assert (ran.code, ran.out) == (2, "")
    assert flag.partition("=")[0] in ran.err
    assert not fake.requests


async def test_a_model_named_here_speaks_through_the_server_too(debate: Cli, fake: FakeUpstream) -> None:
    async with debate.serve():
        ran = await debate("run", "Ready?", "--rounds", "1", "--model", "mine", "--agent", "Skeptic=other")
    assert ran.code == 0
    assert [request.body["model"] for request in fake.requests] == ["mine", "other", "mine"]


async def test_a_terminal_gets_no_commands_from_a_topic_or_a_model(debate: Cli, fake: FakeUpstream) -> None:
    fake.play([Say("A \x1b[31mred\x07 speech.")])
    ran = await debate("run", "A \x1b]0;title\x07 topic", "--rounds", "1")
    listed, [row] = await debate("list"), (await debate("list", "--json")).events
    shown = await debate("show", row["id"])
    for text in (ran.out, listed.out, shown.out):
        assert not {"\x1b", "\x07"} & set(text)
    assert "A [31mred speech." in shown.out


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
async def test_a_server_that_goes_away_is_told_and_the_log_has_what_was_said(
    debate: Cli, fake: FakeUpstream, number: signal.Signals
) -> None:
    fake.play([Say("I was just", finish=None), Stall()])
    async with debate.serve() as (server, _):
        async with debate.start("run", "Ready?") as running:
            await running.until("just")
            server.send(number)
            ran = await running.end()
        await server.end()
    assert ran.code == 1
    assert ran.err.startswith("debate: The server ")
    [row] = (await debate("list", "--json")).events
    assert f"debate show {row['id']}" in ran.err
    assert "I was just" in (await debate("show", row["id"])).out


async def test_a_long_speech_comes_through_a_server_whole(debate: Cli, fake: FakeUpstream) -> None:
    said = "At" + "\n" * 100_000 + "last " * 10_000
    fake.play([Say(said, size=len(said))])
    async with debate.serve():
        ran = await debate("run", "Ready?", "--rounds", "1", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert next(event["content"] for event in ran.events if event["type"] == "agent_end") == said


async def test_another_model_can_speak_for_one_agent(debate: Cli, fake: FakeUpstream) -> None:
    ran = await debate("run", "Ready?", "--rounds", "1", "--agent", "Skeptic=other", "--json")
    assert [agent["model"] for agent in ran.events[0]["agents"]] == ["fake-chat", "other", "fake-chat"]
    assert [asked.body["model"] for asked in fake.requests] == ["fake-chat", "other", "fake-chat"]


async def test_the_command_line_takes_a_seed_here_and_through_a_server(debate: Cli, fake: FakeUpstream) -> None:
    for _ in range(2):
        assert (await debate("run", "Drawn?", "--rounds", "1", "--seed", "7")).code == 0
    async with debate.serve():
        assert (await debate("run", "Drawn?", "--rounds", "1", "--seed", "7")).code == 0
    drawn = [asked.body["seed"] for asked in fake.requests]
    assert (len(drawn), len(set(drawn))) == (9, 3)
    assert drawn == drawn[:3] * 3
