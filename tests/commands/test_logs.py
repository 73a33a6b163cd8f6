"""What is logged can be followed: from a request to the debate that it began, to the turn in it that failed."""

import asyncio
import signal

import aiohttp
import orjson

from tests.commands.conftest import Cli
from tests.fakes.script import Reset, Say, refuse
from tests.fakes.upstream import FakeUpstream


async def test_events_name_the_request_the_debate_and_the_turn(debate: Cli, fake: FakeUpstream) -> None:
    fake.play([refuse(500)], [Say("For it.")], [Say("Against", finish=None), Reset()])
    async with debate.serve() as (server, address):
        async with aiohttp.ClientSession(address) as session:
            async with session.post("/api/debates", json={"topic": "x", "rounds": 1}) as response:
                request, started = response.headers["X-Request-Id"], await response.json()
            async with session.get(started["events"]) as stream:
                assert stream.headers["X-Request-Id"] != request
                await stream.read()
        server.send(signal.SIGTERM)
        ran = await server.end()

    logged = [orjson.loads(line) for line in ran.err.splitlines() if line.startswith("{")]
    about = {event["event"]: event for event in logged}
    assert {(event["request"], event["debate"]) for event in logged} == {(request, started["id"])}
    assert (about["attempt_failed"]["turn"], about["speech_cut"]["turn"]) == (1, 2)
    assert "turn" not in about["debate_done"]


async def test_what_is_no_request_is_told_once_and_not_a_thousand_times(debate: Cli) -> None:
    async with debate.serve() as (server, address):
        host, port = address.removeprefix("http://").split(":")
        for _ in range(20):
            reader, writer = await asyncio.open_connection(host, port)
            writer.write(b"NONSENSE\r\n\r\n")
            assert b" 400 " in await reader.readline()
            assert b"bad_request" in await reader.read()
            writer.close()
        async with aiohttp.ClientSession(address) as session, session.get("/metrics") as response:
            assert "debate_unreadable_requests_total 20.0" in await response.text()
        server.send(signal.SIGTERM)
        ran = await server.end()
    assert ran.err.count("no_request") == 1
