"""Forks: from any turn, with another topic, seat or number of rounds; and going on after the end."""

import asyncio
from itertools import count
from types import FrameType
from typing import Any

import orjson
import pytest

from tests.conftest import Serve, Server
from tests.engine.beside import TOGETHER
from tests.engine.cast import Cast
from tests.fakes.script import Gate, Reset, Say, Script, Stall, refuse
from tests.fakes.upstream import FakeUpstream
from tests.integration.calls import counted

Events = list[dict[str, Any]]


async def fork(server: Server, debate: str, **fields: Any) -> Events:
    """All events of a fork."""
    status, started = await server.json("POST", f"/api/debates/{debate}/fork", json=fields)
    assert status == 202, started
    return await server.events(started["events"])


async def refused(server: Server, debate: str, **fields: Any) -> tuple[int, str, str]:
    status, problem = await server.json("POST", f"/api/debates/{debate}/fork", json=fields)
    return status, problem["code"], problem["detail"]


def turns(events: Events, type_: str = "agent_start") -> list[int]:
    return [event["turn"] for event in events if event["type"] == type_]


def own(events: Events) -> Events:
    """What of a fork's events is not its parent's too."""
    return [event for event in events if event["seq"] > events[0]["parent_seq"]]


def numbered(fake: FakeUpstream) -> None:
    """Every speech is another one."""
    number = count(1)
    fake.script = lambda _: [Say(f"Speech {next(number)}.")]


async def test_a_fork_begins_with_what_was_said_and_the_turn_is_spoken_anew(server: Server, fake: FakeUpstream) -> None:
    numbered(fake)
    parent = await server.debate("Ban cars?", rounds=2)
    asked = len(fake.requests)
    change = {"name": "Skeptic", "model": "other", "persona": "You are a cyclist.", "temperature": 0.1}

    events = await fork(server, parent[0]["debate"], turn=4, topic=" Tax cars? ", agents=[change])

    until = next(event["seq"] for event in parent if event.get("turn") == 4) - 1
    assert (events[0]["parent"], events[0]["parent_seq"]) == (parent[0]["debate"], until)
    assert events[1:until] == parent[1:until], "copied with their seqs and their times"
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert (events[0]["topic"], events[0]["agents"][1]["model"]) == ("Tax cars?", "other")
    assert turns(own(events)) == [4, 5]
    assert (events[-1]["reason"], len(fake.requests)) == ("completed", asked + 2)
    asking = fake.requests[asked].body
    assert (asking["model"], asking["temperature"]) == ("other", 0.1)
    prompt = str(asking["messages"])
    assert "You are a cyclist." in prompt
    assert "Tax cars?" in prompt
    assert "Speech 3." in prompt
    assert "Speech 4." not in prompt
    assert parent == await server.events(f"/api/debates/{parent[0]['debate']}/events"), "the parent stays as it is"


async def test_a_fork_in_the_middle_of_a_group_begins_with_the_group(server: Server, fake: FakeUpstream) -> None:
    parent = await server.debate(format=TOGETHER, rounds=2)

    events = await fork(server, parent[0]["debate"], turn=5)

    assert sorted(turns(own(events))) == [4, 5, 6, 7]
    assert sorted(turns(events)) == [1, 2, 3, 4, 5, 6, 7]
    until = events[0]["parent_seq"]
    assert events[1:until] == parent[1:until]
    assert sorted(turns(events[:until], "agent_end")) == [1, 2, 3]


async def test_a_debate_that_is_underway_is_forked_and_not_disturbed(server: Server, fake: FakeUpstream) -> None:
    gate = asyncio.Event()
    fake.play([Say("One.")], [Say("Two", finish=None), Gate(gate), Say(", too.")])
    _, started = await server.json("POST", "/api/debates", json={"topic": "Both?", "rounds": 1})
    await fake.asked(2)

    events = await fork(server, started["id"], turn=2)
    assert (turns(own(events)), events[-1]["reason"]) == ([2, 3], "completed")
    assert await refused(server, started["id"]) == (
        409, "still_running",
        f"Debate {started['id']} is not over. Fork it from a turn, or stop it first: POST "
        f"/api/debates/{started['id']}/stop",
    )  # fmt: skip
    gate.set()
    parent = await server.events(started["events"])
    assert next(event["content"] for event in parent if event.get("turn") == 2 and "ms" in event) == "Two, too."


