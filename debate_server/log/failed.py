"""What becomes of debates that the log failed: they end as soon as it can be written again."""

from collections.abc import Callable, Iterable

from debate_server.core.ending import close
from debate_server.core.errors import LogUnavailable
from debate_server.core.events import Error, Event
from debate_server.core.transcript import Transcript
from debate_server.log.rows import Row
from debate_server.log.tail import Tail


def end(tails: Iterable[Tail], transcript: Callable[[str], Transcript], append: Callable[[str, Event], object]) -> None:
    """End those of the debates that the log failed. ``transcript`` is what is committed of a debate."""
    for tail in tails:
        if (error := tail.failed) is not None:
            tail.failed = None
            said = transcript(tail.row.id)
            _recount(tail.row, said)
            _end(said, error, append)


def _recount(row: Row, said: Transcript) -> None:
    """What the failed commit would have added to the row's counts is not there."""
    spoken = [speech for speech in said.speeches.values() if speech.finish_reason is not None]
    row.speeches, row.words = len(spoken), sum(len(speech.content.split()) for speech in spoken)
    row.usage = said.usage


def _end(said: Transcript, error: LogUnavailable, append: Callable[[str, Event], object]) -> None:
    cause = (error.code, error.message)

    def say(event: Event) -> None:
        append(said.debate, event)
        said.apply(said.seq + 1, event)

    close(say, said, "failed", cut=cause, error=Error(*cause), keep=True)
