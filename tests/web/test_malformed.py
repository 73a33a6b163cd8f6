"""Whatever comes over a connection gets a refusal that can be read, or none, and leaves nothing behind."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable

import pytest
import structlog

from debate_server.settings import Settings
from debate_server.web.app import make_app
from tests.conftest import Server
from tests.web.malformed import ROUTES, Case, ask, bad_id, case, fault, status

MALFORMED = 200
IDS = 120
# Requests underway at a time, and seconds after which one whose answer does not come is left.
ASKING = 50
PATIENCE = 0.2


async def answers(server: Server, make: Callable[[int, str], Case], seeds: Iterable[int]) -> dict[int, bytes]:
    """What came back, by the seed."""
    debate = (await server.debate(rounds=1))[0]["debate"]
    port = int(server.address.rpartition(":")[2])
    left = iter(seeds)
    answered = {}

    async def keep_asking() -> None:
        for seed in left:
            answered[seed] = await ask(port, make(seed, debate), PATIENCE)

    async with asyncio.TaskGroup() as tasks:
        for _ in range(ASKING):
            tasks.create_task(keep_asking())
    return answered


async def test_a_malformed_request_gets_no_fault_of_ours_and_none_is_logged(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    with structlog.testing.capture_logs() as logged, caplog.at_level(logging.WARNING, "aiohttp"):
        answered = await answers(server, case, range(MALFORMED))
    assert {seed: found for seed, answer in answered.items() if (found := fault(answer))} == {}
    assert [entry for entry in logged if entry["log_level"] in ("warning", "error")] == []
    assert [record.getMessage() for record in caplog.records if record.name.startswith("aiohttp")] == []
    told = Counter(map(status, answered.values()))
    assert told[400] > MALFORMED // 4  # most of them are what they are meant to be
    assert (await server.debate("Still there?", rounds=1))[-1]["reason"] == "completed"


async def test_an_id_that_no_debate_has_is_refused_with_a_problem_wherever_it_stands(server: Server) -> None:
    answered = await answers(server, bad_id, range(IDS))
    wrong = {seed: answer for seed, answer in answered.items() if fault(answer) or not 400 <= status(answer) < 500}
    assert wrong == {}


async def test_every_route_there_is_has_its_malformed_requests(server: Server) -> None:
    house = server.house
    app = make_app(Settings(), house.log, house.upstream, house.runner)
    served = {(route.method, route.resource.canonical) for route in app.router.routes() if route.resource is not None}
    assert {(method, path) for method, path, _, _ in ROUTES} == {one for one in served if one[0] != "HEAD"}
