"""Forks: where one debate is cut so that another begins with what was said up to there."""

from collections.abc import Iterable, Iterator

from debate_server.core.errors import NothingToRetry
from debate_server.core.events import AgentStart, Done, Error, Event
from debate_server.core.formats import Turn
from debate_server.core.transcript import Transcript


def first_to_retry(turns: Iterable[Turn], transcript: Transcript) -> Turn:
    """The first turn that failed, was cut or never came. Raises NothingToRetry."""
    for turn in turns:
        if not transcript.is_whole(turn.number):
            return turn
    raise NothingToRetry(f"Every turn of debate {transcript.debate} was spoken whole: there is nothing to retry.")


def before(events: Iterable[tuple[int, Event]], turn: Turn) -> Iterator[tuple[int, Event]]:
    """The ``(seq, event)`` of a debate up to the start of that turn, or to what ended the debate before it."""
    for seq, event in events:
        if isinstance(event, Error | Done) or (isinstance(event, AgentStart) and event.turn >= turn.number):
            return
        yield seq, event
