"""Retry: a new debate that begins with what was said whole, and goes on from there."""

from typing import Any

import pytest

from debate_server.core.errors import TooManyStarts
from debate_server.engine.rate import Rate
from tests.conftest import Serve, Server
from tests.fakes.script import Reset, Say, Stall, refuse
from tests.fakes.upstream import FakeUpstream

Events = list[dict[str, Any]]


async def retried(server: Server, debate: str, **options: Any) -> Events:
    status, started = await server.json("POST", f"/api/debates/{debate}/retry", **options)
    assert status == 202, started
    return await server.events(started["events"])


async def test_a_failed_debate_goes_on_at_the_turn_that_failed(server: Server, fake: FakeUpstream) -> None:
    fake.play([Say("For it.")], [Say("Against it.")], *[[refuse(500)]] * 3)
    failed = await server.debate(rounds=1)
    asked = len(fake.requests)

    fork = await retried(server, failed[0]["debate"])

    until = next(event["seq"] for event in failed if event.get("turn") == 3) - 1
    assert (fork[0]["parent"], fork[0]["parent_seq"]) == (failed[0]["debate"], until)
    assert fork[0]["debate"] != failed[0]["debate"]
    assert fork[1:until] == failed[1:until], "what was said is copied with its seqs and its times"
    assert [event["seq"] for event in fork] == list(range(1, len(fork) + 1))
    assert fork[until]["type"] == "agent_start"
    assert (fork[until]["turn"], fork[until]["attempt"]) == (3, 1)
    assert fork[-1]["reason"] == "completed"
    assert len(fake.requests) == asked + 1, "nothing that was said is paid for again"
    heard = str(fake.requests[-1].body["messages"])
    assert "For it." in heard
    assert "Against it." in heard


async def test_what_the_parent_cost_is_not_counted_again(server: Server, fake: FakeUpstream) -> None:
    usage = {"prompt_tokens": 100, "completion_tokens": 10}
    fake.play(
        [Say("For it.", usage=usage)], [Say("Against it.", usage=usage)], [refuse(401)], [Say("So.", usage=usage)]
    )
    failed = await server.debate(rounds=1)

    fork = await retried(server, failed[0]["debate"])

    assert (failed[-1]["usage"]["input"], fork[-1]["usage"]["input"]) == (200, 100)


async def test_a_cut_turn_is_spoken_again_and_all_after_it(server: Server, fake: FakeUpstream) -> None:
    fake.play([Say("For it.")], [Say("Against", finish=None), Reset()])
    cut = await server.debate(rounds=1)
    assert cut[-1]["reason"] == "completed"

    fork = await retried(server, cut[0]["debate"])

    ends = [event for event in fork if event["type"] == "agent_end"]
    assert [end["finish_reason"] for end in ends] == ["stop", "stop", "stop"]
    assert [event["turn"] for event in fork if event["type"] == "agent_start"] == [1, 2, 3]


async def test_a_stopped_debate_goes_on_with_the_speech_it_was_stopped_in(server: Server, fake: FakeUpstream) -> None:
    fake.play([Say("For it.")], [Say("Against", finish=None), Stall()])
    _, started = await server.json("POST", "/api/debates", json={"topic": "Stop", "rounds": 1})
    await fake.asked(2)
    status, problem = await server.json("POST", f"/api/debates/{started['id']}/retry")
    assert (status, problem["code"]) == (409, "still_running")
    await server.json("POST", f"/api/debates/{started['id']}/stop")

    fork = await retried(server, started["id"])

    assert (fork[-1]["reason"], len(fake.requests)) == ("completed", 4)


async def test_where_no_turn_was_cut_there_is_nothing_to_retry(server: Server) -> None:
    whole = await server.debate(rounds=1)

    status, problem = await server.json("POST", f"/api/debates/{whole[0]['debate']}/retry")

    assert (status, problem["code"]) == (409, "nothing_to_retry")
    assert (await server.json("POST", "/api/debates/nope/retry"))[1]["code"] == "unknown_debate"


async def test_a_debate_that_failed_before_a_word_is_retried_from_its_start(server: Server, fake: FakeUpstream) -> None:
    fake.play([refuse(401)])
    failed = await server.debate(rounds=1)

    fork = await retried(server, failed[0]["debate"])

    assert fork[0]["parent_seq"] == 1
    assert fork[-1]["reason"] == "completed"


async def test_retrying_twice_under_one_key_is_one_debate(server: Server, fake: FakeUpstream) -> None:
    fake.play([refuse(401)])
    failed = await server.debate(rounds=1)
    key = {"Idempotency-Key": "again"}

    first = await retried(server, failed[0]["debate"], headers=key)
    await server.json("DELETE", f"/api/debates/{failed[0]['debate']}")
    second = await retried(server, failed[0]["debate"], headers=key)

    assert first == second


