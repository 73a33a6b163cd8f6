"""Forks: where one debate is cut so that another begins with what was said up to there."""

from collections.abc import Callable, Iterable, Sequence
from itertools import takewhile

from debate_server.core.errors import NothingToRetry
from debate_server.core.events import AgentStart, DebateStart, Done, Error, Event
from debate_server.core.formats import Turn
from debate_server.core.transcript import Transcript, fold


def branch(
    turns: Sequence[Turn], begin: Callable[[int], DebateStart], events: Iterable[tuple[int, Event]]
) -> tuple[DebateStart, Transcript]:
    """A fork of a debate, by its ``(seq, event)``, at the first of its ``turns`` that failed, was cut or never came.

    Its first event, which ``begin`` makes of the last seq that it shares with its parent, and what is said already.

    Raises NothingToRetry.
    """
    said = list(events)
    turn = _first_to_retry(turns, fold(said))
    shared = list(takewhile(lambda numbered: not _ends(numbered[1], turn), said))
    start = begin(shared[-1][0])
    return start, fold([(1, start), *shared[1:]])


def _first_to_retry(turns: Sequence[Turn], transcript: Transcript) -> Turn:
    for turn in turns:
        if not transcript.is_whole(turn.number):
            return turn
    raise NothingToRetry(f"Every turn of debate {transcript.debate} was spoken whole: there is nothing to retry.")


def _ends(event: Event, turn: Turn) -> bool:
    """Whether what was said before that turn is over with this event: it begins, or the debate ended before it."""
    return isinstance(event, Error | Done) or (isinstance(event, AgentStart) and event.turn >= turn.number)
