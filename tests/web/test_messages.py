"""Polling tells the same story as the stream; a person's words reach the agents."""

import asyncio
from typing import Any

import orjson
import pytest

from tests.conftest import Server
from tests.fakes.script import Gate, Say, Stall, refuse
from tests.fakes.upstream import FakeUpstream

BRIEF = {"agent_start", "thinking", "token"}


async def test_polling_gives_what_the_stream_gives_but_for_the_brief_events(server: Server, fake: FakeUpstream) -> None:
    fake.play([refuse(500)])
    events = await server.debate(rounds=1)
    address = f"/api/debates/{events[0]['debate']}/messages"
    status, polled = await server.json("GET", address)
    assert status == 200
    assert polled["messages"] == [event for event in events if event["type"] not in BRIEF]
    assert (polled["next"], polled["closed"]) == (events[-1]["seq"], True)
    assert all(message["created"] for message in polled["messages"])


async def test_polling_from_next_on_misses_nothing_and_repeats_nothing(server: Server, fake: FakeUpstream) -> None:
    gates = [asyncio.Event() for _ in range(3)]
    for gate in gates:
        fake.play([Gate(gate), Say("So be it.")])
    _, started = await server.json("POST", "/api/debates", json={"topic": "Poll?", "rounds": 1})
    seen: list[dict[str, Any]] = []
    cursor, closed, turn = "0", False, 0
    while not closed:
        _, polled = await server.json("GET", f"{started['messages']}?since={cursor}")
        seen += polled["messages"]
        cursor, closed = str(polled["next"]), polled["closed"]
        if turn < 3 and len(fake.requests) > turn:
            gates[turn].set()
            turn += 1
    events = await server.events(started["events"])
    assert seen == [event for event in events if event["type"] not in BRIEF]


async def test_a_poll_of_a_running_debate_says_that_it_is_not_closed(server: Server, fake: FakeUpstream) -> None:
    fake.play([Say("I have not", finish=None), Stall()])
    _, started = await server.json("POST", "/api/debates", json={"topic": "Poll?"})
    await fake.asked()
    _, polled = await server.json("GET", started["messages"])
    assert ([message["type"] for message in polled["messages"]], polled["closed"]) == (["debate_start"], False)


async def test_a_time_is_a_cursor_too(server: Server) -> None:
    events = await server.debate(rounds=1)
    address = f"/api/debates/{events[0]['debate']}/messages"
    stamped = [event for event in events if "created" in event]
    for moment in {event["created"] for event in stamped}:
        for spelling in (moment, moment.replace("Z", "%2B00:00"), moment.replace("Z", "+00:00"), moment[:-1]):
            _, polled = await server.json("GET", f"{address}?since={spelling}")
            assert polled["messages"] == [event for event in stamped if event["created"] > moment]


@pytest.mark.parametrize(
    "since", ["x", "-1", "99999", "1.5", "²", "2026-13-45T00:00:00Z", "yesterday", "T-", "other.1", "9" * 5000]
)
async def test_a_cursor_that_is_none_is_refused(server: Server, since: str) -> None:
    events = await server.debate(rounds=1)
    status, problem = await server.json("GET", f"/api/debates/{events[0]['debate']}/messages", params={"since": since})
    assert (status, problem["code"]) == (404, "unknown_cursor")


async def test_a_persons_words_reach_every_later_agent_and_the_transcript(server: Server, fake: FakeUpstream) -> None:
    held = asyncio.Event()
    fake.play([Gate(held), Say("First.")])
    _, started = await server.json("POST", "/api/debates", json={"topic": "Speak?", "rounds": 1})
    await fake.asked()
    said = [
        await server.json("POST", started["messages"], json=words)
        for words in ({"content": "What of costs?"}, {"content": "And you?", "to": "Moderator"})
    ]
    held.set()
    events = await server.events(started["events"])
    assert [(status, answer["message_count"], answer["status"]) for status, answer in said] == [
        (202, 1, "queued"), (202, 2, "queued"),
    ]  # fmt: skip
    messages = [event for event in events if event["type"] == "message"]
    assert [(event["message_id"], event["content"], event["to"]) for event in messages] == [
        (said[0][1]["message_id"], "What of costs?", None),
        (said[1][1]["message_id"], "And you?", "Moderator"),
    ]
    heard = [request.body["messages"][-1]["content"] for request in fake.requests]
    assert ["What of costs?" in prompt for prompt in heard] == [False, True, True]
    assert ["And you?" in prompt for prompt in heard] == [False, False, True]
    _, state = await server.json("GET", f"/api/debates/{started['id']}")
    assert [message["content"] for message in state["messages"]] == ["What of costs?", "And you?"]


async def test_a_message_under_a_key_is_said_once(server: Server, fake: FakeUpstream) -> None:
    fake.play([Stall()])
    _, started = await server.json("POST", "/api/debates", json={"topic": "Once?"})
    words = {"json": {"content": "Hear, hear."}, "headers": {"Idempotency-Key": "k1"}}
    first = await server.json("POST", started["messages"], **words)
    assert await server.json("POST", started["messages"], **words) == first
    at_once = await asyncio.gather(*(server.json("POST", started["messages"], **words) for _ in range(5)))
    assert at_once == [first] * 5
    status, problem = await server.json("POST", started["messages"], **words | {"json": {"content": "No, no."}})
    assert (status, problem["code"]) == (422, "key_reused")
    _, polled = await server.json("GET", started["messages"])
    assert len(polled["messages"]) == 2


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (b"", 400, None),
        (b"{}", 422, "content"),
        (b'{"content":7}', 422, "content"),
        (b'{"content":" "}', 422, "content"),
        (b'{"content":"a\\u0000b"}', 422, "content"),
        (b'{"content":"' + b"x" * 4001 + b'"}', 422, "content"),
        (b'{"content":"x","to":"Judge"}', 422, "to"),
        (b'{"content":"x","from":"me"}', 422, "from"),
    ],
)
async def test_words_that_cannot_be_said_name_the_field(
    server: Server, fake: FakeUpstream, body: bytes, status: int, field: str | None
) -> None:
    fake.play([Stall()])
    _, started = await server.json("POST", "/api/debates", json={"topic": "Speak?"})
    answered, problem = await server.json("POST", started["messages"], data=body)
    assert (answered, problem.get("field")) == (status, field)


async def test_after_the_end_nothing_can_be_said(server: Server) -> None:
    events = await server.debate(rounds=1)
    status, problem = await server.json(
        "POST", f"/api/debates/{events[0]['debate']}/messages", data=orjson.dumps({"content": "Too late?"})
    )
    assert (status, problem["code"]) == (409, "not_running")
