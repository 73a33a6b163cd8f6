"""How every debate ends, whatever ended it: no attempt stays open, then the error if there is one, then ``done``."""

from collections.abc import Callable
from typing import Final

from debate_server.core.chat import count
from debate_server.core.events import AgentEnd, AgentError, Done, DoneReason, Error, Event, Usage
from debate_server.core.transcript import Speech, Transcript

# The code and the message for an attempt that was underway when the server ended.
CUT: Final = ("interrupted", "The server was ended in the middle of this speech.")


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
        say(_cut_off(speech) if keep and speech.content else _voided(speech, cut))
    if error is not None:
        say(error)
    say(Done(reason, transcript.usage, message))


def _voided(speech: Speech, cut: tuple[str, str]) -> AgentError:
    return AgentError(speech.agent, speech.turn, speech.round, speech.attempt, *cut, retrying=False)


def _cut_off(speech: Speech) -> AgentEnd:
    usage = Usage(0, count(speech.content), None, estimated=True)
    return AgentEnd(speech.agent, speech.turn, speech.round, speech.content, "cut_off", usage, 0)
