"""Who sits where: nobody judges their own model's words unless a person says so."""

from typing import Any

import pytest

from tests.conftest import Serve, Server
from tests.fakes.script import Say
from tests.fakes.upstream import FakeUpstream

VOTE = '{"reason": "It had more to say.", "quotes": [], "winner": "A", "margin": 3}'


async def seats(server: Server, fake: FakeUpstream, **fields: Any) -> tuple[dict[str, str], list[str]]:
    """By name, who speaks by which model in a debate before a judge; and what it is warned of."""
    fake.script = lambda body: [Say(VOTE if "response_format" in body else "So I say.")]
    events = await server.debate(format="judge-only", rounds=1, **fields)
    seated = {seat["name"]: seat["model"] for seat in events[0]["agents"]}
    asked = [request.body["model"] for request in fake.requests]
    assert asked == [seated[name] for name in ("Affirmative", "Negative", "Judge", "Judge")]
    assert [ballot["model"] for ballot in events if ballot["type"] == "ballot"] == [seated["Judge"]] * 2
    return seated, events[0].get("warnings", [])


async def test_a_judge_takes_another_model_of_the_endpoint_that_can_hold_a_debate(
    server: Server, fake: FakeUpstream
) -> None:
    fake.models = ["text-embedding-3", "fake-chat", "another-chat", "third-chat"]
    assert await seats(server, fake) == (
        {"Affirmative": "fake-chat", "Negative": "fake-chat", "Judge": "another-chat"}, [],
    )  # fmt: skip


async def test_it_takes_none_that_speaks_for_a_side(server: Server, fake: FakeUpstream) -> None:
    fake.models = ["fake-chat", "another-chat", "third-chat"]
    seated, warnings = await seats(server, fake, agents=[{"name": "Negative", "model": "another-chat"}])
    assert (seated["Judge"], warnings) == ("third-chat", [])


async def test_where_there_is_no_other_the_debate_says_so_and_so_does_its_fork(
    server: Server, fake: FakeUpstream
) -> None:
    seated, [warning] = await seats(server, fake)
    assert seated["Judge"] == "fake-chat"
    assert warning == (
        "The judge is the same model as those who are judged (fake-chat), for want of another: models prefer their own "
        "words. Name another for Judge."
    )
    parent = server.house.log.list(1)[0].id
    for change, warned in (([], [warning]), ([{"name": "Judge", "model": "another"}], None)):
        _, started = await server.json("POST", f"/api/debates/{parent}/fork", json={"turn": 2, "agents": change})
        assert (await server.events(started["events"]))[0].get("warnings") == warned


async def test_a_fork_seats_its_judges_anew(server: Server, fake: FakeUpstream) -> None:
    fake.models = ["fake-chat", "another-chat", "third-chat"]
    seated, _ = await seats(server, fake)
    assert seated["Judge"] == "another-chat"
    parent = server.house.log.list(1)[0].id
    changes = [{"name": "Affirmative", "model": "another-chat"}]
    _, started = await server.json("POST", f"/api/debates/{parent}/fork", json={"turn": 1, "agents": changes})
    fork = (await server.events(started["events"]))[0]
    assert {seat["name"]: seat["model"] for seat in fork["agents"]}["Judge"] == "third-chat"


@pytest.mark.parametrize("models", [["fake-chat"], ["fake-chat", "another-chat"]])
async def test_a_person_may_say_so(server: Server, fake: FakeUpstream, models: list[str]) -> None:
    fake.models = models
    seated, warnings = await seats(server, fake, agents=[{"name": "Judge", "model": "fake-chat"}])
    assert (seated["Judge"], warnings) == ("fake-chat", [])


async def test_a_judge_of_other_models_keeps_the_default(server: Server, fake: FakeUpstream) -> None:
    fake.models = ["first-chat", "fake-chat", "another-chat"]
    sides = [{"name": name, "model": "another-chat"} for name in ("Affirmative", "Negative")]
    seated, warnings = await seats(server, fake, agents=sides)
    assert (seated["Judge"], warnings) == ("fake-chat", [])


async def test_those_who_vote_on_each_other_are_no_judges(server: Server, fake: FakeUpstream) -> None:
    fake.models = ["fake-chat", "another-chat"]
    events = await server.debate(format="council")
    assert {seat["model"] for seat in events[0]["agents"]} == {"fake-chat"}
    assert "warnings" not in events[0]


async def test_an_endpoint_that_lists_nothing_fails_no_start(serve: Serve, fake: FakeUpstream) -> None:
    async with serve(base_url="http://127.0.0.1:9/v1") as server:
        events = await server.debate(format="judge-only", rounds=1)
    assert ("warnings" in events[0], events[-1]["reason"]) == (False, "failed")


async def test_a_seat_tells_what_its_model_costs(server: Server, fake: FakeUpstream) -> None:
    fake.models = [{"id": "fake-chat", "pricing": {"prompt": "0.000001", "completion": "0.000002"}}]
    events = await server.debate(rounds=1)
    assert events[0]["agents"][0]["price"] == {"input": 1.0, "output": 2.0}
