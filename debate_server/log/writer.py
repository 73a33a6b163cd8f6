"""The writer: makes durable what was appended, of all debates together, and only then publishes it.

A flush, at most one every few milliseconds, is one transaction. It is made on the event loop, which costs less than
to wait for a thread; on a disk that takes its time it is made in a thread, so that only those wait who wait for it.
While a thread has the connection, flushes are held: there is one writer.
"""

import asyncio
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

import structlog

from debate_server.core.errors import LogUnavailable
from debate_server.core.measures import Measures
from debate_server.log.pending import Claims, Commit, Pending
from debate_server.log.rows import RunRow
from debate_server.log.store import Store
from debate_server.log.tail import Tail

# Two commits are at least this far apart: long enough to gather the tokens of many debates, too short to be seen.
FLUSH_SECONDS: Final = 0.005
# A commit that takes longer is too long to be waited for by everybody else.
SLOW_SECONDS: Final = 0.02
# What is in no segment after this long becomes one, so that a quiet debate does not keep old journal rows alive.
SEAL_SECONDS: Final = 30.0
HOUSEKEEPING_SECONDS: Final = 1.0
# The WAL is moved into the database after so many bytes of frames, which are a few times as many bytes of pages: so
# little takes some milliseconds, for which flushes are held.
CHECKPOINT_BYTES: Final = 512 * 1024

logger = structlog.get_logger(__name__)