async def test_a_pause_that_is_copied_does_not_hold_the_fork(server: Server, fake: FakeUpstream) -> None:
    gate = asyncio.Event()
    fake.play([Gate(gate), Say("One.")])
    body = {"messages": {"content": "Go on."}}
    _, started = await server.json("POST", "/api/debates", json={"topic": "Held?", "rounds": 1})
    await fake.asked()
    pausing = asyncio.create_task(server.house.runner.pause(started["id"]))
    await asyncio.sleep(0)
    gate.set()
    await pausing
    for act in ("messages", "stop"):
        await server.json("POST", f"/api/debates/{started['id']}/{act}", data=orjson.dumps(body.get(act, {})))

    events = await fork(server, started["id"])
    assert [event["type"] for event in events[: events[0]["parent_seq"]]][-2:] == ["paused", "message"]
    assert (turns(own(events)), events[-1]["reason"]) == ([2, 3, 4, 5, 6], "completed")
    assert "Go on." in str(fake.requests[1].body["messages"])


async def test_a_debate_goes_on_after_its_end_and_is_decided_anew(server: Server, fake: FakeUpstream) -> None:
    numbered(fake)
    parent = await server.debate(rounds=1)

    longer = await fork(server, parent[0]["debate"], rounds=2)
    longest = await fork(server, longer[0]["debate"])

    ended = next(event["seq"] for event in parent if event["type"] == "verdict") - 1
    assert (longer[0]["parent_seq"], longer[0]["rounds"]) == (ended, 3)
    assert longer[1:ended] == parent[1:ended]
    assert turns(own(longer)) == [4, 5, 6, 7, 8]
    assert (longest[0]["rounds"], turns(own(longest))) == (4, [9, 10, 11])
    for events in (parent, longer, longest):
        assert [event["type"] for event in events if event["type"] in ("verdict", "error", "done")] == [
            "verdict", "done",
        ]  # fmt: skip
    assert [events[-2]["answer"] for events in (parent, longer, longest)] == ["Speech 3.", "Speech 8.", "Speech 11."]
    assert "Speech 3." in str(fake.requests[3].body["messages"]), "they have heard the synthesis"


async def test_a_debate_that_was_stopped_goes_on_with_what_was_left_of_it(server: Server, fake: FakeUpstream) -> None:
    fake.play([Say("One.")], [Say("Two", finish=None), Stall()])
    _, started = await server.json("POST", "/api/debates", json={"topic": "Stop", "rounds": 1})
    await fake.asked(2)
    await server.json("POST", f"/api/debates/{started['id']}/stop")

    events = await fork(server, started["id"])
    assert turns(own(events)) == [3, 4, 5, 6]
    assert events[-1]["reason"] == "completed"


async def test_what_cannot_be_forked_says_what_can(serve: Serve, fake: FakeUpstream) -> None:
    async with serve(max_rounds=3) as server:
        debate = (await server.debate(rounds=2))[0]["debate"]
        single = (await server.debate(format="single"))[0]["debate"]
        asked = len(fake.requests)

        assert await refused(server, debate, turn=6) == (
            422, "invalid_request", f"No turn 6 has begun in debate {debate}. Those that have: 1 to 5.",
        )  # fmt: skip
        assert await refused(server, single) == (
            422, "invalid_request",
            "single has no round that repeats, so it cannot go on. Fork it from one of its turns instead.",
        )  # fmt: skip
        assert (await refused(server, debate, rounds=2))[2] == (
            "That would be 4 rounds altogether. The limit is 3; the server's --max-rounds changes it."
        )
        assert (await refused(server, debate, turn=1, rounds=4))[1] == "limit_exceeded"
        assert (await refused(server, debate, turn=5, rounds=1))[2] == (
            "rounds is 1; a fork from turn 5 takes 2 to 3: those before it were held."
        )
        assert "Optimist, Skeptic" in (await refused(server, debate, turn=1, agents=[{"name": "Nobody"}]))[2]
        assert "empty" in (await refused(server, debate, turn=1, topic=" "))[2]
        assert (await refused(server, "nope", turn=1))[1] == "unknown_debate"
        assert (len(fake.requests), len(server.house.log.list(10))) == (asked, 2)


