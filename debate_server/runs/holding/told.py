"""The results of a run as they come, for a program that holds it."""

import asyncio
from collections.abc import AsyncGenerator

from debate_server.core.errors import DebateError
from debate_server.core.telling.words import many
from debate_server.runs.holding.hold import Holding
from debate_server.runs.holding.venue import Venue
from debate_server.runs.orders.bill import check
from debate_server.runs.orders.order import Order
from debate_server.runs.result import Result


class Unfinished(DebateError):
    """Not all debates of a run could be held."""

    code = "run_unfinished"


class _Told:
    """Results that are waited for. There are no more than the run has debates, and each is small."""

    def __init__(self) -> None:
        self.failed = dict[str, str]()
        self.queue = asyncio.Queue[Result | None]()
        self._told = set[str]()

    def has(self, entry: str) -> bool:
        return entry in self._told

    async def write(self, result: Result) -> None:
        self._told.add(result.entry)
        if result.failed:
            self.failed[result.entry] = result.why
        self.queue.put_nowait(result)


async def told(order: Order, venue: Venue, *, at_once: int, again: bool) -> AsyncGenerator[Result, None]:
    """Hold the run there, and yield its results, of those too that were held before; ``at_once`` and ``again`` as in a
    ``Holding``. Whoever leaves it begins no more debates; those that are underway go on.

    Raises as ``check``, and then nothing was spent; Unfinished where some debates were not held; LogError.
    """
    bill = await check(order, venue)
    state = await venue.open(bill.run(order))
    results = _Told()
    holding = Holding(venue, state, results, at_once=at_once, again=again, marking=order.marking)
    task = asyncio.create_task(holding.hold(order.planned, bill.groups), name=f"run-{state.id}")
    task.add_done_callback(lambda _: results.queue.put_nowait(None))
    try:
        while (result := await results.queue.get()) is not None:
            yield result
        await task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    standing = holding.standing
    if standing.left:
        raise Unfinished(
            " ".join((f"{standing.left} of {many(standing.total, 'debate')} left.", *standing.troubles.values()))
        )
