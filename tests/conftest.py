"""What tests stand on: a fake upstream, and a whole server on a real port with its log in a folder of its own."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest

from debate_server.house import House, opened
from debate_server.settings import Settings
from debate_server.web.app import make_app, serving
from tests.fakes.upstream import FakeUpstream


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """A process for each core where whole folders are tested. Tests that are named run in this one, which begins at
    once and shows what they print; ``-n`` with a number says otherwise."""
    named = config.option.keyword or not all(Path(arg).is_dir() for arg in config.args)
    return 0 if named else None


@dataclass
class Server:
    """A server that runs in the test's own loop, and a session that asks it."""

    address: str
    house: House
    session: aiohttp.ClientSession

    async def json(self, method: str, path: str, **options: Any) -> tuple[int, Any]:
        async with self.session.request(method, path, **options) as response:
            return response.status, orjson.loads(await response.read() or b"null")

    async def events(self, path: str, **options: Any) -> list[dict[str, Any]]:
        """All events of an SSE stream, to its end."""
        async with self.session.request(options.pop("method", "GET"), path, **options) as response:
            assert response.status == 200, await response.text()
            return parse(await response.read())

    async def debate(self, topic: str = "Should tests be honest?", **fields: Any) -> list[dict[str, Any]]:
        """A whole debate: its id is in the first event."""
        _, started = await self.json("POST", "/api/debates", json={"topic": topic, **fields})
        return await self.events(started["events"])


async def until(response: aiohttp.ClientResponse, words: bytes) -> None:
    """Read a stream's lines until one has these words; it is an error if it ends before."""
    async for line in response.content:
        if words in line:
            return
    raise AssertionError(f"the stream ended without {words!r}")


def parse(body: bytes) -> list[dict[str, Any]]:
    """The events of an SSE body."""
    lines = body.decode().split("\n")
    return [orjson.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]


@pytest.fixture
async def fake() -> AsyncIterator[FakeUpstream]:
    strays = list[dict[str, Any]]()  # what no task and no callback caught
    asyncio.get_running_loop().set_exception_handler(lambda _, context: strays.append(context))
    async with FakeUpstream() as upstream:
        yield upstream
    assert strays == []


def settings_for(fake: FakeUpstream, folder: Path, **changes: Any) -> Settings:
    wanted: dict[str, Any] = {
        "data": str(folder),
        "port": 0,
        "base_url": fake.base_url,
        "model": "fake-chat",
        "discover": False,
    }
    return Settings(**(wanted | changes))


Pause = Callable[[float], Awaitable[None]]


async def no_pause(_: float) -> None:
    """Retries come at once."""


@dataclass
class Time:
    """A clock on which time passes only where somebody pauses. ``wait`` is how long that takes of ours."""

    wait: Pause = no_pause
    now: float = 0.0

    async def pause(self, seconds: float) -> None:
        over = self.now + seconds
        await self.wait(seconds)
        self.now = max(self.now, over)

    def clock(self) -> float:
        return self.now


Serve = Callable[..., AbstractAsyncContextManager[Server]]


@pytest.fixture
def serve(fake: FakeUpstream, tmp_path: Path) -> Serve:
    """Starts a server on the fake upstream; keyword arguments are settings, and ``pause``, which waits for retries."""

    @asynccontextmanager
    async def start(*, pause: Pause = no_pause, **changes: Any) -> AsyncIterator[Server]:
        settings = settings_for(fake, tmp_path / "data", **changes)
        time = Time(pause)
        async with opened(settings, pause=time.pause, clock=time.clock) as house:
            app = make_app(settings, house.log, house.upstream, house.runner)
            async with serving(app) as address, aiohttp.ClientSession(address) as session:
                house.runner.take_up()
                yield Server(address, house, session)

    return start


@pytest.fixture
async def server(serve: Serve) -> AsyncIterator[Server]:
    async with serve() as started:
        yield started
