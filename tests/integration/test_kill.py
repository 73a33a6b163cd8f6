"""What any viewer has seen is in the log after ``kill -9``."""

from functools import partial
from pathlib import Path

import aiohttp
import orjson

from debate_server.commands.read import Archive
from debate_server.log import frames as fr
from tests.conftest import parse
from tests.fakes.script import Say, Stall
from tests.fakes.upstream import FakeUpstream
from tests.integration.processes import running

WORDS = " ".join(f"word{number}" for number in range(300))


async def test_every_event_that_a_viewer_had_seen_is_in_the_log_after_a_kill(
    fake: FakeUpstream, tmp_path: Path
) -> None:
    serve = partial(running, tmp_path, "--model", "fake-chat", OPENAI_BASE_URL=fake.base_url)
    fake.play([Say(WORDS)], [Say(WORDS, finish=None), Stall()])
    async with serve() as (address, server), aiohttp.ClientSession(address) as session:
        async with session.post("/api/debates", json={"topic": "Kill?"}) as response:
            started = await response.json()
        seen = b""
        async with session.get(started["events"]) as stream:
            while seen.count(b"word299") < 3:  # the first speech, its end, and the second speech underway
                seen += await stream.content.readany()
            server.kill()
            await server.wait()
    events = parse(seen[: seen.rindex(b"\n\n") + 2])
    kept = [orjson.loads(fr.line(block)) for block in fr.split(Archive(tmp_path / "data").frames(started["id"]))]
    assert len(events) > 600
    assert kept[: len(events)] == events

    async with (
        serve() as (address, _),
        aiohttp.ClientSession(address) as session,
        session.get(started["events"]) as stream,
    ):
        again = parse(await stream.read())
    assert again[: len(kept)] == kept
    assert [event["type"] for event in again if event["type"] == "done"] == ["done"]
    assert again[-1]["type"] == "done"
