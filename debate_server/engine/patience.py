"""Patience: asking an upstream again that failed before it said a word."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from debate_server.core.errors import UpstreamError
from debate_server.upstream.pace import LONGEST_PAUSE

RETRIES: Final = 2
# Seconds before the first and the second retry, where the upstream names no other time.
PAUSES: Final = (1.0, 4.0)

T = TypeVar("T")


async def patiently(
    attempt: Callable[[int], Awaitable[T]],
    failed: Callable[[int, UpstreamError, bool], None],
    pause: Callable[[float], Awaitable[None]],
) -> T:
    """What ``attempt`` gives, which gets the number of those before it. After each that failed, ``failed`` is told why,
    and whether it is tried again. Raises the last UpstreamError."""
    for retry in range(RETRIES + 1):
        try:
            return await attempt(retry)
        except UpstreamError as error:
            seconds = _pause(error, retry)
            failed(retry, error, seconds is not None)
            if seconds is None:
                raise
        await pause(seconds)
    raise AssertionError("the last attempt is not tried again")


def _pause(error: UpstreamError, retry: int) -> float | None:
    """Seconds to wait before it is tried again; None: it is not."""
    if not error.retryable or retry >= RETRIES:
        return None
    pause = PAUSES[retry] if error.retry_after is None else max(PAUSES[0], error.retry_after)
    return pause if pause <= LONGEST_PAUSE else None
