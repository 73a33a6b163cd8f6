"""The description of the API is whole, and the server keeps to it whatever is sent."""

import asyncio
import sys
from pathlib import Path

from debate_server.web import operation
from debate_server.web.app import make_app
from tests.conftest import Serve, Server
from tests.fakes.script import Say
from tests.fakes.upstream import FakeUpstream

SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")


async def test_every_route_is_described(server: Server) -> None:
    _, described = await server.json("GET", "/openapi.json")
    house = server.house
    app = make_app(house.runner._settings, house.log, house.upstream, house.runner)

    for route in app.router.routes():
        if route.method != "HEAD":
            assert operation.of(route.handler), route
            assert route.resource is not None
            told = described["paths"][route.resource.canonical][route.method.lower()]
            assert told["summary"], route
            assert told["responses"]


async def test_what_is_described_is_what_is_done(serve: Serve, fake: FakeUpstream, tmp_path: Path) -> None:
    """Thousands of requests made by the description, right and wrong ones, alone and one after the other."""
    fake.script = lambda _: [Say("One two.")]
    options = ["--max-examples=4", "--seed=1", "--generation-database=none", "--no-color", "--request-timeout=30"]
    # Which formats and seats there are, no schema can say.
    options += ["--exclude-checks=positive_data_acceptance", "--phases=coverage,fuzzing,stateful"]
    async with serve(max_running=64) as server:
        tester = await asyncio.create_subprocess_exec(
            SCHEMATHESIS, "run", f"{server.address}/openapi.json", *options,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, cwd=tmp_path,
        )  # fmt: skip
        told, _ = await tester.communicate()
        assert tester.returncode == 0, told.decode()
        assert server.house.log.list(100), "debates were started"
