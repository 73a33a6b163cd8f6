"""A hand on a debate from the terminal: pause, resume, stop, say, fork and retry."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp

from tests.commands.conftest import Cli, Ran
from tests.commands.test_run import beside, both
from tests.conftest import until
from tests.fakes.script import Say, Stall, refuse
from tests.fakes.upstream import FakeUpstream

Held = tuple[aiohttp.ClientSession, str, aiohttp.ClientResponse]


@asynccontextmanager
async def held(debate: Cli, word: str, *words: str) -> AsyncIterator[Held]:
    """A debate that a server runs, at that word: a session with the server, the debate's id, and its events."""
    async with debate.serve(*words) as (_, address), aiohttp.ClientSession(address) as session:
        name = await begun(session)
        async with session.get(f"/api/debates/{name}/events") as stream:
            await until(stream, word.encode())
            yield session, name, stream


async def begun(session: aiohttp.ClientSession) -> str:
    async with session.post("/api/debates", json={"topic": "Ready?", "rounds": 1}) as response:
        return str((await response.json())["id"])


async def listed(debate: Cli) -> list[tuple[str, str | None]]:
    return [(row["status"], row["reason"]) for row in (await debate("list", "--json")).events]


async def test_a_debate_is_paused_told_something_and_goes_on(debate: Cli, fake: FakeUpstream) -> None:
    fake.play([Say("And so on", finish=None), Stall()], [Say("Yes, we are.")], [Say("No.")], [Say("Perhaps.")])
    async with held(debate, " on", "--max-running", "1") as (session, other, _):
        name = await begun(session)  # it waits in line, so that it can pause at once
        assert await debate("pause", name) == Ran(0, "", f"Paused. To have it go on: debate resume {name}\n")
        said = await debate("say", name, "What of costs?", "--to", "Skeptic")
        assert said == Ran(0, "", "Said to Skeptic, who will have heard it at its next turn.\n")
        assert (await debate("resume", name)).err == "It goes on, when there is a place for it.\n"
        assert await debate("stop", other) == Ran(0, "", "The debate was stopped here.\n")
        async with session.get(f"/api/debates/{name}/events") as stream:
            await until(stream, b'"done"')
        shown = (await debate("show", name)).out
    heard = ["What of costs?" in str(request.body["messages"]) for request in fake.requests]
    assert heard == [False, False, True, False], "the Skeptic alone was told"
    said_there = ("was paused", "audience to Skeptic: What of costs?", "It goes on", "Yes, we are.", "No.", "Perhaps.")
    places = [shown.index(part) for part in said_there]
    assert places == sorted(places)


async def test_one_speech_is_stopped_and_then_the_debate(debate: Cli, fake: FakeUpstream) -> None:
    fake.play([Say("And so on", finish=None), Stall()], [Say("Against", finish=None), Stall()])
    async with held(debate, " on") as (_, name, stream):
        other = await debate("stop", name, "--turn", "2")
        assert (other.code, "1" in other.err) == (1, True)
        assert await debate("stop", name, "--turn", "1") == Ran(0, "", "Turn 1 was stopped. The debate goes on.\n")
        await until(stream, b"Against")
        assert await debate("stop", name) == Ran(0, "", "The debate was stopped here.\n")
        assert "And so on [stopped here]" in (await debate("show", name)).out
        for words in (["pause", name], ["resume", name], ["say", name, "Hello?"]):
            late = await debate(*words)
            assert (late.code, late.out, late.err.count("\n")) == (1, "", 1)
            assert "is over" in late.err
    assert await listed(debate) == [("done", "stopped")]


async def test_without_a_server_it_is_said_that_nothing_runs_and_what_to_do(debate: Cli, fake: FakeUpstream) -> None:
    commands = [["pause"], ["resume"], ["stop"], ["stop", "--turn", "1"], ["say", "--to", "Skeptic", "x"]]
    unknown = [debate(words[0], "nosuch", *words[1:]) for words in (*commands, ["fork"], ["retry"])]
    for ran in await asyncio.gather(*unknown):
        assert (ran.code, ran.err) == (1, "debate: There is no debate 'nosuch'. 'debate list' shows those there are.\n")
    name = (await debate("run", "Ready?", "--rounds", "1", "--json")).events[0]["debate"]
    for command in ("pause", "stop"):
        ran = await debate(command, name)
        assert ran == Ran(1, "", f"debate: Debate {name} is over. To go on from its end: debate fork {name}\n")
    fake.play([Say("I was just", finish=None), Stall()])
    async with held(debate, "just") as (_, cut, _):
        pass
    ran = await debate("pause", cut)
    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert f"no server holds the data in {debate.data}" in ran.err
    assert "debate serve" in ran.err


