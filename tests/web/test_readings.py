"""One log, six readings: every way to read a debate tells the same story, each as far as its framing goes."""

import asyncio
from typing import Any

import orjson

from tests.conftest import Server, parse
from tests.fakes.script import Gate, Say, Think, refuse
from tests.fakes.upstream import FakeUpstream

TOPIC = "Is it told alike, “everywhere”?\u2028Even so?"


async def read(server: Server, path: str, **options: Any) -> bytes:
    async with server.session.request(options.pop("method", "GET"), path, **options) as response:
        assert response.status == 200, await response.text()
        return await response.read()


async def test_every_reading_of_a_debate_tells_the_same_story(server: Server, fake: FakeUpstream) -> None:
    held = asyncio.Event()
    fake.play(
        [refuse(503)], [Think("Hm."), Gate(held), Say("Yes, and\n\nyes again.")], [Say("No.")], [Say("So be it.")]
    )
    posted = asyncio.create_task(read(server, "/api/debate", method="POST", json={"topic": TOPIC, "rounds": 1}))
    await fake.asked(2)
    _, listed = await server.json("GET", "/api/debates")
    address = f"/api/debates/{listed['debates'][0]['id']}"
    await server.json("POST", f"{address}/messages", json={"content": "What of data: {} and costs?"})
    live = asyncio.create_task(read(server, f"{address}/events"))
    held.set()
    by_post, by_get = parse(await posted), parse(await live)

    replayed = parse(await read(server, f"{address}/events"))
    lines = await read(server, f"{address}/events", headers={"Accept": "application/x-ndjson"})
    many = parse(await read(server, f"/api/events?after={by_get[0]['debate']}.0"))
    _, polled = await server.json("GET", f"{address}/messages")
    text = (await read(server, f"{address}/events", headers={"Accept": "text/plain"})).decode()

    assert replayed == by_get
    assert [orjson.loads(line) for line in lines.splitlines()] == by_get
    assert [{key: value for key, value in event.items() if key != "debate"} for event in many[1:]] == by_get[1:]
    assert polled["messages"] == [event for event in by_get if "created" in event]
    for event in by_get:
        if event["type"] == "agent_end":
            del event["content"]
    assert by_post == by_get

    said = "".join(event["content"] for event in by_get if event["type"] == "token" and event["agent"] == "Optimist")
    places = [text.index(part) for part in (said, "No.", "So be it.")]
    assert places == sorted(places)
    assert "What of data: {} and costs?" in text
