"""A hand on the wheel: every act of a person, with a restart of the server after each, is found in the replay."""

import asyncio
from typing import Any

from tests.conftest import Serve, Server, until
from tests.fakes.script import Gate, Say, Stall
from tests.fakes.upstream import FakeUpstream

Events = list[dict[str, Any]]


def told(events: Events) -> list[str]:
    """What happened, in short."""
    lines = []
    for event in events:
        match event:
            case {"type": "agent_end"}:
                lines.append(f"{event['turn']} {event['agent']}: {event['content']} ({event['finish_reason']})")
            case {"type": "message"}:
                lines.append(f"to {event['to']}: {event['content']}")
            case {"type": "agent_error"}:
                lines.append(f"{event['turn']} {event['agent']} void")
            case {"type": "debate_start" | "paused" | "resumed" | "verdict" | "done"}:
                lines.append(event["type"])
    return lines


async def ended(server: Server, started: dict[str, Any]) -> Events:
    assert started.get("status") == "queued", started
    return await server.events(started["events"])


async def test_every_act_is_in_the_replay_though_the_server_was_restarted_after_each(
    serve: Serve, fake: FakeUpstream
) -> None:
    gate = asyncio.Event()
    fake.play([Say("One", finish=None), Gate(gate), Say(" is said.")])

    async with serve() as server:
        _, started = await server.json("POST", "/api/debates", json={"topic": "Steer?", "rounds": 1})
        act = f"/api/debates/{started['id']}"
        await fake.asked(1)
        pausing = asyncio.create_task(server.house.runner.pause(started["id"]))
        await asyncio.sleep(0)  # by now it has been asked for; a request may take any time to come
        gate.set()
        status, summary = await server.json("POST", f"{act}/pause")
        await pausing
        assert (status, summary["status"]) == (200, "paused")
    async with serve() as server:
        assert (await server.json("POST", f"{act}/messages", json={"content": "Who pays?"}))[0] == 202
    async with serve() as server:
        words = {"content": "Be kind.", "to": "Moderator"}
        assert (await server.json("POST", f"{act}/messages", json=words))[0] == 202
        status, problem = await server.json("POST", f"{act}/messages", json=words | {"to": "Nobody"})
        assert (status, "Optimist, Skeptic, Moderator" in problem["detail"]) == (422, True)
    async with serve() as server:
        fake.play([Say("Two", finish=None), Stall()])
        assert (await server.json("POST", f"{act}/resume"))[0] == 200
        await fake.asked(2)
    async with serve() as server:
        fake.play([Say("Two", finish=None), Stall()], [Say("Three.")])
        async with server.session.get(f"{act}/events") as stream:
            await until(stream, b'"attempt":2')
            await until(stream, b"Two")
            assert (await server.json("POST", f"{act}/stop", json={"turn": 2}))[0] == 200
        first = await server.events(f"{act}/events")
    async with serve() as server:
        fake.play([Say("Two, anew.")], [Say("Three, anew.")])
        change = {"name": "Skeptic", "model": "other-chat", "persona": "You are a pilot."}
        body = {"turn": 2, "topic": "Fly?", "agents": [change]}
        fork = await ended(server, (await server.json("POST", f"{act}/fork", json=body))[1])
    async with serve() as server:
        fake.play([Say("Four.")], [Say("Five.")], [Say("Six.")])
        address = f"/api/debates/{fork[0]['debate']}/fork"
        longer = await ended(server, (await server.json("POST", address, json={"rounds": 1}))[1])
    async with serve() as server:
        fake.play([Say("Two, again.")], [Say("Three, again.")])
        again = await ended(server, (await server.json("POST", f"{act}/retry"))[1])

    shared = [
        "debate_start", "1 Optimist: One is said. (stop)", "paused", "to None: Who pays?", "to Moderator: Be kind.",
        "resumed",
    ]  # fmt: skip
    assert told(first) == [
        *shared, "2 Skeptic void", "2 Skeptic: Two (stopped)", "3 Moderator: Three. (stop)", "verdict", "done",
    ]  # fmt: skip
    anew = [*shared, "2 Skeptic: Two, anew. (stop)", "3 Moderator: Three, anew. (stop)"]
    assert told(fork) == [*anew, "verdict", "done"]
    assert told(longer) == [
        *anew, "4 Optimist: Four. (stop)", "5 Skeptic: Five. (stop)", "6 Moderator: Six. (stop)", "verdict", "done",
    ]  # fmt: skip
    assert told(again) == [
        *shared, "2 Skeptic: Two, again. (stop)", "3 Moderator: Three, again. (stop)", "verdict", "done",
    ]  # fmt: skip
    assert [events[0]["topic"] for events in (first, fork, longer, again)] == ["Steer?", "Fly?", "Fly?", "Steer?"]
    asked = {str(request.body["messages"]): request.body["model"] for request in fake.requests}
    assert [model for prompt, model in asked.items() if "You are a pilot." in prompt] == ["other-chat"] * 2
    assert sum("Be kind." in prompt for prompt in asked) == 4, "the Moderator was told, each time, and nobody else"

    async with serve() as server:
        for events in (first, fork, longer, again):
            assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
            assert await server.events(f"/api/debates/{events[0]['debate']}/events") == events
        _, look = await server.json("GET", act)
        assert [(branch["id"], branch["turn"]) for branch in look["forks"]] == [
            (fork[0]["debate"], 2), (again[0]["debate"], 2),
        ]  # fmt: skip
        _, look = await server.json("GET", f"/api/debates/{longer[0]['debate']}")
        assert (look["parent"], look["parent_seq"]) == (fork[0]["debate"], len(fork) - 2)
        status, problem = await server.json("POST", f"{act}/messages", json={"content": "Too late?"})
        assert (status, problem["code"]) == (409, "not_running")
