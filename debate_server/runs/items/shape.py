"""An item: what one debate or several of a run are about."""

from dataclasses import dataclass

from debate_server.core.plan import AgentChange


@dataclass(frozen=True, slots=True)
class Item:
    """``id`` is its own in its file; ``line``: where it stands there, from 1. ``format`` and ``rounds``: its own, None
    for the run's; ``agents``: what it changes of the format's seats; ``answer``: the right one; ``choices``: the
    answers that there are."""

    id: str
    line: int
    topic: str
    format: str | None = None
    rounds: int | None = None
    agents: tuple[AgentChange, ...] = ()
    answer: str | None = None
    choices: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