@pytest.mark.parametrize(
    ("turn", "rounds", "spoken"),
    [(3, 1, [3]), (3, 3, [3, 4, 5, 6, 7]), (5, None, [5]), (5, 3, [5, 6, 7]), (1, 1, [1, 2, 3])],
)
async def test_a_fork_may_have_another_number_of_rounds(
    server: Server, turn: int, rounds: int | None, spoken: list[int]
) -> None:
    parent = await server.debate(rounds=2)
    events = await fork(server, parent[0]["debate"], turn=turn, **({"rounds": rounds} if rounds else {}))
    assert (turns(own(events)), events[0]["rounds"]) == (spoken, rounds or 2)
    assert events[-1]["reason"] == "completed"


@pytest.mark.parametrize(
    ("turn", "rounds", "spoken"), [(2, None, [2, 3]), (4, None, [4, 5, 6]), (4, 3, [4, 5, 6, 7, 8]), (6, 3, [6, 7, 8])]
)
async def test_a_fork_of_a_debate_that_went_on_ends_where_that_part_did(
    server: Server, turn: int, rounds: int | None, spoken: list[int]
) -> None:
    parent = await server.debate(rounds=1)
    longer = await fork(server, parent[0]["debate"])
    assert turns(longer) == [1, 2, 3, 4, 5, 6]

    events = await fork(server, longer[0]["debate"], turn=turn, **({"rounds": rounds} if rounds else {}))
    assert turns(own(events)) == spoken
    assert (await refused(server, longer[0]["debate"], turn=4, rounds=1))[2].startswith("rounds is 1; a fork from tur")


async def test_what_was_left_out_on_purpose_is_not_retried(server: Server, fake: FakeUpstream) -> None:
    fake.script = lambda _: [Say("All is well.\nAnswer: yes")]
    agreed = await server.debate(format="society", rounds=3)
    assert turns(agreed) == [1, 2, 3]
    status, problem = await server.json("POST", f"/api/debates/{agreed[0]['debate']}/retry")
    assert (status, problem["code"]) == (409, "nothing_to_retry")

    fake.play([Say("All is", finish=None), Reset()])
    cut = await server.debate(format="society", rounds=1)
    _, started = await server.json("POST", f"/api/debates/{cut[0]['debate']}/retry")
    assert sorted(turns(own(await server.events(started["events"])))) == [1, 2, 3]


async def test_ballots_that_count_as_none_are_cast_again_and_nothing_is_said_anew(
    server: Server, fake: FakeUpstream
) -> None:
    votes = iter(["Both."] * 4)  # each of the two ballots is asked for twice
    vote = {"reason": "It had more to say.", "winner": "A", "margin": 3}
    cast = Cast(["Affirmative", "Negative", "Judge"], lambda told: next(votes, vote))
    fake.script = cast.script
    parent = await server.debate(format="judge-only", rounds=1, agents=cast.seats)
    assert [event["winner"] for event in parent if event["type"] == "ballot"] == [None, None]

    _, started = await server.json("POST", f"/api/debates/{parent[0]['debate']}/retry")
    events = await server.events(started["events"])

    assert [event["type"] for event in own(events)] == ["ballot", "ballot", "verdict", "done"]
    assert None not in [event["winner"] for event in own(events)[:2]]
    _, look = await server.json("GET", f"/api/debates/{started['id']}")
    assert [ballot["seq"] for ballot in look["ballots"]] == look["verdict"]["ballots"]
    assert {ballot["judge"] for ballot in look["ballots"]} == {"Judge"}
    _, look = await server.json("GET", f"/api/debates/{parent[0]['debate']}")
    assert [(branch["id"], branch["turn"]) for branch in look["forks"]] == [(started["id"], None)]


