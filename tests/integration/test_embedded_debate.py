"""A whole debate on the embedded model, over HTTP, as a person without a key gets it."""

from pathlib import Path

import aiohttp

from debate_server.commands.read import Archive
from tests.conftest import parse
from tests.integration.processes import running


async def test_a_debate_on_the_embedded_model_is_held_to_its_end_and_kept(tmp_path: Path) -> None:
    async with running(tmp_path, "--demo") as (address, _), aiohttp.ClientSession(address) as session:
        short = [{"name": name, "max_tokens": 120} for name in ("Optimist", "Skeptic", "Moderator")]
        wanted = {"topic": "Should AI be regulated?", "rounds": 1, "agents": short}
        async with session.post("/api/debates", json=wanted) as response:
            started = await response.json()
        async with session.get(started["events"]) as stream:
            body = await stream.read()
        async with session.get(f"/api/debates/{started['id']}") as response:
            state = await response.json()

    events = parse(body)
    assert "demo" in events[0]["agents"][0]["model"]
    speeches = [event for event in events if event["type"] == "agent_end"]
    assert [speech["agent"] for speech in speeches] == ["Optimist", "Skeptic", "Moderator"]
    for speech in speeches:
        tokens = [event["content"] for event in events if event["type"] == "token" and event["turn"] == speech["turn"]]
        assert len(tokens) > 1
        assert "".join(tokens) == speech["content"]
        assert speech["content"].strip()
        assert speech["finish_reason"] in ("stop", "length")
    assert (events[-1]["type"], events[-1]["reason"]) == ("done", "completed")
    assert Archive(tmp_path / "data").frames(started["id"]) == body.removeprefix(b"retry: 1000\n")
    assert [speech["content"] for speech in state["speeches"]] == [speech["content"] for speech in speeches]
