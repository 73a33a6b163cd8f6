"""A debate's seed: each of its requests has its own of it, and the same one makes the same requests."""

from typing import Any

import pytest

from debate_server.core.seed import MOST, derived
from tests.conftest import Server
from tests.engine.test_debate import of
from tests.engine.test_retry import retried
from tests.fakes.script import Say, Script, refuse
from tests.fakes.upstream import FakeUpstream

VOTE = '{"reason": "So.", "quotes": [], "winner": "A", "margin": 3}'
JUDGED: dict[str, Any] = {"format": "judge-only", "rounds": 1}


def script(body: dict[str, Any]) -> Script:
    return [Say(VOTE if "response_format" in body else "Words.")]


def bodies(fake: FakeUpstream) -> list[dict[str, Any]]:
    """What it was asked since the last time, in an order that does not depend on what came first."""
    asked = [request.body for request in fake.requests]
    fake.requests.clear()
    return sorted(asked, key=str)


def seedless(asked: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in body.items() if name != "seed"} for body in asked]


def seeds(fake: FakeUpstream) -> list[int]:
    return [request.body["seed"] for request in fake.requests]


def test_a_request_s_seed_is_the_same_everywhere_and_has_31_bits() -> None:
    assert derived(7, "turn", 1, 1) == 429_210_036
    found = {derived(seed, "turn", turn, 1) for seed in (0, 1, MOST) for turn in range(300)}
    assert len(found) == 900
    assert all(seed is not None and 0 <= seed < 2**31 for seed in found)
    assert derived(None, "turn", 1, 1) is None


async def test_the_same_seed_makes_the_same_requests_and_another_others(server: Server, fake: FakeUpstream) -> None:
    fake.script = script
    await server.debate(**JUDGED, seed=7)
    first = bodies(fake)
    await server.debate(**JUDGED, seed=7)
    assert bodies(fake) == first
    assert len({body["seed"] for body in first}) == len(first) == 4, "two turns, and two orders of the vote"

    await server.debate(**JUDGED, seed=8)
    other = bodies(fake)
    assert not {body["seed"] for body in first} & {body["seed"] for body in other}
    await server.debate(**JUDGED)
    without = bodies(fake)
    assert seedless(first) == seedless(other) == without


async def test_what_is_tried_again_draws_anew(server: Server, fake: FakeUpstream) -> None:
    seen = set[str]()

    def once_in_vain(body: dict[str, Any]) -> Script:
        """No ballot can be read the first time."""
        shown = str(body["messages"][:2])
        if "response_format" not in body or shown in seen:
            return script(body)
        seen.add(shown)
        return [Say("no vote")]

    fake.play([refuse(500)])
    fake.script = once_in_vain
    await server.debate(**JUDGED, seed=7)
    drawn = seeds(fake)
    assert len(set(drawn)) == len(drawn) == 7


async def test_a_retry_and_a_fork_keep_the_seed(server: Server, fake: FakeUpstream) -> None:
    fake.play([Say("For it.")], [refuse(401)])
    failed = await server.debate(rounds=1, seed=7)
    [_, refused] = seeds(fake)
    await retried(server, failed[0]["debate"])
    whole = seeds(fake)
    assert whole[2] == refused
    assert len(set(whole)) == 3

    _, started = await server.json("POST", f"/api/debates/{failed[0]['debate']}/fork", json={"turn": 1})
    await server.events(started["events"])
    assert seeds(fake)[4:] == [whole[0], *whole[2:]]


async def test_a_query_takes_a_seed(server: Server, fake: FakeUpstream) -> None:
    await server.debate(rounds=1, seed=MOST)
    query = f"/api/debate?topic=Should+tests+be+honest%3F&rounds=1&seed={MOST}"
    events = await server.events(query, headers={"Sec-Fetch-Site": "same-origin"})
    assert of(events, "done")[0]["reason"] == "completed"
    assert seeds(fake)[3:] == seeds(fake)[:3]


@pytest.mark.parametrize("seed", [-1, MOST + 1, 1.5, "7", True])
async def test_what_is_no_seed_is_refused(server: Server, seed: object) -> None:
    status, problem = await server.json("POST", "/api/debates", json={"topic": "Which?", "seed": seed})
    assert (status, problem["code"], problem["field"]) == (422, "invalid_request", "seed")
