"""How every debate ends, whatever ended it: no attempt stays open, then the error if there is one, then ``done``."""

from collections.abc import Callable
from typing import Final

from debate_server.core.chat import count
from debate_server.core.events import AgentEnd, AgentError, Done, DoneReason, Error, Event, Usage
from debate_server.core.transcript import Speech, Transcript

# The code and the message for an attempt that was underway when the server ended.
CUT: Final = ("interrupted", "The server was ended in the middle of this speech.")


# Why a debate is over that nobody had go on.
PAUSED_TOO_LONG: Final = "It was paused for too long (--max-pause)."


def close(
    say: Callable[[Event], object],
    transcript: Transcript,
    reason: DoneReason,
    *,
    cut: tuple[str, str] = CUT,
    error: Error | None = None,
    message: str | None = None,
    keep: bool = False,
) -> None:
    """End a debate by what is said. ``cut`` is the code and the message for an attempt that was underway. ``keep``: one
    that has words ends as a speech that was cut off."""
    for speech in transcript.open:
        say(
            _cut_off(transcript, speech) if keep and speech.content else voided(transcript, speech, cut, retrying=False)
        )
    if error is not None:
        say(error)
    say(Done(reason, transcript.usage, message))


def voided(transcript: Transcript, speech: Speech, cut: tuple[str, str], *, retrying: bool) -> AgentError:
    """The end of an attempt that was underway, whose words are void."""
    return AgentError(
        speech.agent, speech.turn, speech.round, speech.attempt, *cut, retrying, speech.group,
        _spent(transcript, speech) if speech.content else None,
    )  # fmt: skip


def _cut_off(transcript: Transcript, speech: Speech) -> AgentEnd:
    usage = _spent(transcript, speech)
    return AgentEnd(speech.agent, speech.turn, speech.round, speech.content, "cut_off", usage, 0, speech.group)


def _spent(transcript: Transcript, speech: Speech) -> Usage:
    """What its words cost; what was read for them nobody knows any more."""
    price = next((seat.price for seat in transcript.agents if seat.name == speech.agent), None)
    said = count(speech.content)
    return Usage(0, said, price.cost(0, said) if price is not None else None, estimated=True)
