"""The one module that imports openai, which takes 0.3 s and more: load it in a thread, when the first speech is due.

It opens streams of bytes; what they say is not its business. Nothing is retried, no redirect is followed, and only
the headers that a request needs are sent.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final

import httpx2
import openai

from debate_server.core.errors import UpstreamError
from debate_server.settings import Settings
from debate_server.upstream.address import is_loopback
from debate_server.upstream.endpoint import Endpoint
from debate_server.upstream.faults import ANSWER_TIMEOUT, FOREIGN, MAX_ANSWER, Answer, of_exception
from debate_server.upstream.transport import Body, Transport

# All that leaves this machine beside the body. The SDK adds a description of the machine, and what it finds in
# OPENAI_ORG_ID, OPENAI_PROJECT_ID and OPENAI_CUSTOM_HEADERS, whatever the endpoint.
_SENT: Final = frozenset(
    {
        "accept", "accept-encoding", "authorization", "connection", "content-length", "content-type", "host",
        "user-agent",
        "x-stainless-raw-response",  # the SDK reads it back to know that we want the bytes
    }
)  # fmt: skip

# UnicodeError: what the transport makes of a reason phrase that is not UTF-8.
_FOREIGN: Final = (
    *FOREIGN, openai.OpenAIError, httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL, UnicodeError,
)  # fmt: skip


class Stream:
    """The body of an answer. Whoever opened it closes it."""

    def __init__(self, opened: Any, body: Body, endpoint: Endpoint) -> None:
        self._opened = opened
        self._body = body
        self._endpoint = endpoint

    async def pour(self, sink: Callable[[bytes], None]) -> None:
        """Give all bytes to ``sink`` as they come, to the end. Raises UpstreamError where the connection breaks, what
        ``fail`` was given, and what ``sink`` raises."""
        try:
            await self._body.pour(sink)
            return
        except _FOREIGN as error:
            fault = of_exception(error, self._endpoint)
        raise fault

    def fail(self, error: UpstreamError) -> None:
        """No more is poured out: whoever waits for the end gets this error."""
        self._body.fail(error)

    async def close(self) -> None:
        """Closes the connection, unless it came to its end."""
        await self._opened.__aexit__(None, None, None)


class Client:
    """Opens chat streams at any endpoint. May be made in a thread."""

    def __init__(self, settings: Settings) -> None:
        hooks: dict[str, list[Callable[..., Any]]] = {
            "request": [_send_only_what_is_needed],
            "response": [_refuse_what_is_no_stream],
        }
        transport = Transport(connect_timeout=settings.connect_timeout)
        self._http = httpx2.AsyncClient(transport=transport, timeout=None, event_hooks=hooks, trust_env=False)
        self._sdk = openai.AsyncOpenAI(api_key="none", base_url="http://none", max_retries=0, http_client=self._http)
        _ = self._sdk.chat.completions  # imported on first use, which is better here than on the loop

    async def open(self, endpoint: Endpoint, body: dict[str, Any]) -> Stream:
        """The stream of an answer. Raises Answer where it is none, UpstreamError where there is no answer."""
        client = self._sdk.with_options(base_url=endpoint.base_url)
        headers = {
            "Authorization": f"Bearer {endpoint.api_key}" if endpoint.api_key else openai.omit,
            "Accept": "text/event-stream",
            "Accept-Encoding": "identity",
            "User-Agent": "debate-server",
        }
        if is_loopback(endpoint.base_url) or not endpoint.pooled:
            # A new connection to this machine is free, and one that is used again may just have been closed.
            headers["Connection"] = "close"
        create: Any = client.chat.completions.with_streaming_response.create
        # All of it as extra_body: the SDK's own look at every message would be a third of what a request costs.
        opened = create(model=body["model"], messages=[], stream=True, extra_body=body, extra_headers=headers)
        try:
            response = await opened.__aenter__()
            return Stream(opened, response.http_response.extensions["body"], endpoint)
        except _FOREIGN as error:
            fault: UpstreamError = of_exception(error, endpoint)
        raise fault

    async def close(self) -> None:
        await self._http.aclose()


async def _send_only_what_is_needed(request: httpx2.Request) -> None:
    for name in set(request.headers) - _SENT:
        del request.headers[name]


async def _refuse_what_is_no_stream(response: httpx2.Response) -> None:
    """Raises Answer for any status but 200 and for pages and plain JSON, of which it reads no more than needed."""
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if response.status_code == 200 and kind not in ("text/html", "application/json"):
        return
    body = b""
    try:
        async with asyncio.timeout(ANSWER_TIMEOUT):
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > MAX_ANSWER:
                    break
    except (*_FOREIGN, TimeoutError):
        pass  # what came of it will do
    raise Answer(response.status_code, dict(response.headers), body[:MAX_ANSWER])
