"""An event costs what it costs, however much is in the log: counted in SQL statements, in the steps that these take in
SQLite, and in pages that are written."""

import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

import pytest

from debate_server.core.events import AgentEnd, AgentStart, DebateStart, Done, Event, Token, Usage
from debate_server.log.log import Log
from debate_server.log.naming import new_id
from debate_server.log.store import FILE

# A page in the WAL has a head of its own.
PAGE_BYTES: Final = 4096 + 24
# A debate of so many events and so many forks of it are a million.
EVENTS: Final = 31_250
FORKS: Final = 31
TOKENS: Final = 100


@dataclass(frozen=True)
class Cost:
    """``statements`` of SQL, the ``steps`` that SQLite took in their loops, and written ``pages``."""

    statements: int
    steps: int
    pages: int


@pytest.fixture
async def log() -> AsyncIterator[Log]:
    """In a folder that does not stay: a million events are 100 MB. Nobody keeps house, which comes by the clock, and
    after which the WAL is written anew from its beginning and tells nothing by its size."""
    with tempfile.TemporaryDirectory() as folder:
        async with Log(Path(folder)) as opened:
            assert opened._housekeeper is not None
            opened._housekeeper.cancel()
            yield opened


def begin(log: Log, parent: str | None = None) -> str:
    debate = new_id()
    log.create(DebateStart(debate, "Topic", "classic", 1, (), parent, EVENTS if parent else None), b"{}")
    log.writer.flush()
    return debate


def spent(log: Log, debate: str) -> list[Cost]:
    """What a debate's last turn costs the log, event by event, then what it costs to come back at its last words.
    Nothing is awaited, so nobody else spends anything meanwhile."""
    wal, counts, costs = log._store.path.with_name(f"{FILE}-wal"), Counter[str](), list[Cost]()
    trace(log, lambda what: counts.update([what]))

    def cost(do: Callable[[], object]) -> None:
        counts.clear()
        before = wal.stat().st_size
        do()
        costs.append(Cost(counts["statement"], counts["step"], (wal.stat().st_size - before) // PAGE_BYTES))

    def say(event: Event) -> None:
        log.append(debate, event)
        log.writer._slow = False  # whatever the machine was busy with: in a thread it would be written later
        log.writer.flush()

    words = [Token("Optimist", 1, "word ")] * TOKENS
    end = AgentEnd("Optimist", 1, 1, "word " * TOKENS, "stop", Usage(), 1)
    for event in (AgentStart("Optimist", 1, 1, 1), *words, end, Done("completed", Usage())):
        cost(lambda event=event: say(event))  # type: ignore[misc]
    last, _ = log.position(debate)
    cost(lambda: next(log.committed(debate, last - 3)))
    trace(log, None)  # it writes every blob out, which would take seconds for a million events
    return costs


def trace(log: Log, told: Callable[[str], None] | None) -> None:
    """Have every statement and every step told, or no more."""
    for connection in (log._store._write, log._store._read):
        connection.set_trace_callback(told and (lambda _: told("statement")))
        connection.set_progress_handler(told and (lambda: told("step")), 1)


async def test_after_a_million_events_one_costs_what_the_first_did(log: Log) -> None:
    first = spent(log, begin(log))
    long = begin(log)
    for _ in range(EVENTS - 1):
        log.append(long, Token("Optimist", 1, "word "))
    await log.commit()
    for _ in range(FORKS):
        fork = begin(log, long)
        await log.commit()
    assert log.position(fork) == (EVENTS, False)
    last = spent(log, fork)

    assert [cost.statements for cost in last] == [cost.statements for cost in first]
    assert [cost.steps for cost in last] == [cost.steps for cost in first]
    tokens = slice(1, TOKENS + 1)
    assert median(cost.pages for cost in last[tokens]) == median(cost.pages for cost in first[tokens]) == 1
    # Now and then a page is full and another is begun, here at other events than there.
    assert sum(cost.pages for cost in last) <= 1.1 * sum(cost.pages for cost in first)
