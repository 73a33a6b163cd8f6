"""``debate pause``, ``resume``, ``stop`` and ``say``: a hand on a debate that the server runs which holds the data."""

from pathlib import Path
from typing import Any

import click

from debate_server.commands.read import Archive
from debate_server.commands.server import asking, post
from debate_server.core.errors import DebateError, LogInUse
from debate_server.core.telling.export import ENDINGS
from debate_server.log.lock import Lock
from debate_server.log.rows import Row


class NothingRuns(DebateError):
    """No server holds the data."""

    code = "nothing_runs"


async def pause(folder: Path, debate: str) -> None:
    """Pause it; said once nobody speaks any more. Raises DebateError, as the others."""
    row = Archive(folder).row(debate)
    answer = await _ask(folder, row, "pause")
    if answer["status"] == "paused":
        _tell(f"Paused. To have it go on: debate resume {row.id}")
    else:
        _tell("It goes on: it was resumed before it could pause.")


async def resume(folder: Path, debate: str) -> None:
    """Have it go on."""
    await _ask(folder, Archive(folder).row(debate), "resume")
    _tell("It goes on, when there is a place for it.")


async def stop(folder: Path, debate: str, turn: int | None) -> None:
    """Stop it, or the speech of one turn alone."""
    answer = await _ask(folder, Archive(folder).row(debate), "stop", {} if turn is None else {"turn": turn})
    _tell(ENDINGS[answer["reason"]] if turn is None else f"Turn {turn} was stopped. The debate goes on.")


async def say(folder: Path, debate: str, text: str, to: str | None) -> None:
    """Say something to its agents, or to one of them."""
    await _ask(folder, Archive(folder).row(debate), "messages", {"content": text, "to": to})
    _tell(f"Said to {to}, who will have heard it at its next turn." if to else "Said to all who speak from here on.")


async def _ask(folder: Path, row: Row, what: str, fields: dict[str, Any] | None = None) -> dict[str, Any]:
    try:
        with Lock(folder):
            pass
    except LogInUse as holder:
        async with asking(holder) as session:
            return await post(session, f"/api/debates/{row.id}/{what}", fields)
    if row.status == "done":
        raise NothingRuns(f"Debate {row.id} is over. To go on from its end: debate fork {row.id}")
    left = "The next one takes it up again: debate serve"
    raise NothingRuns(f"Debate {row.id} does not run: no server holds the data in {folder}. {left}")


def _tell(text: str) -> None:
    click.echo(text, err=True)