async def test_a_fork_outlives_its_parent_and_a_restart(serve: Serve, fake: FakeUpstream) -> None:
    async with serve() as server:
        fake.play([Say("For it.")], [refuse(401)], [Say("Against", finish=None), Stall()])
        failed = await server.debate(rounds=1)
        _, started = await server.json("POST", f"/api/debates/{failed[0]['debate']}/retry")
        await fake.asked(3)
        assert (await server.json("DELETE", f"/api/debates/{failed[0]['debate']}"))[0] == 204
    async with serve() as server:
        fork = await server.events(started["events"])

    assert [event["seq"] for event in fork] == list(range(1, len(fork) + 1))
    assert next(event["content"] for event in fork if event["type"] == "agent_end") == "For it."
    assert fork[-1]["reason"] == "completed"


async def test_the_list_and_the_exports_tell_of_a_fork(server: Server, fake: FakeUpstream) -> None:
    fake.play([Say("For it.")], [refuse(401)])
    failed = await server.debate(rounds=1)
    fork = (await retried(server, failed[0]["debate"]))[0]["debate"]

    _, look = await server.json("GET", f"/api/debates/{fork}")
    _, listed = await server.json("GET", "/api/debates")

    assert (look["parent"], look["parent_seq"]) == (failed[0]["debate"], 1 + len(failed) - 5)
    assert [row["speeches"] for row in listed["debates"]] == [3, 1]


async def test_a_long_debates_copy_is_kept_in_pieces_that_a_replay_can_take(server: Server, fake: FakeUpstream) -> None:
    fake.play([Say("word " * 1_500)], [refuse(401)])
    failed = await server.debate(rounds=1)
    log = server.house.log

    fork = (await retried(server, failed[0]["debate"]))[0]["debate"]

    largest = max(batch.count(b"\n\n") for batch in log.committed(fork, 0))
    assert largest <= 512
    parent, copy = log.transcript(failed[0]["debate"]), log.transcript(fork)
    assert parent.speeches[1] == copy.speeches[1]


async def test_too_many_starts_within_a_minute_are_refused(serve: Serve, fake: FakeUpstream) -> None:
    async with serve(starts_per_minute=2) as server:
        fake.play([refuse(401)])
        failed = await server.debate(rounds=1)
        await server.debate(rounds=1)
        again = f"/api/debates/{failed[0]['debate']}/retry"
        for path, body in (("/api/debates", {"topic": "One more"}), (again, {})):
            async with server.session.post(path, json=body) as response:
                problem = await response.json(content_type=None)
                assert (response.status, problem["code"]) == (429, "too_many_starts")
                assert 1 <= int(response.headers["Retry-After"]) <= 60
                assert (problem["limit"], problem["setting"]) == (2, "--starts-per-minute")
        assert len(server.house.log.list(10)) == 2


def test_a_minute_later_there_is_room_again() -> None:
    now = 0.0
    rate = Rate(2, lambda: now)
    for moment in (10.0, 30.0, 70.0, 90.0):
        now = moment
        rate.check()
        rate.count()
    now = 129.5
    with pytest.raises(TooManyStarts) as refused:
        rate.check()
    assert refused.value.retry_after == 1
    now = 130.0
    rate.check()


async def test_a_fork_that_waits_in_line_is_queued(serve: Serve, fake: FakeUpstream) -> None:
    async with serve(max_running=1) as server:
        fake.play([Say("For it.")], [refuse(401)], [Stall()])
        failed = await server.debate(rounds=1)
        await server.json("POST", "/api/debates", json={"topic": "Another"})
        await fake.asked(3)

        _, started = await server.json("POST", f"/api/debates/{failed[0]['debate']}/retry")

        _, look = await server.json("GET", f"/api/debates/{started['id']}")
        assert (look["status"], len(look["speeches"])) == ("queued", 1)


@pytest.mark.parametrize(("body", "reason"), [(None, "completed"), ({"detached": False}, "stopped")])
async def test_a_retry_runs_to_its_end_unwatched_unless_it_is_told_not_to(
    serve: Serve, fake: FakeUpstream, body: dict[str, bool] | None, reason: str
) -> None:
    async with serve(grace=0) as server:
        fake.play([refuse(401)])
        failed = await server.debate(rounds=1)
        _, started = await server.json("POST", f"/api/debates/{failed[0]['debate']}/retry", json=body)
        await server.house.runner.ended(started["id"])
        assert server.house.log.row(started["id"]).reason == reason
