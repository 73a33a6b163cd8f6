"""Forks: where one debate is cut so that another begins with what was said up to there."""

from collections.abc import Iterable, Sequence
from itertools import takewhile

from debate_server.core.errors import NothingToRetry
from debate_server.core.events import AgentStart, Done, Error, Event
from debate_server.core.formats import Turn
from debate_server.core.transcript import Transcript, fold

Numbered = tuple[int, Event]


def until_retry(turns: Sequence[Turn], events: Iterable[Numbered]) -> list[Numbered]:
    """The ``(seq, event)`` of a debate up to the first of its ``turns`` that failed, was cut or never came.

    Raises NothingToRetry.
    """
    said = list(events)
    turn = _first_to_retry(turns, fold(said))
    return list(takewhile(lambda numbered: not _ends(numbered[1], turn), said))


def _first_to_retry(turns: Sequence[Turn], transcript: Transcript) -> Turn:
    for turn in turns:
        if not transcript.is_whole(turn.number):
            return turn
    raise NothingToRetry(f"Every turn of debate {transcript.debate} was spoken whole: there is nothing to retry.")


def _ends(event: Event, turn: Turn) -> bool:
    """Whether what was said before that turn is over with this event: it begins, or the debate ended before it."""
    return isinstance(event, Error | Done) or (isinstance(event, AgentStart) and event.turn >= turn.number)
