"""A debate, told from beginning to end.

What is on its agenda is held in its order: turns one after the other or at the same time, and votes. What has been held
already is not held again, so a debate that was cut by a restart goes on where it was. However a debate ends, it ends
with exactly one ``done``.
"""

import asyncio

import structlog
from structlog.contextvars import unbind_contextvars

from debate_server.core.agenda import Item, lost, passed_over
from debate_server.core.ending import close
from debate_server.core.errors import UpstreamError
from debate_server.core.events import DoneReason, Error, Paused
from debate_server.core.judging.decide import verdict
from debate_server.core.judging.sheet import Sheet
from debate_server.engine.agent import speak
from debate_server.engine.beside import side_by_side
from debate_server.engine.budget import next_item
from debate_server.engine.floor import Floor
from debate_server.engine.judge import cast

logger = structlog.get_logger(__name__)


async def hold(floor: Floor) -> bool:
    """Hold the debate; whether it came to its end, and did not only pause. Raises LogUnavailable, and CancelledError
    where it is to go on another time."""
    ending = await _rounds(floor)
    unbind_contextvars("turn")
    if ending is None:
        floor.pausing = False
        floor.say(Paused("person"))
    else:
        reason, message = ending
        close(floor.say, floor.transcript, reason, message=message)
        logger.info("debate_done", reason=reason)
    await floor.commit()
    return ending is not None


async def _rounds(floor: Floor) -> tuple[DoneReason, str | None] | None:
    """Hold what is on the agenda; why nothing more was held, and what more there is to say of it. None: it pauses."""
    plan, said = floor.plan, floor.transcript
    if (fault := lost(plan.items, said)) is not None:  # the process before came no further
        if said.error is None:
            floor.say(Error(*fault))
        return "failed", None
    try:
        while left := plan.left(said):
            if floor.pausing:
                return None
            if floor.held and floor.abandoned():
                return "stopped", "Nobody was watching any more."
            if (item := await next_item(plan, said, left, floor.upstream, floor.purse)) is None:
                break
            await _hold(floor, item)
        _decide(floor)
    except UpstreamError as error:
        floor.say(Error(error.code, error.message))
        return "failed", None
    except asyncio.CancelledError:
        if floor.ending is None:
            raise
        if floor.ending == "stopped":
            return "stopped", None
        floor.say(floor.ending)
        return "failed", None
    if passed_over(plan.format, plan.items, said):
        return "budget", "What was left did not fit into its budget."
    return "completed", None


async def _hold(floor: Floor, item: Item) -> None:
    """Let all speak whose turn it is, and have the ballots cast that are due. Raises UpstreamError where nobody could
    speak."""
    said = floor.transcript
    turns = [speak(floor, turn) for turn in item.turns if not said.settled(turn.number)]
    ballots = [cast(floor, voter, Sheet(item, order)) for voter, order in item.missing(said)]
    faults = await side_by_side([*turns, *ballots])
    if faults and not any(said.ended(turn.number) for turn in item.turns):
        raise faults[0]
    floor.held = True


def _decide(floor: Floor) -> None:
    if floor.transcript.verdict is None:
        plan = floor.plan
        if (decided := verdict(plan.format, plan.items, floor.transcript)) is not None:
            floor.say(decided)
