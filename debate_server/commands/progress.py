"""How far a run is, on stderr: a bar on a terminal, else a line now and then."""

import asyncio
import contextlib
import sys
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

import click

from debate_server.runs.holding.hold import Standing

# Seconds between two looks at it, and two lines of it.
LOOK: Final = 0.25
LINE: Final = 10.0
# The speed is that of the last so many seconds.
SPEED: Final = 10.0


@asynccontextmanager
async def told(standing: Standing, tokens: Callable[[], int]) -> AsyncIterator[None]:
    """While a run is held: how far it is. ``tokens``: how many were said by now."""
    telling = asyncio.create_task(_bar(standing, tokens) if sys.stderr.isatty() else _lines(standing, tokens))
    try:
        yield
    finally:
        telling.cancel()
        await asyncio.wait([telling])


class Pace:
    """What a run's numbers come to over time. ``clock`` gives seconds."""

    def __init__(self, standing: Standing, tokens: Callable[[], int], clock: Callable[[], float]) -> None:
        self._standing = standing
        self._tokens = tokens
        self._clock = clock
        self._began, self._before = clock(), standing.done - standing.passed
        self._seen = deque([(self._began, tokens())])

    def words(self) -> dict[str, str]:
        """Its numbers as they are told: what is not known yet is left out."""
        standing, now = self._standing, self._clock()
        self._seen.append((now, self._tokens()))
        while len(self._seen) > 2 and self._seen[1][0] <= now - SPEED:
            self._seen.popleft()
        (since, before), (_, said) = self._seen[0], self._seen[-1]
        words = {"done": f"{standing.done} of {standing.total} done", "running": f"{standing.running} running"}
        if standing.failures:
            words["failed"] = f"{len(standing.failures)} failed"
        if now > since:
            words["speed"] = f"{(said - before) / (now - since):.0f} tokens/s"
        if (cost := standing.spent.cost_usd) is not None:
            words["cost"] = _dollars(cost)
            if cost and 0 < standing.done < standing.total:
                words["cost"] += f" of about {_dollars(cost / standing.done * standing.total)}"
        held = standing.done - standing.passed - self._before
        if standing.left and held > 0:
            words["left"] = f"{_time((now - self._began) / held * standing.left)} left"
        return words


async def _bar(standing: Standing, tokens: Callable[[], int]) -> None:
    from rich.console import Console

    from debate_server.commands.bar import Bar

    console = Console(stderr=True, highlight=False)
    if console.is_dumb_terminal:
        return await _lines(standing, tokens)
    pace = Pace(standing, tokens, time.monotonic)
    console.show_cursor(False)
    try:
        while True:
            console.print(Bar(pace.words(), standing.done, standing.total), end="")
            await asyncio.sleep(LOOK)
    finally:
        console.print(Bar({}), end="")
        console.show_cursor()


async def _lines(standing: Standing, tokens: Callable[[], int]) -> None:
    pace = Pace(standing, tokens, time.monotonic)
    before = ""
    while True:
        await asyncio.sleep(LINE)
        if (line := ", ".join(pace.words().values())) != before:
            with contextlib.suppress(BrokenPipeError):
                click.echo(line, err=True)
        before = line


def _dollars(amount: float) -> str:
    return "free" if not amount else f"${amount:.2f}" if amount >= 1 else f"${amount:.4f}"


def _time(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{seconds:.0f} s" if seconds < 100 else f"{minutes} min" if minutes < 100 else f"{minutes / 60:.1f} h"
