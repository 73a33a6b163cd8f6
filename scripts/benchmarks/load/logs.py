"""Logs: written before a server is started on them, and looked through once it has ended."""

import re
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from debate_server.core.events import AgentEnd, AgentStart, DebateStart, Done, Event, Token, Usage
from debate_server.log import frames as fr
from debate_server.log.log import Log
from debate_server.log.naming import new_id
from debate_server.log.store import Store

PLAN = b'{"topic":"","rounds":1,"detached":true,"format":{}}'
AGENTS = ("Optimist", "Skeptic", "Moderator")


async def write(folder: Path, *, debates: int, tokens: int) -> str:
    """Finished debates of three speeches of so many tokens; the last one's id."""
    debate = ""
    async with Log(folder) as log:
        for number in range(debates):
            debate = new_id()
            log.create(DebateStart(debate, f"Should cities ban cars? ({number})", "classic", 1, ()), PLAN)
            for turn, agent in enumerate(AGENTS, 1):
                _speak(log, debate, turn, agent, tokens)
            log.append(debate, Done("completed", Usage()))
            if number % 100 == 0:
                log.writer.flush()
    return debate


def _speak(log: Log, debate: str, turn: int, agent: str, tokens: int) -> None:
    words = [f"word{number} " for number in range(tokens)]
    log.append(debate, AgentStart(agent, turn, turn, 1))
    for word in words:
        log.append(debate, Token(agent, turn, word))
    log.append(debate, AgentEnd(agent, turn, turn, "".join(words), "stop", Usage(), 1))


@dataclass(frozen=True, slots=True)
class Kept:
    """What a log has of what the load's upstream said: speeches that came to their end, and how many of those are not
    all that was sent, in the order in which it was; and debates of which an event is missing or stands twice."""

    speeches: int
    torn_speeches: int
    torn_debates: int


def look_through(folder: Path) -> Kept:
    """What is kept of speeches that the load's upstream spoke; no server may have the log open for writing."""
    with closing(Store(folder, read_only=True)) as store:
        debates = [list(fr.events(store.frames(row.id))) for row in store.rows(limit=1_000_000)]
    whole = [is_whole for events in debates for is_whole in _speeches(event for _, event in events)]
    torn = [events for events in debates if [seq for seq, _ in events] != list(range(1, len(events) + 1))]
    return Kept(len(whole), whole.count(False), len(torn))


def _speeches(events: Iterable[Event]) -> Iterator[bool]:
    """Whether each speech is whole: its tokens are its content, and as many stamps as the upstream says it sent, each
    later than the one before."""
    said = ""
    for event in events:
        match event:
            case AgentStart():
                said = ""
            case Token():
                said += event.content
            case AgentEnd() if event.finish_reason != "stopped":  # somebody stopped it; the upstream did not count
                stamps = re.findall(r"@(\d+) ", said)
                in_order = stamps == sorted(set(stamps))
                yield said == event.content and in_order and len(stamps) == event.usage.output
