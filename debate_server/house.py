"""The house: what debates need to be held, opened in order and closed in the reverse one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from debate_server.engine.runner import Runner
from debate_server.formats import Formats
from debate_server.log.lock import Lock
from debate_server.log.log import Log
from debate_server.settings import Settings
from debate_server.upstream.pace import Clock, Pause, loop_time
from debate_server.upstream.upstream import Upstream


@dataclass(frozen=True, slots=True)
class House:
    """All floors below the web, standing."""

    lock: Lock
    log: Log
    upstream: Upstream
    runner: Runner


@asynccontextmanager
async def opened(settings: Settings, *, pause: Pause = asyncio.sleep, clock: Clock = loop_time) -> AsyncIterator[House]:
    """The house on the settings' data. ``pause`` waits so many seconds of ``clock`` before an endpoint is asked again.

    Raises LogInUse, LogUnusable, SettingsError.
    """
    folder = Path(settings.data)
    with Lock(folder) as lock:
        async with (
            Upstream(settings, pause=pause, clock=clock) as upstream,
            Log(folder, sync=settings.sync) as log,
            Runner(settings, log, upstream, Formats(settings.formats), pause=pause) as runner,
        ):
            yield House(lock, log, upstream, runner)
