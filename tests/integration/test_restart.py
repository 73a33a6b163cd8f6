"""A server that is ended in mid-speech, by a signal or by force, takes the debate up again where it was cut."""

import signal
from functools import partial
from pathlib import Path

import aiohttp
import orjson
import pytest

from debate_server.commands.read import Archive
from debate_server.log import frames as fr
from tests.conftest import parse
from tests.fakes.script import Say, Stall
from tests.fakes.upstream import FakeUpstream
from tests.integration.processes import running

WORDS = " ".join(f"word{number}" for number in range(300))
CUT = "This is said twice."


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
async def test_a_restart_loses_nothing_that_was_seen_and_asks_for_the_cut_turn_alone(
    fake: FakeUpstream, tmp_path: Path, end: signal.Signals
) -> None:
    serve = partial(running, tmp_path, "--model", "fake-chat", OPENAI_BASE_URL=fake.base_url)
    fake.play([Say(WORDS)], [Say(CUT, finish=None), Stall()], [Say(CUT)], [Say("Decided.")])
    async with serve() as (address, server), aiohttp.ClientSession(address) as session:
        async with session.post("/api/debates", json={"topic": "Again?", "rounds": 1}) as response:
            started = await response.json()
        seen = b""
        async with session.get(started["events"]) as stream:
            while b"twice." not in seen:  # the first speech, its end, and the second speech underway
                seen += await stream.content.readany()
            server.send_signal(end)
            await server.wait()
    events = parse(seen[: seen.rindex(b"\n\n") + 2])
    kept = [orjson.loads(fr.line(block)) for block in fr.split(Archive(tmp_path / "data").frames(started["id"]))]
    assert kept[: len(events)] == events

    cursor = {"Last-Event-ID": f"{started['id']}.{events[-1]['seq']}"}
    async with (
        serve() as (address, _),
        aiohttp.ClientSession(address) as session,
        session.get(started["events"], headers=cursor) as stream,
    ):
        rest = parse(await stream.read())
    assert [event["seq"] for event in events + rest] == list(range(1, len(events + rest) + 1))
    [void, again, *_] = rest
    assert (void["type"], void["code"], void["turn"], void["retrying"]) == ("agent_error", "interrupted", 2, True)
    assert (again["type"], again["turn"], again["attempt"]) == ("agent_start", 2, 2)
    speeches = [event["content"] for event in events + rest if event["type"] == "agent_end"]
    assert speeches == [WORDS, CUT, "Decided."]
    assert (rest[-1]["type"], rest[-1]["reason"]) == ("done", "completed")
    assert len(fake.requests) == 4