async def test_what_nobody_can_be_told_is_usage(debate: Cli, fake: FakeUpstream) -> None:
    fake.play([Say("I was just", finish=None), Stall()])
    async with held(debate, "just") as (_, name, _):
        nobody = await debate("say", name, "Hello?", "--to", "Nobody")
        assert (nobody.code, "Optimist, Skeptic, Moderator" in nobody.err) == (2, True)
        assert (await debate("say", name, " ")).code == 2
    wrong = (["say", name], ["stop", name, "--turn", "two"], ["fork", name, "--turn", "0"], ["fork"])
    for ran in await asyncio.gather(*(debate(*words) for words in wrong)):
        assert (ran.code, ran.out) == (2, "")


@both
async def test_a_debate_goes_on_after_its_end_and_forks_from_a_turn(
    debate: Cli, fake: FakeUpstream, through: bool
) -> None:
    async with AsyncExitStack() as stack:
        await beside(stack, debate, through)
        fake.play([Say("Yes.")], [Say("No.")], [Say("Perhaps.")])
        first = (await debate("run", "Ready?", "--rounds", "1", "--json")).events[0]["debate"]
        fake.play([Say("Yes, again.")], [Say("No, again.")], [Say("Perhaps, again.")])
        more = await debate("fork", first)
        assert (more.code, more.err) == (0, "")
        assert more.out.startswith(f"Ready?\nclassic, fake-chat, a fork of {first}\n\nOptimist\nYes.\n")
        assert more.out.endswith("Moderator\nPerhaps, again.\n\nThe debate was held to its end.\n")
        asked = len(fake.requests)
        forked = await debate(
            "fork", first, "--turn", "2", "--topic", "Steady?", "--agent", "Skeptic=other", "--json"
        )  # fmt: skip
        assert (forked.code, forked.err) == (0, "")
        assert (forked.events[0]["parent"], forked.events[0]["topic"]) == (first, "Steady?")
        assert [request.body["model"] for request in fake.requests[asked:]] == ["other", "fake-chat"]
        assert [event["turn"] for event in forked.events if event["type"] == "agent_end"] == [1, 2, 3]
        nowhere = await debate("fork", first, "--turn", "99")
    assert (nowhere.code, nowhere.out) == (2, "")
    assert "turn" in nowhere.err


@both
async def test_a_debate_that_failed_is_held_again_from_there(debate: Cli, fake: FakeUpstream, through: bool) -> None:
    async with AsyncExitStack() as stack:
        await beside(stack, debate, through)
        fake.play([Say("Yes.")], [refuse(401)])
        failed = await debate("run", "Ready?", "--rounds", "1", "--json")
        assert failed.code == 3
        asked, first = len(fake.requests), failed.events[0]["debate"]
        again = await debate("retry", first[:5])
        assert (again.code, again.err) == (0, "")
        assert f"a fork of {first}\n\nOptimist\nYes.\n" in again.out
        assert len(fake.requests) == asked + 2
        newest = (await debate("list", "--json")).events[0]["id"]
        whole = await debate("retry", newest)
    assert (whole.code, whole.out) == (1, "")
    assert "nothing to retry" in whole.err


async def test_an_id_may_be_shortened_as_far_as_it_is_the_only_one(debate: Cli, fake: FakeUpstream) -> None:
    names = [(await debate("run", "Ready?", "--rounds", "1", "--json")).events[0]["debate"] for _ in range(2)]
    same = next((n for n, (a, b) in enumerate(zip(*names, strict=True)) if a != b), 0)
    assert (await debate("show", names[0][: same + 1], "--json")).events[0]["debate"] == names[0]
    assert (await debate("export", names[1])).code == 0
    if same:
        several = await debate("show", names[0][:same])
        assert (several.code, several.out) == (2, "")
        assert all(name in several.err for name in names)
    assert (await debate("show", "")).code == 1
