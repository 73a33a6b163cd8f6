"""One viewer: cursors into the log at one end, a connection at the other.

Its own task takes what lies past the cursors in one slice and writes it in one write, to the end, in every framing.
To a viewer that has all before, the log's flush writes what is new right there, without waking that task: one chunk,
which is made once for all of them.
"""

import asyncio
from dataclasses import replace
from typing import Final

import structlog
from aiohttp import HttpVersion11, web

from debate_server.core.events import dump
from debate_server.log.log import Log
from debate_server.log.tail import Batch
from debate_server.web.framing import Framing

# How much is written for one viewer before all others have their turn; replaying a long debate is many such slices.
SLICE_BYTES: Final = 65_536
# What is this large is not written to a whole crowd at once. A batch of that size is not copied for each viewer either,
# but written as it is, with the chunk's head before and its end after it: those of a live debate share the batch, and
# thousands that do not read would each keep a copy. For a smaller one the copy costs less than two more writes.
LARGE_BYTES: Final = 16_384

logger = structlog.get_logger(__name__)


class Viewer:
    """Writes what lies past its cursors into a response that is prepared, and a heartbeat in silence.

    ``heartbeat`` and ``deadline`` are seconds: a viewer that does not read for so long is dropped.
    """

    __slots__ = (
        "_behind", "_chunked", "_cursors", "_deadline", "_framing", "_heartbeat", "_loop", "_measures", "_parked",
        "_prelude", "_request", "_since", "_timer", "_transport", "_turns",
    )  # fmt: skip

    def __init__(
        self, request: web.Request, framing: Framing, log: Log, after: dict[str, int], *, heartbeat: float,
        deadline: float, turns: asyncio.Semaphore,
    ) -> None:  # fmt: skip
        """``turns`` are those of all viewers at being written what is large.

        Raises as ``Log.cursors``, and ConnectionResetError where the viewer has left already.
        """
        if request.transport is None:
            raise ConnectionResetError("The viewer left.")
        self._request, self._framing = request, framing
        self._prelude = framing.prelude
        self._heartbeat, self._deadline, self._turns = heartbeat, deadline, turns
        self._behind = True  # whether there may be much to write
        self._chunked = request.version >= HttpVersion11
        self._transport = request.transport
        self._transport.set_write_buffer_limits(high=0)  # so that draining means all of it
        self._loop = asyncio.get_running_loop()
        self._since = self._loop.time()
        self._parked: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._measures = log.measures
        self._cursors = log.cursors(after, self._ring)

    async def watch(self, first: bytes = b"") -> None:
        """``first``, then everything to the end of all debates. Raises ConnectionResetError where the viewer leaves or
        does not read."""
        if first:
            self._write(first)
        self._timer = self._loop.call_later(self._heartbeat, self._tick)
        while True:
            size = await self._catch_up() if self._behind else self._advance()
            self._behind = size >= LARGE_BYTES
            if self._blocked:
                await self._drain()
            elif size >= LARGE_BYTES:
                continue  # more may have come meanwhile
            elif self._cursors.over:
                return
            else:
                self._parked = self._loop.create_future()
                await self._parked

    async def _catch_up(self) -> int:
        """Advance when it is one's turn, as in a crowd that has much to be written."""
        async with self._turns:
            size = self._advance()
            if size >= LARGE_BYTES:
                await asyncio.sleep(0)  # all else has its turn, and only then the next who waits for this place
            return size

    def close(self) -> None:
        """Hear nothing more."""
        self._cursors.close()
        if self._timer is not None:
            self._timer.cancel()

    def _advance(self) -> int:
        """Write what lies past the cursors, or a slice of it; how many bytes that was. It is all where it is less than
        LARGE_BYTES and the connection was not, and is not, busy."""
        if self._blocked:
            return 0
        slice_, size = list[bytes](), 0
        while size < SLICE_BYTES and (content := self._next()):
            slice_.append(content)
            size += len(content)
        if slice_:
            self._write(b"".join(slice_), shared=len(slice_) == 1)
        return size

    def _next(self) -> bytes:
        """The next batch that shows something in this framing; nothing where there is none (yet)."""
        while batch := self._cursors.take():
            if content := self._framing.dress(_told(batch)):
                return content
        return b""

    def _ring(self, batch: Batch | None) -> None:
        """The log has more. Called by it: what goes wrong here must stay here."""
        parked = self._parked
        if parked is None or parked.done():
            return  # the task is at it
        try:
            if batch is None or not self._pass_on(batch):
                parked.set_result(None)
        except Exception as error:  # noqa: BLE001  # whatever it is, the viewer's own task answers it
            parked.set_exception(error)

    def _pass_on(self, batch: Batch) -> bool:
        """Write a new batch, where it is a small one and all that there is; whether the task can go on waiting."""
        transport = self._transport
        if transport.is_closing() or transport.get_write_buffer_size() or not self._chunked or self._prelude:
            return False
        self._behind = len(batch.frames) >= LARGE_BYTES
        if self._behind or not self._cursors.meets(batch):
            return False
        chunk = batch.made.get(self._framing)
        if chunk is None:
            content = self._framing.dress(batch)
            chunk = batch.made[self._framing] = _chunk(content) if content else b""
        if chunk:
            transport.write(chunk)
            self._since = self._loop.time()
            self._measures.stream_bytes += len(chunk)
        return not batch.final

    def _write(self, content: bytes, *, shared: bool = False) -> None:
        # Past the library's writer, which would be half the cost of a viewer: all that it would add is the chunk.
        before, after, self._prelude = self._prelude, b"", b""
        size = len(before) + len(content)
        if self._chunked:
            before, after = b"%x\r\n%b" % (size, before), b"\r\n"
        if shared and size >= LARGE_BYTES:
            for part in (before, content, after):
                self._transport.write(part)
        else:
            self._transport.write(b"".join((before, content, after)))
        self._since = self._loop.time()
        self._measures.stream_bytes += len(before) + len(content) + len(after)

    @property
    def _blocked(self) -> bool:
        return self._transport.is_closing() or self._transport.get_write_buffer_size() > 0

    async def _drain(self) -> None:
        """Wait until the viewer has taken all that was written, or drop it."""
        try:
            async with asyncio.timeout(self._deadline):
                await self._request.writer.drain()
        except TimeoutError:
            self._measures.dropped_viewers += 1
            logger.info("viewer_dropped", peer=self._request.remote)
            self._transport.abort()
        if self._transport.is_closing():
            raise ConnectionResetError("The viewer left, or did not read.")

    def _tick(self) -> None:
        """After a silence a heartbeat. One timer for all silences, put off only when it fires: setting one for each
        batch would cost more than the batch."""
        now = self._loop.time()
        if now - self._since >= self._heartbeat:
            self._since = now
            if self._parked is not None and not self._parked.done():
                if self._blocked:
                    self._parked.set_result(None)
                elif self._framing.heartbeat:
                    self._write(self._framing.heartbeat)
        self._timer = self._loop.call_at(self._since + self._heartbeat, self._tick)


def _chunk(content: bytes) -> bytes:
    """A piece of a body whose length is not known (RFC 9112, 7.1)."""
    return b"%x\r\n%b\r\n" % (len(content), content)


def _told(batch: Batch) -> Batch:
    """The batch itself; where the log has failed, the event that says so: no seq, and the viewer's last id again."""
    if batch.failed is None:
        return batch
    told = dump({"type": "error", "code": batch.failed.code, "message": batch.failed.message})
    return replace(batch, frames=b"data: %b\nid: %b.%d\n\n" % (told, batch.debate.encode(), batch.last))
