"""What is done at the same time, each undisturbed by the others."""

import asyncio
from collections.abc import Awaitable, Iterable

from debate_server.core.errors import UpstreamError


async def side_by_side(work: Iterable[Awaitable[None]]) -> list[UpstreamError]:
    """Do it all to its end; the upstream's faults that came of it. One that is cancelled by itself is at its end.

    Raises any other fault, once all are at their end. Cancelled, it cancels them all and waits for them.
    """
    results = await asyncio.gather(*work, return_exceptions=True)
    faults = [result for result in results if isinstance(result, UpstreamError)]
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, UpstreamError):
            raise result
    return faults
