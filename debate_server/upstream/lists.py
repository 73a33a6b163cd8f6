"""What models an endpoint has: ``GET /models``, read with care, because anything may listen on a port, and kept for
a short time."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp
import orjson

from debate_server.core.errors import Failed, Garbled, Stalled, UpstreamError
from debate_server.upstream.choose import context
from debate_server.upstream.endpoint import Endpoint, Model
from debate_server.upstream.faults import FOREIGN, Answer, of_answer, of_exception, place
from debate_server.upstream.prices import price
from debate_server.upstream.proxy import proxy_for
from debate_server.upstream.redact import holds

LIST_TIMEOUT: Final = 10.0
# OpenRouter's list, the longest known, has 400 models in 600 KB.
MAX_LIST: Final = 4 << 20
# Long enough for the turns of one debate and the clicks of one page. A failure is kept just long enough that all
# agents of a debate share it: a server that was started a moment ago is seen.
KEEP: Final = 30.0
KEEP_FAULT: Final = 2.0
MAX_KEPT: Final = 64

Clock = Callable[[], float]


@dataclass(slots=True)
class _Kept:
    until: float = 0.0
    known: tuple[Model, ...] | UpstreamError = ()
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Lists:
    """The lists of endpoints. Whoever asks while a list is on its way waits for that one."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._kept: dict[Endpoint, _Kept] = {}

    async def of(self, endpoint: Endpoint, *, timeout: float = LIST_TIMEOUT) -> tuple[Model, ...]:
        """All models of an endpoint, chat or not; maybe none. Raises UpstreamError where it does not tell."""
        kept = self._kept.get(endpoint)
        if kept is None:
            if len(self._kept) >= MAX_KEPT:
                del self._kept[next(iter(self._kept))]
            kept = self._kept[endpoint] = _Kept()
        async with kept.lock:
            if self._clock() >= kept.until:
                kept.known = await _ask(endpoint, timeout)
                kept.until = self._clock() + (KEEP_FAULT if isinstance(kept.known, UpstreamError) else KEEP)
            known = kept.known
        if isinstance(known, UpstreamError):  # a new one for each: a traceback grows with every raise
            raise type(known)(known.message, retry_after=known.retry_after)
        return known


def described(entry: dict[str, Any], endpoint: Endpoint) -> Model:
    """The model of a list's ``entry``, which has an ``id``. To be called in a thread, as ``price`` is."""
    base_url = endpoint.base_url
    return Model(entry["id"], endpoint, context(entry, base_url), price=price(entry, base_url))


async def _ask(endpoint: Endpoint, timeout: float) -> tuple[Model, ...] | UpstreamError:
    headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "debate-server"}
    if endpoint.api_key:
        headers["Authorization"] = f"Bearer {endpoint.api_key}"
    proxy = proxy_for(endpoint.base_url)
    try:
        async with (
            asyncio.timeout(timeout),
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), headers=headers) as session,
            session.get(
                f"{endpoint.base_url}/models",
                headers=proxy.direct,
                allow_redirects=False,
                proxy=proxy.address,
                proxy_headers=proxy.tunnel,
            ) as response,
        ):
            body = b""
            async for part in response.content.iter_any():
                body += part
                if len(body) > MAX_LIST:
                    return Garbled(f"{place(endpoint)} sends no list of models but over {MAX_LIST} bytes.")
            answer = Answer(response.status, {k.lower(): v for k, v in response.headers.items()}, body)
    except TimeoutError:
        return Stalled(f"{place(endpoint)} did not list its models within {timeout:g} s. Look at that server.")
    except FOREIGN as error:
        return of_exception(error, endpoint)
    return await asyncio.to_thread(_models, answer, endpoint)


def _models(answer: Answer, endpoint: Endpoint) -> tuple[Model, ...] | UpstreamError:
    if answer.status == 404:
        return Failed(
            f"{place(endpoint)} has no list of models (404). Check the address (most end in /v1), or name a model by "
            "--model."
        )
    if answer.status != 200:
        return of_answer(answer, endpoint, "")
    try:
        listed = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        listed = None
    entries = listed.get("data") if isinstance(listed, dict) else listed  # Together lists them bare
    if not isinstance(entries, list):
        return Garbled(f"{place(endpoint)} does not list models as OpenAI does. Check the address: most end in /v1.")
    return tuple(
        described(entry, endpoint)
        for entry in entries
        if isinstance(entry, dict)
        and isinstance(entry.get("id"), str)
        and entry["id"]
        and not holds(entry["id"], endpoint.api_key)
    )
