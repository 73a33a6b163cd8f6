"""Every refusal as RFC 9457 ``application/problem+json`` with a stable ``code``."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any, Final, Literal, NotRequired

import orjson
import structlog
from aiohttp import web
from structlog.contextvars import bind_contextvars, reset_contextvars
from typing_extensions import TypedDict  # pydantic wants this one before Python 3.12

from debate_server.core.errors import DebateError, Full, InvalidRequest, LimitExceeded, LogError, Unauthorized
from debate_server.log.naming import new_id
from debate_server.web.keys import REQUEST, SETTINGS

logger = structlog.get_logger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

# How long to wait before asking again while the log cannot be written, in seconds.
LOG_RETRY_AFTER: Final = 10
INTERNAL: Final = "Something went wrong inside the server. Its log has the details."


def answer(error: DebateError) -> web.Response:
    """The response that tells of an error."""
    headers = {}
    more: dict[str, Any] = {}
    if isinstance(error, Full):
        headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, Unauthorized):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, LogError):
        headers["Retry-After"] = str(LOG_RETRY_AFTER)
    if isinstance(error, InvalidRequest) and error.field:
        more["field"] = error.field
    if isinstance(error, LimitExceeded | Full):
        more |= {"limit": error.limit, "setting": error.setting}
    return problem(error.status, error.code, error.message, headers, **more)


class Problem(TypedDict):
    """Why a request was refused, as RFC 9457 has it. ``code`` is for programs; ``detail`` says what to do."""

    type: Literal["about:blank"]
    title: str
    status: int
    code: str
    detail: str
    field: NotRequired[str]
    limit: NotRequired[int]
    setting: NotRequired[str]


def problem(status: int, code: str, detail: str, headers: Mapping[str, str] | None = None, **more: Any) -> web.Response:
    """A ``Problem``, with ``more`` of its fields. What it quotes may hold bytes that were no UTF-8."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "code": code}
    quoted = {name: _readable(value) if isinstance(value, str) else value for name, value in more.items()}
    return web.Response(
        status=status,
        body=orjson.dumps(body | {"detail": _readable(detail)} | quoted),
        content_type="application/problem+json",
        headers=headers,
    )


@web.middleware
async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what handlers raise into problems, and name the request in all that is logged of what it causes."""
    request[REQUEST] = new_id()
    about = {"debate": request.match_info["debate"]} if "debate" in request.match_info else {}
    bound = bind_contextvars(request=request[REQUEST], **about)
    try:
        return await _answered(request, handler)
    finally:
        reset_contextvars(**bound)


async def sign(request: web.Request, response: web.StreamResponse) -> None:
    """Tell the request's name, by which the server's log knows it; a signal handler."""
    if REQUEST in request:
        response.headers["X-Request-Id"] = request[REQUEST]


async def _answered(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except DebateError as error:
        _check_begun(request)
        return answer(error)
    except web.HTTPException as error:
        return _of_aiohttp(request, error)
    except web.RequestPayloadError as error:
        return problem(400, "bad_request", f"The body cannot be read: {' '.join(str(error).split())[:200]}.")
    except (asyncio.CancelledError, ConnectionError):
        raise
    except Exception:  # a bug of ours; the viewer gets a problem and the log the traceback
        logger.exception("request_failed", method=request.method, path=request.path)
        _check_begun(request)
        return problem(500, "internal", f"{INTERNAL} (request {request[REQUEST]})")


def _check_begun(request: web.Request) -> None:
    """An answer that was begun cannot become another one. Raises ConnectionResetError."""
    if request.writer.output_size > 0:
        raise ConnectionResetError("A stream ended by a fault.") from None


def too_large(most: int, headers: Mapping[str, str] | None = None) -> web.Response:
    """The refusal of a body of more than ``most`` bytes."""
    detail = f"The body is too large. The limit is {most} bytes; the server's --max-body changes it."
    return problem(413, "too_large", detail, headers, limit=most, setting="--max-body")


def _readable(text: str) -> str:
    return text.encode(errors="replace").decode()


def _of_aiohttp(request: web.Request, error: web.HTTPException) -> web.StreamResponse:
    if error.status < 400:
        raise error
    headers = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
    if error.status == 413:
        return too_large(request.app[SETTINGS].max_body)
    details = {
        404: f"There is nothing at {request.path[:200]}. The addresses are listed in the README.",
        405: f"{request.method} is not possible here; it takes {headers.get('Allow')}.",
    }
    codes = {403: "forbidden", 404: "not_found", 405: "method_not_allowed"}
    return problem(
        error.status, codes.get(error.status, "bad_request"), details.get(error.status, error.reason), headers
    )
