"""The log: events go in by ``append``, are made durable together, and come out by ``follow`` and nothing else.

Append makes the event's frame and returns; the writer commits it with those of all debates, and only then publishes
it. ``follow`` is how anyone reads events, live and replayed alike: what lies past a cursor, from memory or from disk,
then the wait for more.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, Self, TypeVar

import structlog

from debate_server.core.errors import (
    KeyReused,
    LogUnavailable,
    LogUnusable,
    StillRunning,
    UnknownCursor,
    UnknownDebate,
    UnknownRun,
)
from debate_server.core.events import (
    AgentEnd,
    AgentError,
    AgentStart,
    Ballot,
    DebateStart,
    Done,
    DoneReason,
    Event,
    Paused,
    Resumed,
    Token,
    Usage,
    Verdict,
)
from debate_server.core.measures import Measures
from debate_server.core.transcript import Status, Transcript, fold
from debate_server.log import failed
from debate_server.log import frames as fr
from debate_server.log.follow import Cursors, Place, committed, follow
from debate_server.log.naming import iso
from debate_server.log.rows import Key, Member, Row, RunRow
from debate_server.log.store import Store
from debate_server.log.tail import Batch, Bell, Tail
from debate_server.log.writer import Writer

# Reading so much takes ten milliseconds or so.
LONG_BYTES: Final = 131_072

T = TypeVar("T")

logger = structlog.get_logger(__name__)


class Log:
    """An open log, bound to the running event loop. Use as an async context manager.

    Raises LogUnusable where the folder's database cannot be used.
    """

    def __init__(self, folder: Path, *, sync: str = "normal", clock: Callable[[], float] = time.time) -> None:
        self._store = Store(folder, sync=sync)
        self.measures = Measures()
        self._clock = clock
        self._tails: dict[str, Tail] = {}
        self.writer = Writer(self._store, self._tails, self.measures, clock=clock, end_failed=self._end_failed)
        self._count = self._runs = 0
        self._housekeeper: asyncio.Task[None] | None = None
        try:
            self._recover()
        except LogUnavailable as error:
            self._store.close()
            raise LogUnusable(error.message) from None

    async def __aenter__(self) -> Self:
        self._housekeeper = asyncio.create_task(self.writer.keep_house(), name="log-housekeeping")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._housekeeper is not None:
            self._housekeeper.cancel()
            await asyncio.gather(self._housekeeper, return_exceptions=True)
        await self.writer.close()
        self._store.close()

    def _recover(self) -> None:
        """Take up what a killed process left: the journal's leftovers become segments, unfinished debates tails."""
        self._count, self._runs = self._store.last_n(), self._store.last_n("run")
        leftover = self._store.leftover()
        with self._store.transaction():
            for debate, left in leftover.items():
                row = self._store.row(debate)
                assert row is not None, "a debate's row is committed with its first frame"
                self._store.add_segment(row.n, left.last, left.at, b"".join(left.frames))
            self._store.clear_journal()
        for row in self._store.unfinished():
            self._tails[row.id] = Tail(row, last=self._store.last_segment(row.n))

    # Writing

    def create(
        self,
        start: DebateStart,
        plan: bytes,
        key: Key | None = None,
        *,
        turn: int | None = None,
        of: Member | None = None,
    ) -> None:
        """Begin a debate with its first event, once and for all under ``key``; in a fork its parent's events 2 to
        ``parent_seq`` follow as they are, and ``turn`` is the first one that is its own. ``of``: the run that it is
        one of. ``plan`` is kept beside it, for whoever takes the debate up after a restart.

        Raises UnknownDebate for a parent that is not there, LogUnavailable for one that cannot be read.
        """
        copied = list[bytes]()
        if start.parent is not None and start.parent_seq is not None and start.parent_seq > 1:
            batches = fr.until(self.committed(start.parent, 1), start.parent_seq)
            copied += [fr.renamed(batch, start.parent, start.debate) for batch in batches]
        if key is not None:
            self.claim(key, start.debate)
        self._count += 1
        row = Row(
            self._count, start.debate, iso(self._clock()), start.topic, start.format, parent=start.parent, turn=turn,
            plan=plan,
        )  # fmt: skip
        if of is not None:
            row.run, row.name, row.entry, row.counted = of.run, of.name, of.entry, of.counted
        self._tails[row.id] = tail = Tail(row)
        self.writer.pending.new.append(row)
        self.append(row.id, start)
        if copied:
            tail.copy(copied)
        for _, event in fr.events(copied, only=AgentEnd):
            self._note(tail, event)

    def open_run(self, run: str, asked: bytes, key: Key) -> None:
        """Write a run down under a key, from the next commit on for good."""
        self._runs += 1
        self.claim(key, run)
        self._put(RunRow(self._runs, run, iso(self._clock()), asked))

    def ask_anew(self, run: RunRow, asked: bytes) -> None:
        """Write down that something else is asked of a run than before, with the next commit."""
        self._put(replace(run, asked=asked))

    def _put(self, run: RunRow) -> None:
        self.writer.pending.runs[run.id] = run
        self.writer.schedule()

    def claim(self, key: Key, made: str) -> None:
        """Remember what was made under a key, from the next commit on for good."""
        self.writer.pending.claims[key.scope, key.name] = (key, made)

    def made_under(self, key: Key) -> str | None:
        """What was made under a key before; None for a new one. Raises KeyReused where that was something else."""
        found = self.writer.claimed(key.scope, key.name) or self._store.made_under(key)
        if found is None:
            return None
        asked, made = found
        if asked != key.asked:
            raise KeyReused(f"The key {key.name!r} was used for something else. Take a new key for a new request.")
        return made

    def append(self, debate: str, event: Event) -> int:
        """Give an event the debate's next seq; the seq. It is durable, and visible, after the next ``commit``.

        Raises UnknownDebate for a debate that is not live (nothing follows ``done``), LogUnavailable.
        """
        tail = self._tails.get(debate)
        if tail is not None and tail.failed is not None:
            raise tail.failed
        if tail is None or tail.closed:
            raise UnknownDebate(f"There is no live debate {debate}.")
        seq = tail.add(event, "" if event.brief else iso(self._clock()))
        if not isinstance(event, Token):  # of which there are many, and which change nothing but the tail
            self._note(tail, event)
            self._spend(tail.row, event)
        self.writer.touch(tail)
        return seq

    def _note(self, tail: Tail, event: Event) -> None:
        """What an event changes of how its debate is listed and kept."""
        match event:
            case AgentStart() if tail.row.status != "running":
                self._change(tail.row, "running")
            case Paused():
                self._change(tail.row, "paused")
            case Resumed():
                self._change(tail.row, "running")
            case AgentEnd():
                tail.row.speeches += 1
                tail.row.words += len(event.content.split())
                self._change(tail.row)
                tail.seal = True
            case Verdict():
                tail.row.verdict = event.summary
                self._change(tail.row)
            case Done(reason):
                self._change(tail.row, "done", reason)
                tail.seal = tail.closed = True

    def _spend(self, row: Row, event: Event) -> None:
        """What an event says that its debate has cost by now."""
        match event:
            case AgentEnd(usage=spent) | Ballot(usage=spent) | AgentError(usage=Usage() as spent):
                row.usage += spent
                self._change(row)
            case Done(usage=spent):
                row.usage = spent

    def forget(self, debate: str) -> None:
        """Delete a debate that is done, with the next commit. Raises UnknownDebate, StillRunning."""
        row = self.row(debate)
        if debate in self._tails:
            raise StillRunning(f"Debate {debate} is not over. Stop it first: POST /api/debates/{debate}/stop")
        self.writer.pending.forgotten.append(row)
        self.writer.schedule()

    def _change(self, row: Row, status: Status | None = None, reason: DoneReason | None = None) -> None:
        if status is not None:
            row.status, row.reason = status, reason
        self.writer.pending.changed[row.n] = row

    async def commit(self) -> None:
        """Wait until all that was appended is durable. Raises LogUnavailable."""
        await self.writer.commit()

    @property
    def trouble(self) -> str | None:
        """Why the log cannot be written; None where it can."""
        return self.writer.trouble

    def _end_failed(self) -> None:
        failed.end(list(self._tails.values()), self.transcript, self.append)

    # Reading

    def position(self, debate: str) -> tuple[int, bool]:
        """``(last, closed)``: the last committed seq, and whether nothing follows it. Raises UnknownDebate."""
        tail = self._tails.get(debate)
        if tail is not None:
            return tail.last, tail.over
        return self._store.last_segment(self.row(debate).n), True

    def row(self, debate: str) -> Row:
        """Raises UnknownDebate."""
        tail = self._tails.get(debate)
        row = tail.row if tail is not None else self._store.row(debate)
        if row is None:
            raise UnknownDebate(f"There is no debate {debate[:40]!r}. `debate list` or GET /api/debates lists them.")
        return row

    def count(self) -> dict[str, int]:
        """How many committed debates there are in each state; those that are done by their reason."""
        return self._store.count()

    def has(self, debate: str) -> bool:
        """Whether there is such a debate."""
        return debate in self._tails or self._store.row(debate) is not None

    def list(
        self,
        limit: int,
        before: str | None = None,
        find: str = "",
        run: str | None = None,
        state: str | None = None,
    ) -> Sequence[Row]:
        """Committed debates, newest first; ``before`` names the debate after which to go on, ``find`` has words that
        all are in the topic, ``run`` is the run that they are of (empty: none), ``state`` the one that they are in
        (their reason, once they are done). Raises UnknownDebate."""
        return self._store.rows(limit, self.row(before).n if before else None, find, run, state)

    def runs(self, limit: int, before: str | None = None) -> Sequence[RunRow]:
        """Committed runs, newest first; ``before`` names the one after which to go on. Raises UnknownRun."""
        return self._store.runs(limit, self.run(before).n if before else None)

    def run(self, run: str) -> RunRow:
        """Raises UnknownRun."""
        found = self.writer.run(run) or self._store.run(run)
        if found is None:
            raise UnknownRun(f"There is no run {run[:40]!r}. `debate runs` or GET /api/runs lists them.")
        return found

    def tally(self, run: str) -> Iterator[tuple[str, int, Usage]]:
        """By state (their reason, once they are done), how many of a run's debates are committed, each by its last
        attempt, and what all of it has cost, with what is not counted."""
        return self._store.tally(run)

    def held(self, run: str) -> Iterator[tuple[str, str, str, Usage]]:
        """Of each committed debate of a run, oldest first: its name there, its id, its state (its reason, once it is
        done), and what it has cost."""
        return self._store.held(run)

    def forks(self, debate: str) -> Sequence[Row]:
        """Those of a debate's committed forks that there still are, oldest first."""
        return self._store.forks(debate)

    def live(self) -> Sequence[Row]:
        """Debates that are not done, oldest first."""
        return [tail.row for tail in self._tails.values()]

    def silent_for(self, debate: str) -> float:
        """Seconds since a debate's last event, for one that was cut by a restart. Raises UnknownDebate."""
        return self._clock() - self._store.last_at(self.row(debate).n)

    def transcript(self, debate: str) -> Transcript:
        """The fold of all committed events. Raises UnknownDebate."""
        return fold(fr.events(self.committed(debate, 0)))

    async def derive(self, debate: str, make: Callable[[Iterator[tuple[int, Event]]], T], *, tokens: bool = True) -> T:
        """What ``make`` makes of all committed events, or of all but the ``tokens``; of many of them in a thread, so
        that nobody waits for it. Raises UnknownDebate, LogUnavailable and what ``make`` raises."""
        batches = list(self.committed(debate, 0))
        events = fr.events(batches, tokens=tokens)
        if sum(map(len, batches)) < LONG_BYTES:
            return make(events)
        return await asyncio.to_thread(make, events)

    def cursors(self, after: Mapping[str, int], ring: Bell) -> Cursors:
        """Cursors at these places (debate → the last seq a viewer has). Raises UnknownDebate, and UnknownCursor where
        one is ahead of the log. Where the log fails underway, a batch says so."""
        return Cursors(self._store, self._places(after), ring)

    def follow(self, after: Mapping[str, int]) -> AsyncGenerator[Batch, None]:
        """The events past these places in batches, as they are committed, up to and with the last one of every
        debate. Raises as ``cursors``, at once."""
        return follow(self._store, self._places(after))

    def committed(self, debate: str, after: int) -> Iterator[bytes]:
        """All frames past a cursor that are committed by now, in batches. Raises UnknownDebate, UnknownCursor."""
        return committed(self._store, self._place(debate, after))

    def check(self, debate: str, seq: int) -> None:
        """Whether a viewer can be there. Raises UnknownDebate, and UnknownCursor where it is ahead of the log."""
        last, _ = self.position(debate)
        if not 0 <= seq <= last:
            raise UnknownCursor(f"Debate {debate} has events 1 to {last}; there is no cursor {seq}.")

    def _places(self, after: Mapping[str, int]) -> Sequence[Place]:
        return [self._place(debate, seq) for debate, seq in after.items()]

    def _place(self, debate: str, seq: int) -> Place:
        self.check(debate, seq)
        return Place(self.row(debate), self._tails.get(debate), seq)
