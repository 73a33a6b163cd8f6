"""Wherever the process was killed, the next one asks only for what is missing, and the debate comes out the same."""

import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest

from debate_server.core.events import DebateStart, Event, Message, decode
from debate_server.house import opened
from debate_server.log.log import Log
from tests.conftest import Serve, Server, no_pause, parse, settings_for
from tests.fakes.script import Say, Script, refuse
from tests.fakes.upstream import FakeUpstream

FOR_A = orjson.dumps({"reason": "Why not.", "quotes": [], "winner": "A", "margin": 5}).decode()
CLOSED = ("agent_end", "ballot")


def by_prompt(body: dict[str, Any]) -> Script:
    """An answer that depends on what was asked alone."""
    mark = zlib.crc32(orjson.dumps(body["messages"]))
    if "response_format" not in body:
        return [Say(f"My mark is {mark} here.")]
    vote = body["response_format"]["json_schema"]["schema"]["properties"]
    answer: dict[str, Any] = {"reason": f"For {mark}.", "quotes": []}
    if "ranking" in vote:
        letters = vote["ranking"]["items"]["enum"]
        answer["ranking"] = letters[mark % len(letters) :] + letters[: mark % len(letters)]
    else:
        answer |= {"winner": vote["winner"]["enum"][mark % 3], "margin": 3}
    return [Say(orjson.dumps(answer).decode(), size=100)]


async def held(server: Server, **fields: Any) -> tuple[list[dict[str, Any]], list[Event], bytes]:
    """A debate's events, as the wire has them and as they are, and its plan."""
    wire = await server.debate(**fields)
    told = [pair[1] for pair in map(decode, map(orjson.dumps, wire)) if pair is not None]
    return wire, told, server.house.log.row(wire[0]["debate"]).plan


def made(folder: Path) -> Path:
    folder.mkdir()
    return folder


async def killed(folder: Path, fake: FakeUpstream, events: Sequence[Event], plan: bytes) -> list[dict[str, Any]]:
    """What becomes of a debate of which the log has so much."""
    start = events[0]
    assert isinstance(start, DebateStart)
    async with Log(folder) as log:
        log.create(start, plan)
        for event in events[1:]:
            log.append(start.debate, event)
        await log.commit()
    async with opened(settings_for(fake, folder), pause=no_pause) as house:
        house.runner.take_up()
        await house.runner.ended(start.debate)
        return parse(b"".join(house.log.committed(start.debate, 0)))


def outcome(events: list[dict[str, Any]]) -> object:
    """What was said, voted and decided in the end."""
    said = {event["turn"]: event["content"] for event in events if event["type"] == "agent_end"}
    votes = {
        (event["title"], event["round"], event["judge"], *event["order"]): (event["winner"], event["reason"])
        for event in events
        if event["type"] == "ballot"
    }
    [verdict] = [event for event in events if event["type"] == "verdict"]
    return said, votes, verdict["winner"], verdict["summary"], events[-1]["reason"]


@pytest.mark.parametrize(("name", "rounds"), [("judge-only", 2), ("council", 1), ("classic", 1)])
async def test_a_debate_that_is_killed_anywhere_comes_out_the_same(
    name: str, rounds: int, serve: Serve, fake: FakeUpstream, tmp_path: Path
) -> None:
    fake.script = by_prompt
    async with serve() as server:
        wire, told, plan = await held(server, format=name, rounds=rounds)
    for cut in range(1, len(wire)):
        if wire[cut]["type"] == wire[cut - 1]["type"] == "token":
            continue  # one place within a speech is like another
        asked = len(fake.requests)
        after = await killed(made(tmp_path / str(cut)), fake, told[:cut], plan)
        assert outcome(after) == outcome(wire), wire[cut - 1]
        assert [event["seq"] for event in after] == list(range(1, len(after) + 1))
        assert [event["type"] for event in after].count("done") == 1
        missing = [event for event in wire[cut:] if event["type"] in CLOSED]
        assert len(fake.requests) - asked == len(missing)


async def test_a_debate_that_failed_fails_though_the_process_was_killed_before_it_said_so(
    serve: Serve, fake: FakeUpstream, tmp_path: Path
) -> None:
    fake.play([Say("One.")], [refuse(401)])
    async with serve() as server:
        wire, told, plan = await held(server, rounds=1)
    last = next(number for number, event in enumerate(wire) if event["type"] == "agent_error")
    for cut in (last + 1, last + 2):
        after = await killed(made(tmp_path / str(cut)), fake, told[:cut], plan)
        assert [event["type"] for event in after[last:]] == ["agent_error", "error", "done"]
        assert after[-1]["reason"] == "failed"
        assert after[-2]["code"] == wire[-2]["code"]


async def test_a_vote_of_which_half_is_cast_is_cast_whole_though_the_budget_is_spent(
    serve: Serve, fake: FakeUpstream, tmp_path: Path
) -> None:
    fake.script = lambda body: (
        [Say(FOR_A)] if "response_format" in body else [Say("word " * 300, usage={"prompt_tokens": 600})]
    )
    start = {"format": "judge-only", "rounds": 1}
    async with serve() as server:
        _, worst = await server.json("POST", "/api/estimate", json={"topic": "Half?", **start})
        wire, told, plan = await held(server, topic="Half?", budget_tokens=worst["input"] + worst["output"], **start)
    cut = next(number for number, event in enumerate(wire) if event["type"] == "ballot") + 1
    words = [Message(f"m{number}", "please " * 570, None, 2) for number in range(5)]
    after = await killed(made(tmp_path / "half"), fake, [*told[:cut], *words], plan)
    [verdict] = [event for event in after if event["type"] == "verdict"]
    assert (verdict["winner"], verdict["consistent"]) == ("tie", False)
