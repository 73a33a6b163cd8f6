"""An upstream that talks to the fake one, and no other: nothing is discovered, and the embedded model is a stub."""

import importlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest

from debate_server.core.chat import ChatMessage
from debate_server.core.errors import UpstreamError
from debate_server.settings import Settings
from debate_server.upstream.discover import LocalServer
from debate_server.upstream.endpoint import Endpoint
from debate_server.upstream.request import Finish, Listener, Request
from debate_server.upstream.upstream import Upstream
from tests.conftest import no_pause
from tests.fakes.upstream import FakeUpstream

NOWHERE = Endpoint("stub", "http://127.0.0.1:9/v1", demo=True)
THINKING = "<thinking>"
MESSAGES = (ChatMessage("system", "You are the Optimist."), ChatMessage("user", "Speak."))


@dataclass
class StubEmbedded:
    """An embedded model that is wherever the test says."""

    model: str = "stub-embedded"
    context: int = 2048
    endpoint: Endpoint = NOWHERE
    closed: bool = False

    async def start(self) -> Endpoint:
        return self.endpoint

    async def close(self) -> None:
        self.closed = True


@dataclass
class Said:
    """All that came of one speech: its words, and THINKING where the model did."""

    pieces: list[str] = field(default_factory=list)
    error: UpstreamError | None = None
    ended: Finish | None = None

    @property
    def text(self) -> str:
        return "".join(piece for piece in self.pieces if piece != THINKING)

    @property
    def finish(self) -> Finish:
        assert self.error is None, self.error
        assert self.ended is not None
        return self.ended

    def listener(self) -> Listener:
        return Listener(self.pieces.append, lambda: self.pieces.append(THINKING))


async def listen(upstream: Upstream, model: str | None = None, **request: Any) -> Said:
    """Let a model speak to the end, whatever the end is."""
    said = Said()
    try:
        asked = Request(await upstream.model(model), request.pop("messages", MESSAGES), **request)
        said.ended = await upstream.speak(asked, said.listener())
    except UpstreamError as error:
        said.error = error
    return said


@pytest.fixture(scope="session", autouse=True)
def _sdk_imported() -> None:
    """So that the deadlines of the first test do not pay for it."""
    importlib.import_module("debate_server.upstream.sdk")


@pytest.fixture
async def fake() -> AsyncIterator[FakeUpstream]:
    async with FakeUpstream() as fake:
        yield fake


Open = Callable[..., Awaitable[Upstream]]


@pytest.fixture
async def open_upstream(fake: FakeUpstream) -> AsyncIterator[Open]:
    """Makes upstreams that find ``fake`` by its address, unless told otherwise, and closes them."""
    async with AsyncExitStack() as stack:

        async def make(
            *, embedded: StubEmbedded | None = None, missing: str | None = None,
            servers: tuple[LocalServer, ...] = (), **settings: Any,
        ) -> Upstream:  # fmt: skip
            settings = {"base_url": fake.base_url} | settings
            upstream = Upstream(
                Settings(**settings),
                embedded=embedded or StubEmbedded(),
                embedded_missing=lambda: missing,
                servers=servers,
                pause=no_pause,
            )
            return await stack.enter_async_context(upstream)

        yield make


@pytest.fixture
async def upstream(open_upstream: Open) -> Upstream:
    return await open_upstream()