async def test_the_tree_is_told_from_both_ends_and_outlives_what_is_deleted(serve: Serve, fake: FakeUpstream) -> None:
    async with serve(max_running=1) as server:
        parent = (await server.debate(rounds=1))[0]["debate"]
        first = await fork(server, parent, turn=2, topic="Another")
        fake.play([Stall()])
        _, second = await server.json("POST", f"/api/debates/{parent}/fork", json={})
        await fake.asked(6)
        _, third = await server.json("POST", f"/api/debates/{first[0]['debate']}/fork", json={"turn": 3})
    async with serve(max_running=1) as server:
        _, look = await server.json("GET", f"/api/debates/{parent}")
        assert [branch | {"created": None} for branch in look["forks"]] == [
            {"id": first[0]["debate"], "topic": "Another", "status": "done", "reason": "completed", "created": None,
             "turn": 2},
            {"id": second["id"], "topic": look["topic"], "status": "running", "reason": None, "created": None,
             "turn": 4},
        ]  # fmt: skip
        assert (await server.json("DELETE", f"/api/debates/{parent}"))[0] == 204
        _, listed = await server.json("GET", "/api/debates")
        assert [row["parent"] for row in listed["debates"]] == [first[0]["debate"], parent, parent]
        _, look = await server.json("GET", f"/api/debates/{first[0]['debate']}")
        assert (look["parent"], look["parent_seq"]) == (parent, first[0]["parent_seq"])
        assert [branch["id"] for branch in look["forks"]] == [third["id"]]
        assert await server.events(f"/api/debates/{first[0]['debate']}/events") == first
        await server.json("POST", f"/api/debates/{second['id']}/stop")


async def test_a_fork_under_a_key_is_made_once(server: Server, fake: FakeUpstream) -> None:
    parent = (await server.debate(rounds=1))[0]["debate"]
    keyed: dict[str, Any] = {"headers": {"Idempotency-Key": "branch"}}
    made = [
        await server.json("POST", f"/api/debates/{parent}/fork", json={"turn": 2}, **keyed) for _ in range(2)
    ]  # fmt: skip
    assert made[0] == made[1]
    status, problem = await server.json("POST", f"/api/debates/{parent}/fork", json={"turn": 3}, **keyed)
    assert (status, problem["code"]) == (422, "key_reused")
    await server.events(made[0][1]["events"])
    assert len(fake.requests) == 5


@pytest.mark.parametrize("script", [[refuse(401)], [Say("One", finish=None), Reset()]])
async def test_a_fork_may_begin_with_the_first_turn(server: Server, fake: FakeUpstream, script: Script) -> None:
    fake.play(script)
    parent = await server.debate(rounds=1)
    events = await fork(server, parent[0]["debate"], turn=1)
    assert (events[0]["parent_seq"], turns(events), events[-1]["reason"]) == (1, [1, 2, 3], "completed")


async def test_a_fork_decodes_no_token(server: Server, fake: FakeUpstream) -> None:
    def decoding(frame: FrameType, called: object) -> str | None:
        return "decode" if called is orjson.loads and frame.f_globals["__name__"].endswith("core.events") else None

    fake.play(*[[Say("word " * 300)]] * 3, [Stall()])
    parent = await server.debate(rounds=1)
    rest = [event for event in parent if event["type"] != "token"]
    assert len(parent) > 900
    with counted(decoding) as counts:
        assert (await server.json("POST", f"/api/debates/{parent[0]['debate']}/fork", json={"turn": 3}))[0] == 202
    assert 0 < counts["decode"] <= 2 * len(rest)


async def test_a_debate_goes_on_for_as_many_turns_as_there_may_be(serve: Serve) -> None:
    async with serve(max_turns=6) as server:
        debate = (await server.debate(rounds=1))[0]["debate"]
        assert (await refused(server, debate, rounds=2))[2] == (
            "classic has 8 turns in 3 rounds. The limit is 6; the server's --max-turns changes it."
        )
        assert turns(await fork(server, debate)) == [1, 2, 3, 4, 5, 6]
        assert (await refused(server, debate, turn=1, rounds=4))[2].startswith("classic has 9 turns in 4 rounds.")
