"""The log: events go in by ``append``, are made durable together, and come out by ``follow`` and nothing else.

Append makes the event's frame and returns. A flush, at most one every few milliseconds, commits what came from all
debates in one transaction and only then publishes it. ``follow`` is how anyone reads events, live and replayed
alike: what lies past a cursor, from memory or from disk, then the wait for more.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, Self, TypeVar

import structlog

from debate_server.core.errors import KeyReused, LogUnavailable, LogUnusable, StillRunning, UnknownCursor, UnknownDebate
from debate_server.core.events import (
    AgentEnd,
    AgentStart,
    DebateStart,
    Done,
    DoneReason,
    Event,
    Paused,
    Resumed,
    Token,
    Verdict,
)
from debate_server.core.measures import Measures
from debate_server.core.transcript import Status, Transcript, fold
from debate_server.log import failed
from debate_server.log import frames as fr
from debate_server.log.follow import Cursors, Place, committed, follow
from debate_server.log.naming import iso
from debate_server.log.pending import Pending
from debate_server.log.store import Key, Row, Store
from debate_server.log.tail import Batch, Bell, Tail

# Two commits are at least this far apart: long enough to gather the tokens of many debates, too short to be seen.
FLUSH_SECONDS: Final = 0.005
# What is in no segment after this long becomes one, so that a quiet debate does not keep old journal rows alive.
SEAL_SECONDS: Final = 30.0
HOUSEKEEPING_SECONDS: Final = 1.0
# Reading so much takes ten milliseconds or so.
LONG_BYTES: Final = 131_072
# The WAL is moved into the database once it is this large.
CHECKPOINT_BYTES: Final = 4 * 1024 * 1024

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
        self._pending = Pending()
        self._written = 0  # bytes since the last checkpoint
        self._count = 0
        # Why the last commit failed; None where it did not.
        self.trouble: str | None = None
        self._journal_id = 0
        self._journal_dropped = 0
        self._since: float | None = None  # when the oldest event that is not committed was appended
        self._flushing: asyncio.TimerHandle | None = None
        self._flushed_at = 0.0
        self._committed: asyncio.Future[None] | None = None
        self._checkpointing = False
        self._housekeeper: asyncio.Task[None] | None = None
        try:
            self._recover()
        except LogUnavailable as error:
            self._store.close()
            raise LogUnusable(error.message) from None

    async def __aenter__(self) -> Self:
        self._housekeeper = asyncio.create_task(self._keep_house(), name="log-housekeeping")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._housekeeper is not None:
            self._housekeeper.cancel()
            await asyncio.gather(self._housekeeper, return_exceptions=True)
        self.flush()
        self._store.close()

    def _recover(self) -> None:
        """Take up what a killed process left: the journal's leftovers become segments, unfinished debates tails."""
        self._count = self._store.last_n()
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

    def create(self, start: DebateStart, plan: bytes, key: Key | None = None) -> None:
        """Begin a debate with its first event, once and for all under ``key``; in a fork its parent's events 2 to
        ``parent_seq`` follow as they are. ``plan`` is kept beside it, for whoever takes the debate up after a restart.

        Raises UnknownDebate for a parent that is not there, LogUnavailable for one that cannot be read.
        """
        copied = list[bytes]()
        if start.parent is not None and start.parent_seq is not None and start.parent_seq > 1:
            batches = fr.until(self.committed(start.parent, 1), start.parent_seq)
            copied += [fr.renamed(batch, start.parent, start.debate) for batch in batches]
        if key is not None:
            self.claim(key, start.debate)
        self._count += 1
        row = Row(self._count, start.debate, iso(self._clock()), start.topic, start.format, plan)
        self._tails[row.id] = tail = Tail(row)
        self._pending.new.append(row)
        self.append(row.id, start)
        if copied:
            tail.copy(copied)
        for _, event in fr.events(copied, only=AgentEnd):
            self._note(tail, event)

    def claim(self, key: Key, made: str) -> None:
        """Remember what was made under a key, from the next commit on for good."""
        self._pending.claims[key.scope, key.name] = (key, made)

    def made_under(self, key: Key) -> str | None:
        """What was made under a key before; None for a new one. Raises KeyReused where that was something else."""
        claimed = self._pending.claims.get((key.scope, key.name))
        found = (claimed[0].asked, claimed[1]) if claimed else self._store.made_under(key)
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
        self._touch(tail)
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

    def forget(self, debate: str) -> None:
        """Delete a debate that is done, with the next commit. Raises UnknownDebate, StillRunning."""
        row = self.row(debate)
        if debate in self._tails:
            raise StillRunning(f"Debate {debate} is not over. Stop it first: POST /api/debates/{debate}/stop")
        self._pending.forgotten.append(row)
        self._schedule()

    def _change(self, row: Row, status: Status | None = None, reason: DoneReason | None = None) -> None:
        if status is not None:
            row.status, row.reason = status, reason
        self._pending.changed[row.n] = row

    def _touch(self, tail: Tail) -> None:
        """Have the next flush write this tail, and see to it that there is one."""
        self._pending.tails[tail.row.id] = tail
        if self._since is None:
            self._since = asyncio.get_running_loop().time()
            self._schedule()

    def _schedule(self) -> None:
        if self._flushing is None and not self._checkpointing:
            loop = asyncio.get_running_loop()
            self._flushing = loop.call_at(max(loop.time(), self._flushed_at + FLUSH_SECONDS), self.flush)

    async def commit(self) -> None:
        """Wait until all that was appended is durable. Raises LogUnavailable."""
        if self._pending:
            if self._committed is None:
                self._committed = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._committed)

    def flush(self) -> None:
        """Commit what is pending in one transaction, then publish it. It comes by itself; to wait for it, see
        ``commit``."""
        loop = asyncio.get_running_loop()
        if self._flushing is not None:
            self._flushing.cancel()
        self._flushing, self._flushed_at = None, loop.time()
        since, self._since = self._since, None
        pending, self._pending = self._pending, Pending()
        dirty = pending.tails
        committed, self._committed = self._committed or loop.create_future(), None
        try:
            self._journal_id += 1
            self._written += pending.write(self._store, self._clock(), self._journal_id)
        except LogUnavailable as error:
            self.trouble = error.message
            self._fail(dirty, error)
            committed.set_exception(error)
            committed.exception()  # who did not wait does not want to be told
            for tail in dirty.values():
                tail.ring()
            return
        self.trouble = None
        self.measures.commit.observe(loop.time() - self._flushed_at)
        for debate, tail in dirty.items():
            tail.publish()
            if tail.closed:
                del self._tails[debate]
        committed.set_result(None)
        for tail in dirty.values():
            tail.ring()
        if since is not None:
            self.measures.event_lag.observe(loop.time() - since)

    def _fail(self, dirty: dict[str, Tail], error: LogUnavailable) -> None:
        """Nothing of these tails was written: nobody has seen it, and housekeeping ends their debates later."""
        for debate, tail in dirty.items():
            tail.fail(error)
            if not tail.last:
                del self._tails[debate]  # its first event was among it: the debate never was

    async def _keep_house(self) -> None:
        """Once a second: end segments that wait too long, forget journal rows that stand in segments, and move a
        large WAL into the database."""
        loop = asyncio.get_running_loop()
        sealed_at = loop.time()
        while True:
            await asyncio.sleep(HOUSEKEEPING_SECONDS)
            if loop.time() - sealed_at >= SEAL_SECONDS:
                sealed_at = loop.time()
                self._seal()
            try:
                self.tidy()
                if self._written >= CHECKPOINT_BYTES:
                    await self._checkpoint()
            except LogUnavailable as error:
                logger.warning("log_housekeeping_failed", error=str(error))

    def _seal(self) -> None:
        """Have the next flush end every segment that is begun."""
        for tail in self._tails.values():
            if tail.journal is not None and tail.failed is None:
                tail.seal = True
                self._touch(tail)

    def tidy(self) -> None:
        """Forget the journal rows whose events stand in segments, and end debates that the log failed before. Raises
        LogUnavailable."""
        held = (tail.journal for tail in self._tails.values() if tail.journal is not None)
        keep = min(held, default=self._journal_id + 1)
        if keep > self._journal_dropped:
            with self._store.transaction():
                self._store.drop_journal(keep)
            self._journal_dropped = keep
        if self.trouble is not None:
            self._try_again()
        failed.end(list(self._tails.values()), self.transcript, self.append)

    def _try_again(self) -> None:
        """Write something, to see whether there is room again. Raises LogUnavailable."""
        self._journal_id += 1
        with self._store.transaction():
            self._store.add_journal(self._journal_id, self._clock(), b"")
        self.trouble = None

    async def _checkpoint(self) -> None:
        """Off the loop, on the writer's own connection, with flushes held until it is through."""
        self._checkpointing = True
        if self._flushing is not None:
            self._flushing.cancel()
            self._flushing = None
        self._written = 0
        work = asyncio.get_running_loop().run_in_executor(None, self._store.checkpoint)
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            await asyncio.wait([work])  # the connection is the thread's until it is through
            raise
        finally:
            self._checkpointing = False
            if self._pending:
                self.flush()

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
            raise UnknownDebate(f"There is no debate {debate[:40]!r}. GET /api/debates lists those there are.")
        return row

    def count(self) -> dict[str, int]:
        """How many committed debates there are in each state; those that are done by their reason."""
        return self._store.count()

    def has(self, debate: str) -> bool:
        """Whether there is such a debate."""
        return debate in self._tails or self._store.row(debate) is not None

    def list(self, limit: int, before: str | None = None, find: str = "") -> Sequence[Row]:
        """Committed debates, newest first; ``before`` names the debate after which to go on, ``find`` has words that
        all are in the topic. Raises UnknownDebate."""
        return self._store.rows(limit, self.row(before).n if before else None, find)

    def live(self) -> Sequence[Row]:
        """Debates that are not done, oldest first."""
        return [tail.row for tail in self._tails.values()]

    def silent_for(self, debate: str) -> float:
        """Seconds since a debate's last event, for one that was cut by a restart. Raises UnknownDebate."""
        return self._clock() - self._store.last_at(self.row(debate).n)

    def transcript(self, debate: str) -> Transcript:
        """The fold of all committed events. Raises UnknownDebate."""
        return fold(fr.events(self.committed(debate, 0)))

    async def derive(self, debate: str, make: Callable[[Iterator[tuple[int, Event]]], T]) -> T:
        """What ``make`` makes of all committed events; of many of them in a thread, so that nobody waits for it. Raises
        UnknownDebate, LogUnavailable and what ``make`` raises."""
        batches = list(self.committed(debate, 0))
        if sum(map(len, batches)) < LONG_BYTES:
            return make(fr.events(batches))
        return await asyncio.to_thread(lambda: make(fr.events(batches)))

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
