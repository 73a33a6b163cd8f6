"""Whole debates on the fake upstream: who speaks, what is told, and how a debate ends."""

import asyncio
from typing import Any

import pytest

from debate_server.core.events import DebateStart
from tests.conftest import Serve, Server, until
from tests.fakes.script import Drop, Gate, Say, Script, Stall, Think, refuse
from tests.fakes.upstream import FakeUpstream


def of(events: list[dict[str, Any]], *types: str) -> list[dict[str, Any]]:
    return [event for event in events if event["type"] in types]


def speech(text: str) -> Script:
    return [Say(text)]


async def test_the_three_agents_speak_in_turn_and_the_moderator_closes(server: Server) -> None:
    events = await server.debate(rounds=2)
    speakers = [(event["agent"], event["round"]) for event in of(events, "agent_start")]
    assert speakers == [("Optimist", 1), ("Skeptic", 1), ("Optimist", 2), ("Skeptic", 2), ("Moderator", 3)]
    assert events[0]["type"] == "debate_start"
    assert events[-1] | {"usage": None, "created": None} == {
        "type": "done", "seq": len(events), "reason": "completed", "usage": None, "created": None,
    }  # fmt: skip


async def test_seqs_have_no_gap_and_a_speech_is_its_tokens(server: Server) -> None:
    events = await server.debate(rounds=1)
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    for end in of(events, "agent_end"):
        tokens = [event["content"] for event in of(events, "token") if event["turn"] == end["turn"]]
        assert "".join(tokens) == end["content"] != ""
        assert end["finish_reason"] == "stop"
        assert end["usage"]["output"] == len(tokens)


async def test_usage_is_summed_over_the_speeches(server: Server) -> None:
    events = await server.debate(rounds=1)
    spent = [event["usage"] for event in of(events, "agent_end")]
    assert events[-1]["usage"]["output"] == sum(usage["output"] for usage in spent) > 0
    assert events[-1]["usage"]["input"] == sum(usage["input"] for usage in spent) > 0


async def test_later_agents_hear_what_was_said_before_them(server: Server, fake: FakeUpstream) -> None:
    fake.play(speech("Cars are freedom."), speech("Streets are for people."), speech("I hold for people."))
    await server.debate("Should cities ban cars?", rounds=1)
    heard = [request.body["messages"][-1]["content"] for request in fake.requests]
    assert "Should cities ban cars?" in heard[0]
    assert "Cars are freedom." not in heard[0]
    assert "Optimist: Cars are freedom." in heard[1]
    assert "Skeptic: Streets are for people." in heard[2]


async def test_a_start_can_change_an_agents_model_persona_and_limits(server: Server, fake: FakeUpstream) -> None:
    change = {"name": "Skeptic", "model": "other", "persona": "A {stoic}.", "temperature": 0.1, "max_tokens": 32}
    events = await server.debate(rounds=1, agents=[change])
    assert [agent["model"] for agent in events[0]["agents"]] == ["fake-chat", "other", "fake-chat"]
    asked = fake.requests[1].body
    assert (asked["model"], asked["temperature"], asked["max_tokens"]) == ("other", 0.1, 32)
    assert asked["messages"][0]["content"].startswith("A {stoic}.")


async def test_reasoning_is_one_thinking_event_and_never_speech(server: Server, fake: FakeUpstream) -> None:
    fake.play([Think("let me see"), Say("<think>hm hm</think>Yes.")])
    events = await server.debate(rounds=1)
    first = [event for event in events if event.get("turn") == 1]
    assert [event["type"] for event in first] == ["agent_start", "thinking", "token", "agent_end"]
    assert first[-1]["content"] == "Yes."
    assert "hm" not in str([request.body for request in fake.requests[1:]])


async def test_a_fault_before_the_first_token_is_tried_again_twice_and_seen(server: Server, fake: FakeUpstream) -> None:
    fake.play([refuse(500)], [refuse(503)], speech("At last."))
    events = await server.debate(rounds=1)
    first = [event for event in events if event.get("turn") == 1]
    assert [(event["type"], event.get("attempt")) for event in first if event["type"] != "token"] == [
        ("agent_start", 1), ("agent_error", 1), ("agent_start", 2), ("agent_error", 2), ("agent_start", 3),
        ("agent_end", None),
    ]  # fmt: skip
    assert all(event["retrying"] for event in of(first, "agent_error"))
    assert events[-1]["reason"] == "completed"


