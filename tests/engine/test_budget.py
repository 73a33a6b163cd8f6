"""Budgets: nothing begins that does not fit, and what is decided is decided all the same."""

import asyncio
from typing import Any

import pytest

from debate_server.core.events import Usage
from debate_server.core.money.budget import Budget
from tests.conftest import Serve, Server
from tests.engine.cast import Cast
from tests.fakes.script import Gate, Say, Script, Stall
from tests.fakes.upstream import FakeUpstream

PRICED = {"id": "fake-chat", "pricing": {"prompt": "0.000001", "completion": "0.000002"}}
LONG = [Say("word " * 300, usage={"prompt_tokens": 900})]
WON = {"reason": "It was met.", "quotes": [], "winner": "A", "margin": 5}


def ends(events: list[dict[str, Any]]) -> list[tuple[str, int]]:
    return [(event["agent"], event["turn"]) for event in events if event["type"] == "agent_end"]


def spent(events: list[dict[str, Any]]) -> int:
    return sum(sum((e["usage"]["input"], e["usage"]["output"])) for e in events if e["type"] in ("agent_end", "ballot"))


async def worst(server: Server, **fields: Any) -> dict[str, Any]:
    status, told = await server.json("POST", "/api/estimate", json={"topic": "Dear?", **fields})
    assert status == 200
    return dict(told)


async def test_an_estimate_is_what_a_debate_costs_at_most_and_asks_for_nothing(
    server: Server, fake: FakeUpstream
) -> None:
    fake.models = [PRICED]
    told = await worst(server)
    assert not fake.requests
    events = await server.debate("Dear?")
    assert told["calls"] == len(ends(events)) == 5
    assert {name: one["calls"] for name, one in told["agents"].items()} == {"Optimist": 2, "Skeptic": 2, "Moderator": 1}
    assert told["output"] == 360 * 4 + 480
    assert told["cost_usd"] == pytest.approx(told["input"] / 1e6 + told["output"] * 2 / 1e6)
    assert told["input"] + told["output"] > spent(events)


async def test_what_a_model_costs_that_nobody_knows_is_not_guessed(server: Server) -> None:
    assert (await worst(server))["cost_usd"] is None


async def test_ballots_are_counted_in_both_orders_and_asked_for_twice(server: Server) -> None:
    told = await worst(server, format="judge-only", rounds=1)
    assert {name: one["calls"] for name, one in told["agents"].items()} == {"Affirmative": 1, "Negative": 1, "Judge": 4}


async def test_a_debate_that_has_spent_its_budget_is_closed_and_decided(server: Server, fake: FakeUpstream) -> None:
    fake.script = lambda _: LONG
    whole = await worst(server, rounds=4)
    budget = whole["input"] + whole["output"]
    events = await server.debate("Dear?", rounds=10, budget_tokens=budget)
    assert events[-1]["reason"] == "budget"
    spoken = ends(events)
    assert spoken[-1] == ("Moderator", 21)
    assert 3 < len(spoken) < 20
    assert [event["type"] for event in events[-2:]] == ["verdict", "done"]
    assert spent(events) <= budget


async def test_a_budget_in_dollars_is_kept_as_well(server: Server, fake: FakeUpstream) -> None:
    fake.models = [PRICED]
    fake.script = lambda _: [Say("word " * 300)]
    budget = (await worst(server, rounds=3))["cost_usd"]
    events = await server.debate("Dear?", rounds=10, budget_usd=budget)
    assert events[-1]["reason"] == "budget"
    assert 0 < events[-1]["usage"]["cost_usd"] <= budget
    assert ends(events)[-1][0] == "Moderator"


async def test_judges_vote_though_the_budget_is_spent(server: Server, fake: FakeUpstream) -> None:
    made = Cast(["Affirmative", "Negative", "Judge"], lambda _: WON)
    fake.script = lambda body: made.script(body) if "response_format" in body else LONG
    small = await worst(server, format="judge-only", rounds=2)
    budget = small["input"] + small["output"]
    events = await server.debate(format="judge-only", rounds=10, budget_tokens=budget, agents=made.seats)
    assert events[-1]["reason"] == "budget"
    assert len([event for event in events if event["type"] == "ballot"]) == 2
    assert 2 <= len(ends(events)) < 20


async def test_a_budget_that_is_large_enough_changes_nothing(server: Server) -> None:
    events = await server.debate(budget_tokens=10**6)
    assert (events[-1]["reason"], len(ends(events))) == ("completed", 5)


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"budget_usd": 1}, "price_unknown", "budget_usd"),
        ({"budget_tokens": 100}, "over_budget", "budget_tokens"),
        ({"budget_usd": 0}, "invalid_request", "budget_usd"),
        ({"budget_usd": -1}, "invalid_request", "budget_usd"),
        ({"budget_tokens": 1.5}, "invalid_request", "budget_tokens"),
        ({"budget_tokens": "100"}, "invalid_request", "budget_tokens"),
    ],
)
async def test_a_budget_that_cannot_be_kept_is_refused_and_nothing_is_begun(
    fields: dict[str, Any], code: str, field: str, server: Server, fake: FakeUpstream
) -> None:
    status, problem = await server.json("POST", "/api/debates", json={"topic": "Dear?", **fields})
    assert (status, problem["code"], problem["field"]) == (422, code, field)
    assert not fake.requests
    assert (await server.json("GET", "/api/debates"))[1]["debates"] == []


