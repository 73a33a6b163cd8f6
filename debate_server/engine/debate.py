"""A debate, told from beginning to end.

Every turn of the format is spoken in its order. What has been said already is not said again, so a debate that was
cut by a restart goes on where it was. However a debate ends, it ends with exactly one ``done``.
"""

import asyncio

import structlog
from structlog.contextvars import unbind_contextvars

from debate_server.core.ending import close
from debate_server.core.errors import UpstreamError
from debate_server.core.events import DoneReason, Error
from debate_server.core.formats import schedule
from debate_server.engine.agent import speak
from debate_server.engine.floor import Floor

logger = structlog.get_logger(__name__)


async def hold(floor: Floor) -> None:
    """Hold the debate to its end. Raises LogUnavailable, and CancelledError where it is to go on another time."""
    reason, message = await _speeches(floor)
    unbind_contextvars("turn")
    close(floor.say, floor.transcript, reason, message=message)
    await floor.commit()
    logger.info("debate_done", reason=reason)


async def _speeches(floor: Floor) -> tuple[DoneReason, str | None]:
    """Let every agent speak whose turn it is; why there were no more speeches, and what more there is to say of it."""
    try:
        turns = schedule(floor.plan.format, floor.plan.rounds)
        for spoken, turn in enumerate(turn for turn in turns if not floor.transcript.ended(turn.number)):
            if spoken and floor.abandoned():
                return "stopped", "Nobody was watching any more."
            await speak(floor, turn)
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
    return "completed", None