async def test_the_third_fault_fails_the_debate_and_what_was_said_stays(server: Server, fake: FakeUpstream) -> None:
    fake.play(speech("I was heard."), *[[refuse(500)]] * 3)
    events = await server.debate(rounds=1)
    assert [event["retrying"] for event in of(events, "agent_error")] == [True, True, False]
    assert [event["type"] for event in events[-2:]] == ["error", "done"]
    assert events[-1]["reason"] == "failed"
    status, state = await server.json("GET", f"/api/debates/{events[0]['debate']}")
    assert (status, [speech["content"] for speech in state["speeches"]]) == (200, ["I was heard."])
    assert len(fake.requests) == 4


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ([refuse(401, "bad key")], "upstream_refused"),
        ([refuse(404, "no such model", code="model_not_found")], "upstream_unknown_model"),
    ],
)
async def test_what_trying_again_cannot_mend_fails_at_once(
    server: Server, fake: FakeUpstream, script: Script, code: str
) -> None:
    fake.play(script)
    events = await server.debate(rounds=1)
    assert [event["type"] for event in events] == ["debate_start", "agent_start", "agent_error", "error", "done"]
    assert events[3]["code"] == code
    assert len(fake.requests) == 1


async def test_an_unreachable_upstream_fails_the_debate_on_the_stream(serve: Serve) -> None:
    async with serve(base_url="http://127.0.0.1:9/v1") as server:
        events = await server.debate(rounds=1)
    assert events[-2]["code"] == "upstream_unreachable"
    assert events[-1]["reason"] == "failed"


async def test_a_fault_in_mid_speech_cuts_it_off_and_the_others_are_told(server: Server, fake: FakeUpstream) -> None:
    fake.play([Say("Half of a", finish=None), Drop()])
    events = await server.debate(rounds=1)
    end = of(events, "agent_end")[0]
    assert (end["content"], end["finish_reason"]) == ("Half of a", "cut_off")
    assert "Half of a [cut off here]" in fake.requests[1].body["messages"][-1]["content"]
    assert events[-1]["reason"] == "completed"
    assert len(fake.requests) == 3


async def test_stop_closes_the_upstream_request_and_keeps_what_was_said(server: Server, fake: FakeUpstream) -> None:
    fake.play([Say("I was just", finish=None), Stall()])
    _, started = await server.json("POST", "/api/debates", json={"topic": "Stop?"})
    asked = await fake.asked()
    async with server.session.get(started["events"]) as response:
        await until(response, b"just")
        status, answer = await server.json("POST", f"/api/debates/{started['id']}/stop")
        await asked.left.wait()
        rest = await response.read()
    assert (status, answer["status"], answer["reason"]) == (200, "done", "stopped")
    assert b'"finish_reason":"stopped"' in rest
    assert b'"reason":"stopped"' in rest
    again = await server.json("POST", f"/api/debates/{started['id']}/stop")
    assert again == (status, answer)
    assert len(fake.requests) == 1


async def test_a_debate_stopped_while_it_waits_in_line_ends_without_a_call(serve: Serve, fake: FakeUpstream) -> None:
    held = asyncio.Event()
    async with serve(max_running=1) as server:
        fake.play([Gate(held), Say("x")])
        _, first = await server.json("POST", "/api/debates", json={"topic": "One", "rounds": 1})
        await fake.asked()
        _, second = await server.json("POST", "/api/debates", json={"topic": "Two", "rounds": 1})
        await server.json("POST", f"/api/debates/{second['id']}/stop")
        assert [event["type"] for event in await server.events(second["events"])] == ["debate_start", "done"]
        held.set()
        assert (await server.events(first["events"]))[-1]["reason"] == "completed"
        assert len(fake.requests) == 3


async def test_a_full_house_refuses_a_start_and_spends_nothing(serve: Serve, fake: FakeUpstream) -> None:
    async with serve(max_running=1, max_queued=0) as server:
        fake.play([Stall()])
        await server.json("POST", "/api/debates", json={"topic": "One"})
        await fake.asked()
        async with server.session.post("/api/debates", json={"topic": "Two"}) as response:
            assert response.status == 503
            assert response.headers["Retry-After"]
            assert "--max-queued" in (await response.json())["detail"]
        assert len(fake.requests) == 1


async def test_a_debate_past_its_time_fails_and_says_which_setting(serve: Serve, fake: FakeUpstream) -> None:
    async with serve(debate_timeout=1) as server:
        fake.play([Say("And so I go on", finish=None), Stall()])
        events = await server.debate()
    assert [event["type"] for event in events[-3:]] == ["agent_end", "error", "done"]
    assert events[-3]["finish_reason"] == "stopped"
    assert "--debate-timeout" in events[-2]["message"]


async def cut_by_restart(serve: Serve, fake: FakeUpstream, **after: Any) -> list[dict[str, Any]]:
    """A debate whose second speech was cut by the end of the server, as a viewer sees it after the next start."""
    fake.play([Say("First.")], [Say("I was inter", finish=None), Stall()])
    async with serve() as server:
        _, started = await server.json("POST", "/api/debates", json={"topic": "Restart?", "rounds": 1})
        async with server.session.get(started["events"]) as response:
            await until(response, b"inter")
    async with serve(**after) as server:
        return await server.events(started["events"])


