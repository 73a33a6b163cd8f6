"""The one door to all models: has a speech spoken, whichever endpoint the model is at.

It owns what is shared between speeches: the HTTP client, the embedded model, what was learnt about each model, and the
pace of each endpoint. What goes wrong before the first word is an UpstreamError; afterwards the speech is cut off.
Nothing is retried here, but for a request that was refused for a parameter: that one spent nothing.
"""

import asyncio
import gc
import importlib
from collections.abc import Awaitable, Callable, Collection
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

from debate_server.core.chat import ChatMessage
from debate_server.core.errors import UpstreamError
from debate_server.settings import Settings
from debate_server.upstream.adapt import Dialects
from debate_server.upstream.catalogue import Catalogue, EmbeddedModel
from debate_server.upstream.deadlines import Deadlines
from debate_server.upstream.discover import LOCAL_SERVERS, LocalServer
from debate_server.upstream.embedded import Embedded, missing
from debate_server.upstream.endpoint import Endpoint, Model
from debate_server.upstream.faults import Answer, of_answer, place
from debate_server.upstream.listing import Listed, Listing
from debate_server.upstream.lists import Lists
from debate_server.upstream.pace import Clock, Paces, Pause, loop_time
from debate_server.upstream.request import Finish, Listener, Request
from debate_server.upstream.speech import Speech
from debate_server.upstream.watch import Watch

if TYPE_CHECKING:
    from debate_server.upstream.sdk import Client, Stream

__all__ = [
    "ChatMessage", "Finish", "Listed", "Listener", "Listing", "Model", "Request", "Upstream",
]  # fmt: skip

T = TypeVar("T")


class Upstream:
    """All models, behind one door. An async context manager; whoever made it closes it."""

    def __init__(
        self,
        settings: Settings,
        *,
        embedded: EmbeddedModel | None = None,
        embedded_missing: Callable[[], str | None] | None = None,
        servers: tuple[LocalServer, ...] = LOCAL_SERVERS,
        pause: Pause = asyncio.sleep,
        clock: Clock = loop_time,
    ) -> None:
        """``embedded`` and what it lacks to run, the local ``servers`` to look for, and the time that an endpoint's
        pace is kept by (``pause`` waits so many seconds of ``clock``), are given by tests.

        Raises SettingsError for an address or a key that is none.
        """
        gguf = Path(settings.gguf).expanduser() if settings.gguf else None
        self._settings = settings
        self._embedded = embedded or Embedded(gguf)
        self._catalogue = Catalogue(
            settings, self._embedded, missing=embedded_missing or partial(missing, gguf), lists=Lists(), servers=servers
        )
        self._dialects = Dialects()
        self._paces = Paces(clock=clock, pause=pause)
        self._client: Client | None = None
        self._making_client = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """End the embedded model and let go of all connections."""
        await self._embedded.close()
        if self._client is not None:
            await self._client.close()

    async def model(self, name: str | None) -> Model:
        """The model to ask for: NAME, or NAME@URL for one at another endpoint; None for the default.

        Raises UpstreamError, where the name cannot be meant or its endpoint does not answer.
        """
        return await self._catalogue.model(name)

    async def check(self, name: str | None) -> Model:
        """The model, if there is such a one, as far as its endpoint tells. Raises as ``model``, and UnknownModel."""
        return await self._catalogue.check(name)

    async def another(self, model: Model, taken: Collection[Model]) -> Model | None:
        """Another model at the same endpoint, none of those that are taken; None where there is none."""
        return await self._catalogue.another(model, taken)

    async def listing(self) -> Listing:
        """All models there are. Raises nothing for an endpoint that does not answer: the listing says so."""
        return await self._catalogue.listing()

    def limits(self) -> dict[str, int]:
        """By the address of an endpoint, how many requests it is sent at a time, where it refused more."""
        return self._paces.limits()

    async def speak(self, request: Request, listener: Listener) -> Finish:
        """Have a speech spoken, once its endpoint has a place for it; how it ended. The listener is called by the
        connection itself, as the words come, and not in the task of the caller or its context.

        Raises UpstreamError before the first words only, and what the listener raises. Cancel it to close the
        connection at once: the listener hears nothing more when the cancelled task goes on.
        """
        async with self._paces.of(request.model.endpoint).place(careful=request.attempt > 1) as accepted:
            listener.asked()
            return await self._speak(request, listener, accepted)

    async def _speak(self, request: Request, listener: Listener, accepted: Callable[[], None]) -> Finish:
        # 1. Where the model is. The embedded one may have to be loaded first.
        clock = asyncio.get_running_loop().time
        deadlines = Deadlines(self._settings, clock())
        endpoint = await _by(deadlines, request.model.endpoint, self._catalogue.locate(request.model.endpoint))

        # 2. Ask, in the words that it takes.
        stream = await _by(deadlines, endpoint, self._open(endpoint, request))
        accepted()
        speech = Speech(request, endpoint, self._settings.max_speech, listener)
        watch = Watch(deadlines, lambda: stream.fail(deadlines.passed(place(endpoint))))

        def take(data: bytes) -> None:
            words = speech.words
            speech.feed(data)
            if speech.ended or speech.marked:
                deadlines.ending(clock(), marked=speech.marked)
                watch.hasten()
            elif speech.words > words:
                deadlines.progress(clock())
                if not words:  # the next words may have less time than the first had
                    watch.hasten()

        fault: UpstreamError | None = None
        try:
            # 3. Listen until the stream is over, or has said that nothing more is to come.
            with watch:
                await stream.pour(take)
                speech.end()
        except UpstreamError as error:
            fault = None if speech.marked else error
        finally:
            await stream.close()

        # 4. How it ended; a fault in mid-speech is a part of that.
        return speech.finish(fault)

    async def _open(self, endpoint: Endpoint, request: Request) -> "Stream":
        client = await self._load_client()
        model = request.model.name
        while True:
            dialect = self._dialects.of(endpoint, model)
            try:
                return await client.open(endpoint, dialect.body(request))
            except Answer as refusal:
                answer = refusal
            if dialect != self._dialects.of(endpoint, model):
                continue  # another speech has learnt something in the meantime
            learnt = dialect.after(answer.complaint, request)
            if learnt is None:
                raise of_answer(answer, endpoint, model)
            self._dialects.learn(endpoint, model, learnt)

    async def _load_client(self) -> "Client":
        async with self._making_client:
            if self._client is None:
                self._client = await asyncio.to_thread(_make_client, self._settings)
        return self._client


def _make_client(settings: Settings) -> "Client":
    made: Client = importlib.import_module("debate_server.upstream.sdk").Client(settings)
    gc.freeze()  # what the SDK has loaded stays: a full collection that walks it stops every stream for 0.1 s
    return made


async def _by(deadlines: Deadlines, endpoint: Endpoint, awaitable: Awaitable[T]) -> T:
    """What it gives, by the next deadline. Raises Stalled."""
    try:
        async with asyncio.timeout_at(deadlines.at):
            return await awaitable
    except TimeoutError:
        pass
    raise deadlines.passed(place(endpoint))
