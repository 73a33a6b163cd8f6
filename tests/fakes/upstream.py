"""The fake upstream: an OpenAI-compatible server on a real port that plays scripts and remembers what it was asked.

It is the one fake of the project: tests, bench and demo use it. ::

    async with FakeUpstream() as fake:
        fake.play([Say("one two", finish=None), Gate(event), Say("three")])   # what the next request gets
        …
        asked = await fake.asked()         # the request, as soon as it came
        await asked.left.wait()            # until the other side closed its connection
"""

import asyncio
import time
import zlib
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import orjson
from aiohttp import web
from multidict import CIMultiDictProxy

from tests.fakes.script import Answer, Clock, Reply, Say, Script, Sleep


@dataclass
class Asked:
    """One request. ``at`` is the time it came, ``connection`` a number that the requests of one connection share.

    ``left`` is set when the other side closes before the answer's end, ``done`` when the answer is over anyhow.
    """

    body: dict[str, Any]
    headers: CIMultiDictProxy[str]
    at: float
    connection: int
    left: asyncio.Event = field(default_factory=asyncio.Event)
    done: asyncio.Event = field(default_factory=asyncio.Event)


def speech(body: dict[str, Any]) -> Script:
    """What it says by itself: a few sentences that differ from request to request, and are the same for the same."""
    mark = f"{zlib.crc32(orjson.dumps(body.get('messages'))):08x}"
    return [
        Say(
            f"This is {body.get('model')} on point {mark}. The first thing to see is that {mark} rests on evidence. "
            f"The second is what it costs. So I hold that {mark} stands."
        )
    ]


class FakeUpstream:
    """An async context manager that serves on a free port of 127.0.0.1.

    ``script`` says what a request gets, by its body, where nothing was put in line by ``play``. ``models`` are the
    entries of ``/v1/models``, names or whole objects; ``listing``, where set, is the script played there instead.
    ``clock`` and ``sleep`` are what ``Pace`` goes by.
    """

    def __init__(
        self,
        script: Callable[[dict[str, Any]], Script] = speech,
        *,
        models: Sequence[str | dict[str, Any]] = ("fake-chat",),
        listing: Script | None = None,
        clock: Clock = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.script = script
        self.models = models
        self.listing = listing
        self.requests: list[Asked] = []  # for speeches
        self.lookups: list[Asked] = []  # for the list of models
        self.open = 0  # speeches that are being answered
        self.port = 0
        self._clock = clock
        self._sleep = sleep
        self._line: deque[Script] = deque()
        self._came = asyncio.Condition()
        self._runner: web.AppRunner | None = None

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def play(self, *scripts: Script) -> None:
        """The next requests get these, one each, in the order in which they come."""
        self._line.extend(scripts)

    async def asked(self, number: int = 1) -> Asked:
        """The request of that number, from 1, as soon as it has come."""
        async with self._came:
            await self._came.wait_for(lambda: len(self.requests) >= number)
        return self.requests[number - 1]

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/v1/models", self._models)
        app.router.add_post("/v1/chat/completions", self._completions)
        # Cancelled handlers are how we learn that the other side has gone.
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _completions(self, request: web.Request) -> web.StreamResponse:
        asked = await self._note(request, self.requests)
        self.open += 1
        try:
            return await self._play(request, asked, self._line.popleft() if self._line else self.script(asked.body))
        finally:
            self.open -= 1

    async def _models(self, request: web.Request) -> web.StreamResponse:
        asked = await self._note(request, self.lookups)
        entries = [{"id": entry} if isinstance(entry, str) else entry for entry in self.models]
        listed = [Answer(200, {"object": "list", "data": [{"object": "model", **entry} for entry in entries]})]
        return await self._play(request, asked, listed if self.listing is None else self.listing)

    async def _note(self, request: web.Request, where: list[Asked]) -> Asked:
        body = orjson.loads(await request.read() or b"{}")
        assert request.transport is not None
        asked = Asked(body, request.headers, self._clock(), request.transport.get_extra_info("peername")[1])
        async with self._came:
            where.append(asked)
            self._came.notify_all()
        return asked

    async def _play(self, request: web.Request, asked: Asked, script: Script) -> web.StreamResponse:
        reply = Reply(request, asked.body, clock=self._clock, sleep=self._sleep)
        try:
            for step in script:
                await step.play(reply)
            return reply.answer or await reply.begin()
        except (asyncio.CancelledError, ConnectionError):
            if not reply.broken:
                asked.left.set()
            raise
        finally:
            asked.done.set()
