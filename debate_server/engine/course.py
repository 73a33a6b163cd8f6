"""The course of one debate in this process: it waits in line for a place, is held, maybe pauses, and ends."""

import asyncio
from typing import Final, Literal

import structlog
from structlog.contextvars import bind_contextvars

from debate_server.core.ending import PAUSED_TOO_LONG, close
from debate_server.core.errors import LogError, NotSpeaking, UnknownDebate
from debate_server.core.events import Error, Paused, Resumed
from debate_server.engine.debate import hold
from debate_server.engine.floor import Floor
from debate_server.settings import Settings

BUG: Final = ("internal", "Something went wrong inside the server. Its own log has the details; please report them.")

logger = structlog.get_logger(__name__)


class Course:
    """One debate underway. ``task`` is done when nothing more comes of it here.

    A paused debate has no place, and what it waits does not count as running time. ``silent``: for how many seconds it
    had been paused when this process took it up.
    """

    def __init__(self, floor: Floor, places: asyncio.Semaphore, settings: Settings, silent: float = 0.0) -> None:
        self.floor = floor
        self._places = places
        self._settings = settings
        self._patience = settings.max_pause - silent
        self._ran = 0.0  # seconds
        self._held = False  # it has a place
        self._stirred = asyncio.Event()
        self.task = asyncio.create_task(self._run(), name=f"debate-{floor.debate}")

    @property
    def paused(self) -> bool:
        return self.floor.transcript.status == "paused"

    async def pause(self) -> None:
        """Pause it when nobody speaks any more; returns then, or when it came to its end or was told to go on before.
        Raises LogUnavailable."""
        if self.paused:
            return
        if not self._held:  # it waits in line, and keeps its place there
            self.floor.say(Paused("person"))
            return
        self.floor.pausing = True
        while self.floor.pausing and self._held:
            await self._stirred.wait()

    def resume(self) -> None:
        """Have it go on. Raises LogUnavailable."""
        self.floor.pausing = False
        if self.paused:
            self.floor.say(Resumed("person"))
        self.stir()

    def end(self, ending: Literal["stopped"] | Error = "stopped") -> None:
        """End it early. Its upstream requests are closed at once."""
        if self.floor.ending is None:
            self.floor.ending = ending
            self.task.cancel()

    async def halt(self, turn: int) -> None:
        """End one speech, and nothing else. Raises NotSpeaking."""
        lanes = self.floor.lanes
        if (lane := lanes.get(turn)) is not None:
            self.floor.halted.add(turn)
            lane.cancel()
            await asyncio.wait([lane])
        elif turn not in self.floor.halted:
            spoken = f"Being spoken: {', '.join(map(str, sorted(lanes)))}." if lanes else "No turn is just now."
            raise NotSpeaking(f"Turn {turn} is not being spoken. {spoken}")

    def stir(self) -> None:
        """Something happened: those who wait for it look again, and a pause may last from now on."""
        self._stirred.set()
        self._stirred = asyncio.Event()

    async def _run(self) -> None:
        bind_contextvars(debate=self.floor.debate)
        try:
            while await self._resumed():
                async with self._places:
                    if not self.paused and await self._hold():
                        return
        except (LogError, UnknownDebate) as error:
            logger.error("log_unavailable", error=error.message)
        except Exception:  # a bug of ours: the debate has to end all the same, and says so
            logger.exception("debate_failed")
            close(self.floor.say, self.floor.transcript, "failed", cut=BUG, error=Error(*BUG))

    async def _resumed(self) -> bool:
        """Wait while it is paused; whether it is to go on. Where it was paused for too long it is ended."""
        while self.paused:
            try:
                async with asyncio.timeout(self._patience):
                    await self._stirred.wait()
            except TimeoutError:
                close(self.floor.say, self.floor.transcript, "stopped", message=PAUSED_TOO_LONG)
                await self.floor.commit()
                return False
            self._patience = self._settings.max_pause
        return True

    async def _hold(self) -> bool:
        """Hold it, and end it when its time is over; whether it came to its end."""
        loop, limit = asyncio.get_running_loop(), self._settings.debate_timeout
        timeout = Error("debate_timeout", f"The debate ran for {limit:g} s, which is its limit (--debate-timeout).")
        since = self._clock() - self._ran
        timer: asyncio.TimerHandle

        def look() -> None:
            nonlocal timer
            if (left := since + limit - self._clock()) > 0:
                timer = loop.call_later(left, look)
            else:
                self.end(timeout)

        look()
        self._held = True
        try:
            return await hold(self.floor)
        finally:
            self._held = False
            self._ran = self._clock() - since
            timer.cancel()
            self.stir()

    def _clock(self) -> float:
        """Seconds, but for those in which the debate only waited for its place at an endpoint."""
        return self.floor.now() - self.floor.line.spent
