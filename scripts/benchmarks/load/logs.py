"""Logs that were written before a server is started on them."""

from pathlib import Path

from debate_server.core.events import AgentEnd, AgentStart, DebateStart, Done, Token, Usage
from debate_server.log.log import Log
from debate_server.log.naming import new_id

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
                log.flush()
    return debate


def _speak(log: Log, debate: str, turn: int, agent: str, tokens: int) -> None:
    words = [f"word{number} " for number in range(tokens)]
    log.append(debate, AgentStart(agent, turn, turn, 1))
    for word in words:
        log.append(debate, Token(agent, turn, word))
    log.append(debate, AgentEnd(agent, turn, turn, "".join(words), "stop", Usage(), 1))