class Writer:
    """Writes what is ``pending``. ``tails`` are those of all live debates; who is done leaves them. ``trouble`` says
    why the last commit failed (None: it did not); ``end_failed`` ends the debates that this cost, once there is none.

    At any time a flush is due (``_timer``), or the connection is lent to a thread for a commit (``_lent``) or a
    checkpoint (``_checkpointing``), or nothing is pending. While it is lent, what comes is pending until it is back.
    """

    def __init__(
        self,
        store: Store,
        tails: dict[str, Tail],
        measures: Measures,
        *,
        clock: Callable[[], float],
        end_failed: Callable[[], None],
    ) -> None:
        self.pending = Pending()
        self.trouble: str | None = None
        self._store = store
        self._tails = tails
        self._measures = measures
        self._clock = clock
        self._end_failed = end_failed
        # Not the loop's own threads, which may all be waiting for somebody's name server.
        self._thread = ThreadPoolExecutor(1, "log")
        self._written = 0  # bytes since the last checkpoint
        self._journal = 0  # the id of the last row
        self._dropped = 0  # all rows before that id are
        self._since: float | None = None  # when the oldest event that is not committed was appended
        self._timer: asyncio.TimerHandle | None = None
        self._flushed_at = 0.0
        self._slow = False
        self._claimed: Claims = {}  # by the commit that is underway
        self._runs: dict[str, RunRow] = {}  # of it
        # Done with the commit underway, and with the one after it.
        self._underway: asyncio.Future[None] | None = None
        self._committed: asyncio.Future[None] | None = None
        # Done when a thread gives the connection back that writes a commit; no commit begins for a checkpoint.
        self._lent: asyncio.Future[int] | None = None
        self._checkpointing = False

    def claimed(self, scope: str, name: str) -> tuple[str, str] | None:
        """What was asked and made under a key that is not committed yet."""
        found = self.pending.claims.get((scope, name)) or self._claimed.get((scope, name))
        return (found[0].asked, found[1]) if found is not None else None

    def run(self, run: str) -> RunRow | None:
        """A run that is not committed yet, or as it was changed since."""
        return self.pending.runs.get(run) or self._runs.get(run)

    def touch(self, tail: Tail) -> None:
        """Have the next flush write this tail, and see to it that there is one."""
        self.pending.tails[tail.row.id] = tail
        if self._since is None:
            self._since = asyncio.get_running_loop().time()
            self.schedule()

    def schedule(self) -> None:
        """See to it that what is pending will be flushed."""
        if self._timer is None and not self._is_held:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_at(max(loop.time(), self._flushed_at + FLUSH_SECONDS), self.flush)

    async def commit(self) -> None:
        """Wait until all that was appended is durable. Raises LogUnavailable."""
        if self.pending:
            if self._committed is None:
                self._committed = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._committed)
        elif self._underway is not None:
            await asyncio.shield(self._underway)

    def flush(self) -> None:
        """Commit what is pending now, or once the connection is here again; then publish it. It comes by itself."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._is_held:
            return
        loop = asyncio.get_running_loop()
        self._flushed_at = loop.time()
        since, self._since = self._since, None
        self._underway, self._committed = self._committed or loop.create_future(), None
        self._journal += 1
        commit, self.pending = self.pending.freeze(self._clock(), self._journal), Pending()
        self._claimed, self._runs = commit.claims, {run.id: run for run in commit.runs}
        settle = partial(self._settle, commit, since)
        if self._slow or self.trouble is not None:
            self._lent = writing = loop.run_in_executor(self._thread, commit.write, self._store)
            writing.add_done_callback(lambda _: settle(writing.result))
        else:
            settle(partial(commit.write, self._store))

    @property
    def _is_held(self) -> bool:
        return self._lent is not None or self._checkpointing

    def _settle(self, commit: Commit, since: float | None, write: Callable[[], int]) -> None:
        """Publish a commit once it is written, or let its debates fail."""
        done, loop = self._underway, asyncio.get_running_loop()
        assert done is not None
        self._lent, self._underway, self._claimed, self._runs = None, None, {}, {}
        try:
            self._written += write()
            told = self._publish(commit)
            done.set_result(None)
        except LogUnavailable as error:
            told = self._fail(commit, done, error)
        except Exception:  # a bug of ours; the debates have to end all the same
            logger.exception("commit_failed")
            told = self._fail(commit, done, LogUnavailable("The log cannot be written: its own log has the details."))
        took = loop.time() - self._flushed_at
        self._slow = took > SLOW_SECONDS
        self._measures.commit.observe(took)
        if self.pending:
            self.schedule()
        for tail in told:
            tail.ring()
        if since is not None:
            self._measures.event_lag.observe(loop.time() - since)

    def _publish(self, commit: Commit) -> Collection[Tail]:
        self.trouble = None
        self._dropped = max(self._dropped, commit.drop)
        for tail, frames, seals in commit.parts:
            tail.publish(frames, seals=seals)
            if tail.over:
                self._tails.pop(tail.row.id, None)
        return [part.tail for part in commit.parts]

    def _fail(self, commit: Commit, done: asyncio.Future[None], error: LogUnavailable) -> Collection[Tail]:
        """Nothing of it was written, nor will be what is pending after it, starts and all: nobody has seen any of that.
        Its debates end once they can."""
        self.trouble = error.message
        lost = {part.tail.row.id: part.tail for part in commit.parts} | self.pending.tails
        self.pending, self._since = Pending(), None
        for debate, tail in lost.items():
            tail.fail(error)
            if not tail.last:
                self._tails.pop(debate, None)  # its first event was among it: the debate never was
        for waiting in (done, self._committed):
            if waiting is not None:
                waiting.set_exception(error)
                waiting.exception()  # who did not wait does not want to be told
        self._committed = None
        return lost.values()

    async def close(self) -> None:
        """Write down what is left."""
        while self.pending or self._lent is not None:
            self.flush()
            if self._lent is not None:
                await asyncio.wait([self._lent])
        self._thread.shutdown()

    async def keep_house(self) -> None:
        """Once a second, for ever: see to all that is not urgent."""
        loop = asyncio.get_running_loop()
        sealed_at = loop.time()
        while True:
            await asyncio.sleep(HOUSEKEEPING_SECONDS)
            try:
                if loop.time() - sealed_at >= SEAL_SECONDS:
                    sealed_at = loop.time()
                    self.seal()
                self.tidy()
                if self._written >= CHECKPOINT_BYTES:
                    await self.checkpoint()
            except LogUnavailable as error:
                logger.warning("log_housekeeping_failed", error=error.message)
            except Exception:  # a bug of ours; the house is to be kept all the same
                logger.exception("log_housekeeping_failed")

    def seal(self) -> None:
        """Have the next flush end every segment that is begun. The end of a debate does it by itself."""
        for tail in self._tails.values():
            if tail.journal is not None and tail.failed is None and not tail.closed:
                tail.seal = True
                self.touch(tail)

    def tidy(self) -> None:
        """Have the next flush drop the journal rows whose events stand in segments, and write something where the last
        one could not; where it could again, end the debates that were lost meanwhile. Raises LogUnavailable."""
        held = (tail.journal for tail in self._tails.values() if tail.journal is not None)
        keep = min(held, default=self._journal + 1)
        if keep > self._dropped:
            self.pending.drop = keep
        self.pending.probe = self.trouble is not None
        if self.pending:
            self.schedule()
        if self.trouble is None:
            self._end_failed()

    async def checkpoint(self) -> None:
        """Move the WAL into the database, in a thread. Raises LogUnavailable."""
        self._checkpointing = True
        try:
            if self._lent is not None:
                await asyncio.wait([self._lent])
            self._written = 0
            work = asyncio.get_running_loop().run_in_executor(self._thread, self._store.checkpoint)
            try:
                await asyncio.shield(work)
            except asyncio.CancelledError:
                await asyncio.wait([work])  # the connection is the thread's until it is through
                raise
        finally:
            self._checkpointing = False
            if self.pending:
                self.flush()
