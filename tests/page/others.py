"""A debate of which every word is somebody else's, as events: names, models, speeches, faults, ballots and the verdict.

``words`` are what everybody is called and says: the first agent has the first of them for its name and for its speech.
"""

from collections.abc import Iterable

from debate_server.core.events import (
    AgentEnd,
    AgentError,
    AgentStart,
    Ballot,
    DebateStart,
    Done,
    Error,
    Event,
    Message,
    Quote,
    Seat,
    Token,
    Usage,
    Verdict,
)
from debate_server.log.naming import new_id
from tests.conftest import Server

USED = Usage(1, 1)
# In how many pieces a speech comes live.
PIECES = 6


async def log(server: Server, debate: str, events: Iterable[Event]) -> int:
    """Append them all; the last one's seq."""
    seq = [server.house.log.append(debate, event) for event in events][-1]
    await server.house.log.commit()
    return seq


async def begin(server: Server, words: list[str]) -> str:
    """A debate with words for names of agents, models and the format; its id."""
    seats = tuple(Seat(name, ("for", "against", "chair")[at % 3], name) for at, name in enumerate(words))
    debate = new_id()
    server.house.log.create(DebateStart(debate, " ".join(words), words[0], 1, seats, warnings=tuple(words)), b"{}")
    await server.house.log.commit()
    return debate


def refused(words: list[str]) -> list[Event]:
    """Everyone's first attempt fails."""
    pairs = (
        (AgentStart(name, turn, 1, 1), AgentError(name, turn, 1, 1, "refused", name, retrying=True))
        for turn, name in enumerate(words, 1)
    )
    return [event for pair in pairs for event in pair]


def again(words: list[str]) -> list[Event]:
    """Everyone is asked once more."""
    return [AgentStart(name, turn, 1, 2) for turn, name in enumerate(words, 1)]


def piece(words: list[str], number: int) -> list[Event]:
    """All speak at once: this piece of each speech."""
    parts = [(name, len(name) * number // PIECES, len(name) * (number + 1) // PIECES) for name in words]
    said: list[Event] = [Token(name, turn, name[at:end]) for turn, (name, at, end) in enumerate(parts, 1)]
    return [*said, Message(f"piece-{number}", str(number), None)]


def over(words: list[str]) -> list[Event]:
    """Everyone has spoken, and somebody has answered."""
    pairs = (
        (AgentEnd(name, turn, 1, name, "stop", USED, 1), Message(f"m{turn}", name, name, turn))
        for turn, name in enumerate(words, 1)
    )
    return [event for pair in pairs for event in pair]


def decided(words: list[str], seq: int) -> list[Event]:
    """A verdict on ballots from this seq on, and an end with all that can be told of one."""
    text = " ".join(words)
    ballots = [Ballot(name, name, name, 1, (), name, None, name, (Quote(name, None),), USED) for name in words]
    counted = tuple(range(seq, seq + len(words)))
    verdict = Verdict(words[0], text, 0.5, dict(zip(words, words, strict=True)), counted, False, text)
    return [*ballots, verdict, Error("failed", text), Done("stopped", USED, text)]
