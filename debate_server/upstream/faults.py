"""What other programs' failures become: the edge where foreign exceptions and HTTP statuses turn into our errors.

A message says what happened, then what to do. Our errors are raised outside of the ``except`` that caught the foreign
one, so that no chain leads a traceback to a request and its headers.
"""

import math
import os
import re
import time
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Final

import aiohttp
import orjson
from aiohttp.http_exceptions import ContentEncodingError

from debate_server.core.errors import (
    Busy,
    Failed,
    Garbled,
    Refused,
    Rejected,
    UnknownModel,
    Unreachable,
    UpstreamError,
)
from debate_server.upstream.chunk import error_text
from debate_server.upstream.endpoint import Endpoint
from debate_server.upstream.redact import quote

# All that a plain HTTP request of ours may raise; the SDK adds its own.
FOREIGN: Final = (aiohttp.ClientError, OSError)

# How much of an answer that is no stream is read, and for how long, to say what is wrong.
MAX_ANSWER: Final = 65_536
ANSWER_TIMEOUT: Final = 5.0

_NO_SUCH_MODEL: Final = re.compile(
    r"model_not_found|no such model|(?:unknown|invalid) model\b|not a valid model"
    r"|model\b.{0,120}?\b(?:not found|does not exist|not exist|not available|not loaded|unknown)",
    re.IGNORECASE | re.DOTALL,
)


@dataclass
class Answer(Exception):
    """An answer that is not the stream asked for: its status, headers (names in lower case), beginning of the body."""

    status: int
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def __str__(self) -> str:
        """No more than a traceback may show: the rest may quote the key."""
        return f"status {self.status}"

    @property
    def text(self) -> str:
        """What it says: the sentence of a JSON error, else the body as it is."""
        try:
            body = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return self.body.decode(errors="replace")
        return error_text(body)

    @property
    def complaint(self) -> str:
        """The whole of what it says against the request itself; empty where it says nothing about that."""
        return self.body.decode(errors="replace") if self.status in (400, 422) else ""


def place(endpoint: Endpoint) -> str:
    """What a message calls an endpoint."""
    return "The embedded model" if endpoint.demo else endpoint.base_url


def of_answer(answer: Answer, endpoint: Endpoint, model: str) -> UpstreamError:
    """The error for an answer to a chat request to ``model``."""
    status, where = answer.status, place(endpoint)
    said = quote(answer.text, endpoint.api_key)
    said = f": {said.rstrip('.')}" if said else ""
    if status in (401, 403):
        return Refused(f"{where} refuses access ({status}){said}. {_about_key(endpoint)}")
    if status == 404 or _NO_SUCH_MODEL.search(answer.complaint):
        return UnknownModel(
            f"{where} does not know the model {model!r} ({status}){said}. `debate doctor` lists the models it has; "
            "if it has this one, check the address: most end in /v1."
        )
    if status == 429:
        return Busy(
            f"{where} is busy, or its quota is used up (429){said}. Try again later, or choose another model.",
            retry_after=retry_after(answer.headers),
        )
    if status == 408 or status >= 500:
        return Failed(
            f"{where} failed ({status}){said}. Try again; if it goes on, see that server's own log.",
            retry_after=retry_after(answer.headers),
        )
    if 300 <= status < 400:
        to = quote(answer.headers.get("location", "another address"), endpoint.api_key)
        return Failed(
            f"{where} answers with a redirect ({status}) to {to}, which is not followed because the key would go "
            "along. Set OPENAI_BASE_URL to the address that it should be."
        )
    if status >= 400:
        return Rejected(
            f"{where} does not take the request ({status}){said}. Choose another model, or change this agent's "
            "settings."
        )
    kind = quote(answer.headers.get("content-type", "no content type"), endpoint.api_key)
    return Garbled(
        f"{where} answers with {kind} ({status}) where a stream of events should be{said}. Check the address: most "
        "end in /v1."
    )


def of_exception(error: BaseException, endpoint: Endpoint) -> UpstreamError:
    """The error for an exception of aiohttp, httpx or the SDK. The SDK's own are vague (it takes every failed
    connection for a timeout), so what counts is the aiohttp exception that they were raised from."""
    where, cause = place(endpoint), error
    while not isinstance(cause, aiohttp.ClientError) and cause.__cause__ is not None:
        cause = cause.__cause__
    said = quote(str(cause), endpoint.api_key)
    match cause:
        case aiohttp.ConnectionTimeoutError():
            return Unreachable(f"{where} does not answer: no connection within --connect-timeout. {_start(endpoint)}")
        case aiohttp.ClientSSLError():
            return Unreachable(
                f"No secure connection to {where}: {said}. Check its certificate, or whether it should be http://."
            )
        case aiohttp.ClientHttpProxyError():
            return Unreachable(
                f"The proxy on the way to {where} refuses ({cause.status}). Check https_proxy and no_proxy."
            )
        case aiohttp.ClientProxyConnectionError():
            return Unreachable(f"The proxy on the way to {where} does not answer. Check https_proxy and no_proxy.")
        case aiohttp.ClientConnectorDNSError():
            return Unreachable(f"No machine is known by the name in {where}. Check the address and the network.")
        case aiohttp.ClientConnectorError():
            code = cause.os_error.errno
            why = os.strerror(code).lower() if code and code > 0 else said
            return Unreachable(f"{where} does not answer: {why}. {_start(endpoint)}")
        case aiohttp.ClientPayloadError(__cause__=ContentEncodingError()):
            return Garbled(f"{where} packs its answer so that it cannot be unpacked: {said}. Check what is in between.")
        case aiohttp.ClientConnectionError() | aiohttp.ClientPayloadError():
            return Failed(f"{where} broke the connection off: {said}. Try again; if it goes on, see its own log.")
        case aiohttp.InvalidURL():
            return Unreachable(f"{where} is not an address. Write it such as http://127.0.0.1:11434/v1.")
        case _:
            return Garbled(f"{where} does not answer as HTTP should: {said}. Check the address.")


def retry_after(headers: dict[str, str]) -> float | None:
    """The seconds to wait that an answer names, as a number or as an HTTP date (RFC 9110, 10.2.3); None for none."""
    said = headers.get("retry-after", "")
    try:
        seconds = float(said)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(said).timestamp() - time.time()
        except (ValueError, OverflowError):
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _start(endpoint: Endpoint) -> str:
    if endpoint.demo:
        return "Try again: it is started anew."
    return "Start that server, or choose another with --base-url; `debate doctor` shows what is set up."


def _about_key(endpoint: Endpoint) -> str:
    if endpoint.demo:
        return "Restart this program."
    if endpoint.api_key:
        return "Check OPENAI_API_KEY."
    return f"It got no key: set OPENAI_API_KEY, and OPENAI_BASE_URL to {endpoint.base_url} so that the key goes there."
