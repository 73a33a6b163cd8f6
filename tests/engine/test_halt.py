"""Stopping one speech: it ends as it is, and nothing else does."""

import asyncio
from typing import Any

from tests.conftest import Serve, Server, until
from tests.engine.beside import TOGETHER
from tests.fakes.script import Gate, Say, Script, Stall, refuse
from tests.fakes.upstream import FakeUpstream


def ends(events: list[dict[str, Any]]) -> dict[int, tuple[str, str]]:
    """By turn, how each speech ended, and its words."""
    return {
        event["turn"]: (event["finish_reason"], event["content"]) for event in events if event["type"] == "agent_end"
    }


async def test_one_of_those_who_speak_at_the_same_time_is_stopped_and_the_others_are_not_disturbed(
    server: Server, fake: FakeUpstream
) -> None:
    gate = asyncio.Event()
    script: Script = [Say("I am", finish=None), Gate(gate), Say(" done.")]
    fake.play(script, script, script)
    _, started = await server.json("POST", "/api/debates", json={"topic": "Abreast", "format": TOGETHER})
    address = f"/api/debates/{started['id']}"
    asked = [await fake.asked(number) for number in (1, 2, 3)]
    async with server.session.get(started["events"]) as stream:
        for _ in asked:
            await until(stream, b'" am"')
        status, told = await server.json("POST", f"{address}/stop", json={"turn": 2})
        assert (status, told["status"]) == (200, "running")
        await until(stream, b'"finish_reason":"stopped"')
    await asyncio.wait([asyncio.create_task(one.left.wait()) for one in asked], return_when=asyncio.FIRST_COMPLETED)
    assert fake.open == 2, "its request is closed at once, and no other"
    assert (await server.json("POST", f"{address}/stop", json={"turn": 2}))[0] == 200
    for turn in (4, 9):
        status, problem = await server.json("POST", f"{address}/stop", json={"turn": turn})
        assert (status, problem["code"]) == (409, "not_speaking")
        assert "Being spoken: 1, 3." in problem["detail"]
    gate.set()

    events = await server.events(started["events"])
    assert ends(events)[1] == ends(events)[3] == ("stop", "I am done.")
    assert ends(events)[2] == ("stopped", "I am")
    assert (ends(events)[4][0], events[-1]["reason"]) == ("stop", "completed")
    assert "I am [stopped here]" in str(fake.requests[3].body["messages"])
    status, problem = await server.json("POST", f"{address}/stop", json={"turn": 2})
    assert (status, problem["code"]) == (409, "not_speaking")


async def test_a_speech_that_is_stopped_before_its_first_word_is_an_end_and_the_next_one_speaks(
    server: Server, fake: FakeUpstream
) -> None:
    fake.play([Stall()])
    _, started = await server.json("POST", "/api/debates", json={"topic": "Next!", "rounds": 1})
    asked = await fake.asked()
    assert (await server.json("POST", f"/api/debates/{started['id']}/stop", json={"turn": 1}))[0] == 200
    await asked.left.wait()
    events = await server.events(started["events"])
    assert (ends(events)[1], events[-1]["reason"]) == (("stopped", ""), "completed")
    assert len(fake.requests) == 3


async def test_a_debate_whose_every_lane_was_stopped_or_failed_goes_on(server: Server, fake: FakeUpstream) -> None:
    fake.play([Stall()], [refuse(401)], [refuse(401)])
    _, started = await server.json("POST", "/api/debates", json={"topic": "Nobody?", "format": TOGETHER})
    await fake.asked(3)
    lanes = server.house.runner._courses[started["id"]].floor.lanes
    while len(lanes) > 1:
        await asyncio.wait(list(lanes.values()), return_when=asyncio.FIRST_COMPLETED)
    [turn] = lanes
    await server.json("POST", f"/api/debates/{started['id']}/stop", json={"turn": turn})
    events = await server.events(started["events"])
    assert ends(events)[turn] == ("stopped", "")
    assert (list(ends(events)), events[-1]["reason"]) == ([turn, 4], "completed")


async def test_those_who_spoke_at_the_same_time_when_the_server_ended_do_so_again(
    serve: Serve, fake: FakeUpstream
) -> None:
    fake.play([Say("Heard.")], [Stall()], [Say("I was", finish=None), Stall()])
    async with serve() as server:
        _, started = await server.json("POST", "/api/debates", json={"topic": "Again?", "format": TOGETHER})
        async with server.session.get(started["events"]) as stream:
            await until(stream, b'"agent_end"')
        await fake.asked(3)
    async with serve() as server:
        events = await server.events(started["events"])
        _, look = await server.json("GET", f"/api/debates/{started['id']}")
    voids = [event for event in events if event["type"] == "agent_error"]
    assert [(void["code"], void["retrying"], void["group"]) for void in voids] == [("interrupted", True, 1)] * 2
    assert [(speech["attempt"], speech["group"]) for speech in look["speeches"]] in (
        [(1, 1), (2, 1), (2, 1), (1, None)], [(2, 1), (1, 1), (2, 1), (1, None)], [(2, 1), (2, 1), (1, 1), (1, None)],
    )  # fmt: skip
    assert len(fake.requests) == 6