async def test_a_debate_may_ask_for_less_than_the_server_lets_it_and_not_for_more(
    serve: Serve, fake: FakeUpstream
) -> None:
    fake.script = lambda _: LONG
    async with serve(budget_tokens=9000) as server:
        status, problem = await server.json("POST", "/api/debates", json={"topic": "Dear?", "budget_tokens": 9001})
        assert (status, problem["code"], problem["limit"]) == (422, "limit_exceeded", 9000)
        events = await server.debate(rounds=10)
    assert events[-1]["reason"] == "budget"
    assert spent(events) <= 9000


async def test_what_the_server_may_spend_is_shared_by_all_that_run(serve: Serve, fake: FakeUpstream) -> None:
    async with serve() as server:
        told = await worst(server, rounds=1)
    enough = told["input"] + told["output"]
    fake.script = lambda _: [Gate(held), Say("Held.", usage={"prompt_tokens": 9})]
    held = asyncio.Event()
    async with serve(server_budget_tokens=enough) as server:
        _, first = await server.json("POST", "/api/debates", json={"topic": "Dear?", "rounds": 1})
        await fake.asked()
        status, problem = await server.json("POST", "/api/debates", json={"topic": "Dear?", "rounds": 1})
        assert (status, problem["code"]) == (422, "over_budget")
        assert "--server-budget-tokens" in problem["detail"]
        held.set()
        assert (await server.events(first["events"]))[-1]["reason"] == "completed"
        assert (await server.debate("Dear?", rounds=1))[-1]["reason"] == "completed"  # what was put aside is free again


async def test_a_restart_keeps_to_the_budget_that_was_left(serve: Serve, fake: FakeUpstream) -> None:
    fake.script = lambda _: LONG
    async with serve() as server:
        told = await worst(server, rounds=4)
        budget = told["input"] + told["output"]
        _, started = await server.json(
            "POST", "/api/debates", json={"topic": "Dear?", "rounds": 10, "budget_tokens": budget}
        )
        async for batch in server.house.log.follow({started["id"]: 0}):
            if batch.frames.count(b'"type":"agent_end"'):
                break
    async with serve() as server:
        events = await server.events(started["events"])
    assert events[-1]["reason"] == "budget"
    assert spent(events) <= budget


async def test_those_that_wait_in_line_have_put_their_share_aside(serve: Serve, fake: FakeUpstream) -> None:
    fake.script = lambda _: LONG
    async with serve(max_running=1) as server:
        told = await worst(server, rounds=1)
    enough = told["input"] + told["output"]
    async with serve(max_running=1, server_budget_tokens=enough * 3) as server:
        starts = [server.json("POST", "/api/debates", json={"topic": "Dear?", "rounds": 1}) for _ in range(6)]
        answers = await asyncio.gather(*starts)
        begun = [answer for status, answer in answers if status == 202]
        held = [await server.events(one["events"]) for one in begun]
    assert 0 < len(begun) < 6
    assert sum(map(spent, held)) <= enough * 3
    assert all([event["type"] for event in events][-2:] == ["verdict", "done"] for events in held)


async def test_an_endpoint_that_is_down_does_not_turn_the_budget_off(server: Server, fake: FakeUpstream) -> None:
    away = [{"name": "Moderator", "model": "x@http://127.0.0.1:9/v1"}]
    status, problem = await server.json(
        "POST", "/api/debates", json={"topic": "Dear?", "budget_tokens": 1, "agents": away}
    )
    assert (status, problem["code"]) == (422, "over_budget")
    assert not fake.requests


async def test_a_fork_keeps_to_what_the_server_lets_a_debate_spend(serve: Serve) -> None:
    async with serve() as server:
        [debate] = {event["debate"] for event in await server.debate(rounds=1) if "debate" in event}
    async with serve(budget_tokens=10) as server:
        for what in ("fork", "retry"):
            body = {"turn": 1} if what == "fork" else {}
            status, problem = await server.json("POST", f"/api/debates/{debate}/{what}", json=body)
            assert (status, problem["code"]) in {(422, "over_budget"), (409, "nothing_to_retry")}


async def test_a_debate_that_goes_on_after_its_budget_is_judged_by_what_it_holds_itself(
    server: Server, fake: FakeUpstream
) -> None:
    fake.script = lambda _: LONG
    told = await worst(server, rounds=3)
    events = await server.debate("Dear?", rounds=4, budget_tokens=told["input"] + told["output"])
    assert events[-1]["reason"] == "budget"
    fake.script = lambda _: [Say("Short.")]
    _, fork = await server.json("POST", f"/api/debates/{events[0]['debate']}/fork", json={"rounds": 1})
    after = await server.events(fork["events"])
    assert after[-1]["reason"] == "completed"


async def test_what_a_stopped_vote_took_is_told(server: Server, fake: FakeUpstream) -> None:
    prose: Script = [Say("I like both.")]
    fake.play([Say("Yes.")], [Say("No.")], prose, prose, [Stall()], [Stall()])
    start = {"topic": "Dear?", "format": "judge-only", "rounds": 1}
    _, started = await server.json("POST", "/api/debates", json=start)
    await fake.asked(6)
    await server.json("POST", f"/api/debates/{started['id']}/stop")
    events = await server.events(started["events"])
    ballots = [event for event in events if event["type"] == "ballot"]
    assert [ballot["problem"] for ballot in ballots] == ["The debate was stopped."] * 2
    assert [ballot["usage"]["output"] for ballot in ballots] == [3, 3]
    assert events[-1]["usage"]["output"] == 1 + 1 + 3 + 3


def test_an_unknown_cost_fits_into_no_budget_in_dollars() -> None:
    assert not Budget(usd=1.0).covers(Usage(1, 1))
    assert Budget(usd=1.0).covers(Usage(1, 1, 1.0))
    assert not Budget(tokens=1).covers(Usage(1, 1))
    assert Budget().covers(Usage(1, 1))
