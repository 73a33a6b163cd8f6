"""The floor of one debate: what its agents stand on while they speak.

It keeps the plan, the transcript so far and the way into the log together, so that an event is said once and is at
the same time appended and folded in. It knows nothing of turns or rounds.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from debate_server.core.events import AgentEnd, Ballot, Error, Event, Token
from debate_server.core.plan import Plan
from debate_server.core.transcript import Transcript
from debate_server.engine.budget import Purse
from debate_server.engine.line import Line
from debate_server.log.log import Log
from debate_server.upstream.upstream import Finish, Listener, Request, Upstream


@dataclass(slots=True)
class Floor:
    """One debate underway.

    ``ending`` is set before the debate's task is cancelled, where it is to end early: "stopped", or the error that
    ends it. ``pause`` waits so many seconds. ``abandoned`` says whether a debate that is not detached has been
    without an audience for too long. ``purse`` pays for it. ``pausing``: it is to pause when nobody speaks any more.
    ``held``: something was held here, and not only by the process before. ``lanes``: the tasks of the speeches
    underway, by their turns; ``halted``: the turns that are to end as they are, which is set before their task is
    cancelled.
    """

    debate: str
    plan: Plan
    log: Log
    upstream: Upstream
    transcript: Transcript
    pause: Callable[[float], Awaitable[None]]
    abandoned: Callable[[], bool]
    purse: Purse
    ending: Literal["stopped"] | Error | None = None
    pausing: bool = False
    held: bool = False
    line: Line = field(default_factory=lambda: Line(asyncio.get_running_loop().time))
    lanes: dict[int, asyncio.Task[Any]] = field(default_factory=dict)
    halted: set[int] = field(default_factory=set)

    async def ask(self, request: Request, listener: Listener) -> Finish:
        """Have a model speak, and note for how long it has to be waited for. Raises as ``Upstream.speak``."""
        with self.line.request() as leave:

            def asked() -> None:
                leave()
                listener.asked()

            return await self.upstream.speak(request, replace(listener, asked=asked))

    @contextmanager
    def lane(self, turn: int) -> Iterator[None]:
        """While the running task speaks in that turn."""
        task = asyncio.current_task()
        assert task is not None
        self.lanes[turn] = task
        try:
            yield
        finally:
            del self.lanes[turn]

    def say(self, event: Event) -> None:
        """Append an event and fold it into the transcript. Raises LogUnavailable."""
        self.transcript.apply(self.log.append(self.debate, event), event)
        if isinstance(event, AgentEnd | Ballot):
            self.purse.spent += event.usage

    def utter(self, token: Token) -> None:
        """Append a token. It is not folded in: its speech's end has all the words, and there may be very many. Raises
        LogUnavailable."""
        self.log.append(self.debate, token)

    async def commit(self) -> None:
        """Wait until all that was said is durable. Raises LogUnavailable."""
        await self.log.commit()

    @staticmethod
    def now() -> float:
        """Seconds of the loop's monotonic clock."""
        return asyncio.get_running_loop().time()
