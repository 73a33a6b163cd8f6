"""Debates in one's own program: what a person who imports ``debate_server`` can do, and is told."""

import asyncio
import subprocess
import sys
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import orjson
import pytest
import uvloop

from debate_server import (
    AgentChange,
    AgentEnd,
    DebateError,
    Debates,
    DebateStart,
    Done,
    Error,
    Event,
    FormatError,
    InvalidRequest,
    LogInUse,
    SettingsError,
    Token,
    UnknownDebate,
    Verdict,
    debates,
)
from debate_server.core.events import encode
from tests.conftest import Serve
from tests.fakes.script import Gate, Say, refuse
from tests.fakes.upstream import FakeUpstream

TOPIC = "Should tests be honest?"


def here(fake: FakeUpstream, folder: Path, **settings: Any) -> AbstractAsyncContextManager[Debates]:
    """Debates on the fake upstream, in the folder that a server of these tests has."""
    wanted: dict[str, Any] = {"base_url": fake.base_url, "model": "fake-chat", "discover": False}
    return debates(data=str(folder / "data"), **wanted | settings)


async def all_of(held: Debates, topic: str, **wanted: Any) -> list[Event]:
    return [event async for event in held.hold(topic, **wanted)]


async def test_a_debate_yields_the_events_that_are_on_the_wire(
    fake: FakeUpstream, tmp_path: Path, serve: Serve
) -> None:
    async with here(fake, tmp_path) as held:
        events = await all_of(held, TOPIC, rounds=1)
    assert isinstance(events[0], DebateStart)
    assert [type(event) for event in events[-2:]] == [Verdict, Done]
    assert any(isinstance(event, Token) for event in events)

    async with serve() as server:
        wire = await server.events(f"/api/debates/{events[0].debate}/events")
    ours = [encode(event, seq, wire[seq - 1].get("created", "")) for seq, event in enumerate(events, 1)]
    assert [orjson.loads(line) for line in ours] == wire


async def test_many_debates_at_once_do_not_mix(fake: FakeUpstream, tmp_path: Path) -> None:
    fake.script = lambda body: [Say(body["messages"][-1]["content"][:200])]
    async with here(fake, tmp_path, max_running=4) as held:
        topics = [f"Is {number} so?" for number in range(12)]
        told = await asyncio.gather(*(all_of(held, topic, format="single") for topic in topics))
    for topic, events in zip(topics, told, strict=True):
        [said] = [event.content for event in events if isinstance(event, AgentEnd)]
        assert topic in said


async def test_a_debate_goes_on_when_nobody_follows_it_any_more(fake: FakeUpstream, tmp_path: Path) -> None:
    go_on = asyncio.Event()
    fake.script = lambda _: [Say("One two", finish=None), Gate(go_on), Say(" three.")]
    async with here(fake, tmp_path) as held:
        seen, debate = 0, ""
        async for event in held.hold(TOPIC, format="single"):
            seen += 1
            if isinstance(event, DebateStart):
                debate = event.debate
            if isinstance(event, Token):
                break
        go_on.set()
        said = await held.ended(debate)
        assert said.speeches[1].content == "One two three."
        rest = [event async for event in held.follow(debate, after=seen)]
        assert "".join(event.content for event in rest if isinstance(event, Token)) == " two three."
        assert len(fake.requests) == 1


async def test_what_runs_when_debates_are_left_goes_on_when_they_are_opened_again(
    fake: FakeUpstream, tmp_path: Path
) -> None:
    fake.play([Say("One two", finish=None), Gate(asyncio.Event())])
    async with here(fake, tmp_path) as held:
        debate = await held.start(TOPIC, format="single")
        async for event in held.follow(debate):
            if isinstance(event, Token):
                break
    async with here(fake, tmp_path) as held:
        said = await held.ended(debate)
    assert said.reason == "completed"
    assert said.attempts == {1: 2}


@pytest.mark.parametrize(
    ("wanted", "reason", "asked"),
    [
        ({"model": "other", "base_url": "http://127.0.0.1:9/v1"}, "completed", 2),
        ({"resume_within": 0}, "interrupted", 1),
    ],
)
async def test_what_was_left_goes_on_with_its_own_model_or_ends_where_that_is_asked_for(
    wanted: dict[str, Any], reason: str, asked: int, fake: FakeUpstream, tmp_path: Path
) -> None:
    fake.play([Say("One two", finish=None), Gate(asyncio.Event())])
    async with here(fake, tmp_path) as held:
        debate = await held.start(TOPIC, format="single")
        await fake.asked()
    async with here(fake, tmp_path, **wanted) as held:
        assert (await held.ended(debate)).reason == reason
    assert [request.body["model"] for request in fake.requests] == ["fake-chat"] * asked


async def test_whoever_waits_for_more_or_asks_for_it_once_debates_are_closed_is_told(
    fake: FakeUpstream, tmp_path: Path
) -> None:
    fake.script = lambda _: [Say("One two", finish=None), Gate(asyncio.Event())]
    async with here(fake, tmp_path) as held:
        waiting: list[asyncio.Task[Any]] = [asyncio.create_task(all_of(held, TOPIC)) for _ in range(2)]
        waiting.append(asyncio.create_task(held.ended(await held.start(TOPIC))))
        await fake.asked(3)
    late = (held.start(TOPIC), held.transcript("any"), anext(held.follow("any")), held.stop("any"))
    for asked in (*waiting, *late, anext(held.run([TOPIC]))):
        with pytest.raises(RuntimeError, match="closed"):
            await asked