async def test_a_restart_goes_on_at_the_turn_that_was_cut(serve: Serve, fake: FakeUpstream) -> None:
    events = await cut_by_restart(serve, fake)
    second = [event for event in events if event.get("turn") == 2 and event["type"] != "token"]
    assert [(event["type"], event.get("attempt"), event.get("retrying")) for event in second] == [
        ("agent_start", 1, None), ("agent_error", 1, True), ("agent_start", 2, None), ("agent_end", None, None),
    ]  # fmt: skip
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert "inter" not in second[-1]["content"]
    assert events[-1]["reason"] == "completed"
    assert len(fake.requests) == 4  # the first speech was not asked for again
    assert "I was inter" not in str([request.body for request in fake.requests])


@pytest.mark.parametrize("setting", [{"on_restart": "end"}, {"resume_within": 0}])
async def test_a_debate_that_is_not_to_go_on_ends_as_interrupted(
    serve: Serve, fake: FakeUpstream, setting: dict[str, Any]
) -> None:
    events = await cut_by_restart(serve, fake, **setting)
    assert [event["type"] for event in events[-2:]] == ["agent_error", "done"]
    assert (events[-2]["retrying"], events[-1]["reason"]) == (False, "interrupted")
    assert len(fake.requests) == 2


async def test_debates_in_line_are_still_in_line_after_a_restart(serve: Serve, fake: FakeUpstream) -> None:
    fake.play([Stall()])
    async with serve(max_running=1) as server:
        await server.json("POST", "/api/debates", json={"topic": "One", "rounds": 1})
        await fake.asked()
        lined = [
            (await server.json("POST", "/api/debates", json={"topic": topic, "rounds": 1}))[1]
            for topic in ("Apples", "Pears")
        ]
    async with serve(max_running=1, on_restart="end") as server:
        ended = [await server.events(started["events"]) for started in lined]
    assert [events[-1]["reason"] for events in ended] == ["completed", "completed"]
    heard = ["Apples" in request.body["messages"][-1]["content"] for request in fake.requests[1:]]
    assert heard == [True] * 3 + [False] * 3


async def test_every_attempt_is_closed_before_done_wherever_a_stop_falls(server: Server) -> None:
    for patience in range(40):
        _, started = await server.json("POST", "/api/debates", json={"topic": "Now?", "rounds": 1})
        for _ in range(patience):
            await asyncio.sleep(0)
        await server.json("POST", f"/api/debates/{started['id']}/stop")
        events = await server.events(started["events"])
        opened = [event["turn"] for event in of(events, "agent_start")]
        assert [event["turn"] for event in of(events, "agent_end", "agent_error")] == opened
        assert events[-1]["type"] == "done"


async def test_a_resumed_debate_that_waits_in_line_can_be_stopped(serve: Serve, fake: FakeUpstream) -> None:
    fake.play([Stall()], [Stall()], [Stall()])
    async with serve() as server:
        started = [(await server.json("POST", "/api/debates", json={"topic": topic}))[1] for topic in ("One", "Two")]
        await fake.asked(2)
    async with serve(max_running=1) as server:
        await fake.asked(3)
        _, answer = await server.json("POST", f"/api/debates/{started[1]['id']}/stop")
        assert (answer["status"], answer["reason"]) == ("done", "stopped")
        assert (await server.events(started[1]["events"]))[-1]["type"] == "done"


async def test_a_plan_of_another_version_fails_its_debate_and_no_other(serve: Serve, fake: FakeUpstream) -> None:
    fake.play([Stall()])
    async with serve() as server:
        _, good = await server.json("POST", "/api/debates", json={"topic": "Good", "rounds": 1})
        await fake.asked()
        server.house.log.create(DebateStart("bad", "Bad", "classic", 1, ()), b'{"from": "the future"}')
        await server.house.log.commit()
    async with serve() as server:
        bad = await server.events("/api/debates/bad/events")
        assert [(event["type"], event.get("code")) for event in bad[1:]] == [
            ("error", "plan_unreadable"),
            ("done", None),
        ]
        assert (await server.events(good["events"]))[-1]["reason"] == "completed"


async def test_a_debate_queued_long_ago_does_not_wake_up_and_spend(serve: Serve, fake: FakeUpstream) -> None:
    fake.play([Stall()])
    async with serve(max_running=1) as server:
        await server.json("POST", "/api/debates", json={"topic": "One"})
        await fake.asked()
        _, lined = await server.json("POST", "/api/debates", json={"topic": "Two"})
    async with serve(resume_within=0) as server:
        assert (await server.events(lined["events"]))[-1]["reason"] == "interrupted"
    assert len(fake.requests) == 1
