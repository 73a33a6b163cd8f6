"""Whatever comes over a connection gets a refusal that can be read, or none, and leaves nothing behind."""

import asyncio
import logging
from collections import Counter

import pytest
import structlog

from debate_server.settings import Settings
from debate_server.web.app import make_app
from tests.conftest import Server
from tests.web.malformed import ROUTES, ask, bad_id, case, fault, status

MALFORMED = 200
IDS = 120
# What has not come by then does not come at all.
PATIENCE = 60


def port(server: Server) -> int:
    return int(server.address.rpartition(":")[2])


async def test_a_malformed_request_gets_no_fault_of_ours_and_none_is_logged(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    debate = (await server.debate(rounds=1))[0]["debate"]
    leave = asyncio.Event()
    with structlog.testing.capture_logs() as logged, caplog.at_level(logging.WARNING, "aiohttp"):
        async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
            asked = [tasks.create_task(ask(port(server), case(seed, debate), leave.wait)) for seed in range(MALFORMED)]
            # Beside them all it takes much longer than any answer: what has not come by its end does not come.
            assert (await server.debate("Still there?", rounds=1))[-1]["reason"] == "completed"
            leave.set()
    answers = [task.result() for task in asked]
    assert {seed: found for seed, answer in enumerate(answers) if (found := fault(answer))} == {}
    assert [entry["event"] for entry in logged if entry["log_level"] in ("warning", "error")] == ["no_request"]
    assert [record.getMessage() for record in caplog.records if record.name.startswith("aiohttp")] == []
    assert Counter(map(status, answers))[400] > MALFORMED // 4  # they are what they are meant to be


async def test_an_id_that_no_debate_has_is_refused_with_a_problem_wherever_it_stands(server: Server) -> None:
    debate = (await server.debate(rounds=1))[0]["debate"]
    never = asyncio.Event()
    async with asyncio.timeout(PATIENCE):
        asked = [ask(port(server), bad_id(seed, debate), never.wait) for seed in range(IDS)]
        answers = await asyncio.gather(*asked)
    wrong = {seed: a for seed, a in enumerate(answers) if fault(a) or not 400 <= status(a) < 500}
    assert wrong == {}


async def test_every_route_there_is_has_its_malformed_requests(server: Server) -> None:
    house = server.house
    app = make_app(Settings(), house.log, house.upstream, house.runner)
    served = {(route.method, route.resource.canonical) for route in app.router.routes() if route.resource is not None}
    assert {(method, path) for method, path, _, _ in ROUTES} == {one for one in served if one[0] != "HEAD"}
