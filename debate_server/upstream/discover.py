"""Finds the model servers that run on this machine, by a quick look at the ports where they usually listen."""

import asyncio
from dataclasses import dataclass
from typing import Final

from debate_server.core.errors import UpstreamError
from debate_server.upstream.choose import chat_models
from debate_server.upstream.endpoint import Endpoint, Model
from debate_server.upstream.lists import Lists

# What a server on this machine needs to answer, however busy; what hangs is a stranger.
PROBE_TIMEOUT: Final = 0.4


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A program that serves models, the port it listens on where nobody told it otherwise, and how long it may take
    to answer (s)."""

    name: str
    port: int
    patience: float = PROBE_TIMEOUT

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"


LOCAL_SERVERS: Final = (
    LocalServer("Ollama", 11434),
    LocalServer("LM Studio", 1234),
    LocalServer("llama-server", 8080),
    LocalServer("vLLM", 8000),
)


async def discover(lists: Lists, servers: tuple[LocalServer, ...]) -> list[tuple[Endpoint, tuple[Model, ...]]]:
    """The servers that run here and have a chat model, in the order given, with all their models.

    Takes no longer than the longest patience. What does not list chat models is a stranger to us and left out.
    """
    endpoints = [Endpoint(server.name, server.base_url) for server in servers]
    found = await asyncio.gather(
        *(_probe(lists, endpoint, server.patience) for endpoint, server in zip(endpoints, servers, strict=True))
    )
    return [
        (endpoint, models)
        for endpoint, models in zip(endpoints, found, strict=True)
        if chat_models([model.name for model in models])
    ]


async def _probe(lists: Lists, endpoint: Endpoint, patience: float) -> tuple[Model, ...]:
    try:
        return await lists.of(endpoint, timeout=patience)
    except UpstreamError:
        return ()
