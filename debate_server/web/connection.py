"""The server's end of a connection, for what never reaches the application.

What the HTTP parser refuses is answered by the library before any middleware, in plain text and with a traceback in
the log. Here it becomes a problem like any other; who sent two Host headers is told so by the gate's own rule.
"""

from typing import Final

import structlog
from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from debate_server.core.errors import Misdirected
from debate_server.web import gate, problems

_ENCODE: Final = "Percent-encode the address; curl does with -G --data-urlencode 'topic=…'."

logger = structlog.get_logger(__name__)


class Connection(RequestHandler):
    """A connection whose errors are problems."""

    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The answer to a request that could not be handled; the connection closes after it.

        Raises ConnectionError where an answer was begun already.
        """
        if isinstance(exc, ConnectionError):  # the other side left while it was written to
            raise exc
        if status >= 500:
            logger.error("request_failed", method=request.method, path=request.path, exc_info=exc)
        if request.writer.output_size > 0:
            raise ConnectionError("The answer was begun and cannot become another one.")
        answer = _problem(status, message or "")
        answer.force_close()
        return answer


def _problem(status: int, message: str) -> web.Response:
    if status >= 500:
        return problems.problem(500, "internal", problems.INTERNAL)
    if "'Host' header" in message:
        return problems.answer(Misdirected(gate.ONE_HOST))
    said = " ".join(message.split())[:200]
    hint = f" {_ENCODE}" if "Invalid char in url" in message else ""
    return problems.problem(400, "bad_request", f"This is not an HTTP request that can be read: {said}{hint}")
