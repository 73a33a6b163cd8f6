"""The server's end of a connection, for what never reaches the application.

What the HTTP parser refuses is answered by the library before any middleware, in plain text and with a traceback in
the log. Here it becomes a problem like any other; who sent two Host headers is told so by the gate's own rule. The
same goes for what the library sees to before any middleware, such as ``Expect``.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Any, Final

import structlog
from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from debate_server.core.errors import Misdirected
from debate_server.core.measures import Measures
from debate_server.web import gate, policy, problems

_ENCODE: Final = "Percent-encode the address; curl does with -G --data-urlencode 'topic=…'."
# The parser's words up to where it quotes the request, which goes neither back nor into our log: its lines hold tokens
# and cookies, and the page that reads the answer may be one that must not know them.
_OWN_WORDS: Final = re.compile(r"[A-Z][A-Za-z0-9 ]+(?:'[A-Za-z-]{1,40}' header)?")

Answerer = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]

logger = structlog.get_logger(__name__)


def met(answerer: Answerer, most: int) -> Answerer:
    """What answers all requests, with those refused that the library would refuse in its own way, or too late. A body
    has at most ``most`` bytes."""

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        if request.headers.get("Expect", "100-continue").lower() != "100-continue":
            refusal = "Expect can only be 100-continue. Leave the header out."
            return problems.problem(417, "bad_request", refusal, policy.HEADERS)
        if (request.content_length or 0) > most:
            return problems.too_large(most, policy.HEADERS)
        return await answerer(request)

    return answer


class Noise:
    """What came that was no request: counted, and told of in one line at most every ``QUIET`` seconds."""

    QUIET: Final = 60.0

    def __init__(self, measures: Measures, clock: Callable[[], float]) -> None:
        self._measures = measures
        self._clock = clock
        self._told_at = float("-inf")
        self._untold = 0

    def note(self, peer: object, said: str) -> None:
        """Somebody at ``peer`` sent what the parser refused, for the reason that it ``said``."""
        self._measures.unreadable += 1
        if self._clock() - self._told_at < self.QUIET:
            self._untold += 1
            return
        logger.warning("no_request", peer=peer, reason=said, others_since=self._untold)
        self._told_at, self._untold = self._clock(), 0


class Connection(RequestHandler):
    """A connection whose errors are problems. ``noise`` takes in what is no request; the other arguments are the
    library's."""

    __slots__ = ("_noise",)

    def __init__(self, *arguments: Any, noise: Noise, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._noise = noise

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
        else:
            self._noise.note(request.remote, _own_words(message))
        if request.writer.output_size > 0:
            raise ConnectionError("The answer was begun and cannot become another one.")
        answer = _problem(status, _own_words(message))
        answer.headers.update(policy.HEADERS)  # no signal is sent for these
        answer.force_close()
        return answer

    def log_exception(self, *args: Any, **more: Any) -> None:
        """What went wrong once the answer was out. A body that cannot be read, and that nobody needed, is nothing."""
        if not isinstance(more.get("exc_info"), web.RequestPayloadError):
            super().log_exception(*args, **more)


def _problem(status: int, message: str) -> web.Response:
    if status >= 500:
        return problems.problem(500, "internal", problems.INTERNAL)
    if "'Host' header" in message:
        return problems.answer(Misdirected(gate.ONE_HOST))
    hint = f" {_ENCODE}" if "Invalid char in url" in message else ""
    return problems.problem(400, "bad_request", f"This is not an HTTP request that can be read: {message}.{hint}")


def _own_words(message: str | None) -> str:
    said = _OWN_WORDS.match(message or "")
    return said[0].strip() if said else "its parser does not say why"
