"""Every limit is a setting, and what passes it is refused with a problem that names both."""

from typing import Any

import pytest

from tests.conftest import Serve
from tests.fakes.script import Stall
from tests.fakes.upstream import FakeUpstream

START, MESSAGES, EVENTS = "/api/debates", "/api/debates/{id}/messages", "/api/debates/{id}/events"

# The setting, and the request that passes it while one debate runs: where to, with what; the status and the code.
LIMITS: list[tuple[str, int, str, Any, int, str]] = [
    ("max_topic",         20,   START,    {"topic": "x" * 21},                   422, "limit_exceeded"),
    ("max_rounds",        2,    START,    {"topic": "x", "rounds": 3},           422, "limit_exceeded"),
    ("max_turns",         3,    START,    {"topic": "x", "rounds": 2},           422, "limit_exceeded"),
    ("max_body",          1024, START,    {"topic": "x" * 1100},                 413, "too_large"),
    ("max_queued",        0,    START,    {"topic": "x"},                        503, "full"),
    ("starts_per_minute", 1,    START,    {"topic": "x"},                        429, "too_many_starts"),
    ("max_message",       20,   MESSAGES, {"content": "x" * 21},                 422, "limit_exceeded"),
    ("max_messages",      1,    MESSAGES, {"content": "x"},                      422, "limit_exceeded"),
    ("max_viewers",       1,    EVENTS,   None,                                  503, "full"),
]  # fmt: skip


@pytest.mark.parametrize(("setting", "most", "path", "body", "status", "code"), LIMITS, ids=[row[0] for row in LIMITS])
async def test_what_passes_a_limit_is_told_the_limit_and_its_setting(
    serve: Serve, fake: FakeUpstream, setting: str, most: int, path: str, body: Any, status: int, code: str
) -> None:
    fake.play([Stall()])
    async with serve(**({"max_running": 1} | {setting: most})) as server:
        _, started = await server.json("POST", START, json={"topic": "One that runs", "rounds": 1})
        debate = started["id"]
        await server.json("POST", MESSAGES.format(id=debate), json={"content": "The first."})
        async with server.session.get(EVENTS.format(id=debate)):
            method = "GET" if body is None else "POST"
            async with server.session.request(method, path.format(id=debate), json=body) as response:
                problem = await response.json(content_type=None)
                assert ("Retry-After" in response.headers) == (status in (429, 503))
    assert (response.status, problem["code"]) == (status, code)
    flag = "--" + setting.replace("_", "-")
    assert (problem["limit"], problem["setting"]) == (most, flag)
    assert flag in problem["detail"]