async def test_a_debate_is_stopped(fake: FakeUpstream, tmp_path: Path) -> None:
    fake.script = lambda _: [Say("One two", finish=None), Gate(asyncio.Event())]
    async with here(fake, tmp_path) as held:
        debate = await held.start(TOPIC)
        await fake.asked()
        assert (await held.transcript(debate)).status == "running"
        await held.stop(debate)
        [*_, last] = [event async for event in held.follow(debate)]
    assert isinstance(last, Done)
    assert last.reason == "stopped"


async def test_seats_and_whole_formats_are_asked_for_as_on_the_wire(fake: FakeUpstream, tmp_path: Path) -> None:
    async with here(fake, tmp_path) as held:
        changed = AgentChange(name="Speaker", model="other", max_tokens=50)
        own = {"extends": "single", "name": "mine"}
        [begin, *_] = await all_of(held, TOPIC, format=own, agents=[changed])
    assert isinstance(begin, DebateStart)
    assert (begin.format, begin.agents[0].model, fake.requests[0].body["model"]) == ("mine", "other", "other")


@pytest.mark.parametrize(
    ("wanted", "error", "said"),
    [
        ({"format": "parliament"}, InvalidRequest, "Choose one of: classic"),
        ({"format": {"name": "mine"}}, FormatError, "rounds"),
        ({"rounds": 99}, InvalidRequest, "99 rounds are too many"),
        ({"rounds": "two"}, InvalidRequest, r"rounds: .* as an integer\. It takes: topic"),
        ({"agents": [AgentChange(name="Nobody")]}, InvalidRequest, "Its agents: Optimist, Skeptic, Moderator"),
        ({"topics": 1}, InvalidRequest, "It takes: topic, format"),
    ],
)
async def test_what_cannot_be_held_is_told_and_costs_nothing(
    wanted: dict[str, Any], error: type[DebateError], said: str, fake: FakeUpstream, tmp_path: Path
) -> None:
    async with here(fake, tmp_path) as held:
        with pytest.raises(error, match=said):
            await held.start(TOPIC, **wanted)
        with pytest.raises(error, match=said):
            await all_of(held, TOPIC, **wanted)
    assert fake.requests == []


async def test_a_model_that_cannot_speak_is_told_by_events(fake: FakeUpstream, tmp_path: Path) -> None:
    fake.script = lambda _: [refuse(401, "no such key")]
    async with here(fake, tmp_path) as held:
        [*_, error, last] = await all_of(held, TOPIC)
    assert isinstance(error, Error)
    assert error.code == "upstream_refused"
    assert isinstance(last, Done)
    assert last.reason == "failed"


async def test_a_debate_that_there_is_not_is_told(fake: FakeUpstream, tmp_path: Path) -> None:
    async with here(fake, tmp_path) as held:
        for asked in (held.transcript("nothing"), held.ended("nothing"), anext(held.follow("nothing"))):
            with pytest.raises(UnknownDebate, match=r"no debate 'nothing'.* `debate list`"):
                await asked


async def test_data_that_is_in_use_is_told(fake: FakeUpstream, tmp_path: Path) -> None:
    async with here(fake, tmp_path):
        with pytest.raises(LogInUse, match="data="):
            async with here(fake, tmp_path):
                pass


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"max_rounds": 0}, "max_rounds is 0; it must be from 1 to 100"),
        ({"max_running": "many"}, "max_running is 'many'; it must be a whole number"),
        ({"max_running": None}, "max_running is None; it must be a whole number"),
        ({"max_running": True}, "max_running is True; it must be a whole number"),
        ({"heartbeat": "15"}, "heartbeat is '15'; it must be a number"),
        ({"demo": "yes"}, "demo is 'yes'; it must be true or false"),
        ({"api_key": b"sk-1234"}, "api_key is of the type bytes; it must be text"),
        ({"allowed_host": ["a", 1]}, r"allowed_host is \['a', 1\]; it must be a list of text"),
        ({"max_runing": 1}, "There is no setting 'max_runing'"),
    ],
)
async def test_a_setting_that_cannot_be_is_told(
    wanted: dict[str, Any], said: str, fake: FakeUpstream, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match=said) as caught:
        async with here(fake, tmp_path, **wanted):
            pass
    assert "1234" not in caught.value.message


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])
async def test_debates_are_held_twice_in_one_process_on_any_loop(loop: Any, fake: FakeUpstream, tmp_path: Path) -> None:
    async def hold() -> str:
        async with here(fake, tmp_path) as held:
            return (await held.ended(await held.start(TOPIC, format="single"))).reason or ""

    def run() -> str:
        with asyncio.Runner(loop_factory=loop) as runner:
            return runner.run(hold())

    assert [await asyncio.to_thread(run) for _ in range(2)] == ["completed", "completed"]


def test_the_library_is_loaded_when_it_is_asked_for() -> None:
    heavy = "{'aiohttp', 'pydantic', 'httpx2', 'openai', 'debate_server.library'}"
    look = f"import sys, debate_server; print(sorted({heavy} & set(sys.modules)))"
    look += "; from debate_server import debates; print('debate_server.library' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]", "True"]


def test_what_is_logged_goes_where_the_program_logs_without_local_variables() -> None:
    """In a process of its own: who logs how is one setting for all of it."""
    code = """
import logging, sys
import structlog
logging.basicConfig(stream=sys.stdout, format="%(name)s %(levelname)s %(message)s")
from debate_server.library import _log_to_logging
_log_to_logging()
logger = structlog.get_logger("debate_server.engine")
logger.info("debate_done")
def fail():
    key = "sk-secret" + "-1234"
    raise ValueError("no")
try:
    fail()
except ValueError:
    logger.exception("debate_failed", debate="abc")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert "debate_server.engine ERROR event='debate_failed' debate='abc'" in done.stdout
    assert "debate_done" not in done.stdout
    assert "-1234'" not in done.stdout
