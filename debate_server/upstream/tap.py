"""A tap on a connection: what aiohttp makes of the bytes that come goes on at once, from the connection's own callback.

To let them lie until a task has woken up to read them would cost as much, for each token, as all the rest of its way.
"""

import asyncio
from collections.abc import Callable
from typing import cast

import aiohttp


class Tap(asyncio.Protocol):
    """Stands between the connection of an answer and aiohttp's protocol, which still gets all that comes.

    What that makes of it, the pieces of the body, goes to ``sink`` for as long as ``over`` is not done. It is done
    with the end of the body, or fails with what ended it early: aiohttp.ClientError where the connection broke, or what
    ``sink`` raised; others may end it too. ``close`` the tap in any case.
    """

    def __init__(
        self, response: aiohttp.ClientResponse, sink: Callable[[bytes], None], over: asyncio.Future[None]
    ) -> None:
        connection = response.connection  # None: the whole body has come already
        protocol = connection.protocol if connection is not None else None
        self._transport = connection.transport if connection is not None else None
        self._closed = protocol.closed if protocol is not None else None  # None: it is closed already
        self._content = response.content
        self._passed = 0  # bytes
        self._sink = sink
        self._over = over
        if self._transport is not None and self._closed is not None and not self._transport.is_closing():
            self._inner = cast(asyncio.Protocol, self._transport.get_protocol())
            self._transport.set_protocol(self)
        self._pass_on()  # what has come before
        if self._closed is not None:
            self._closed.add_done_callback(_hear_why)
            self._closed.add_done_callback(self._break_off)
        elif not over.done():
            over.set_exception(aiohttp.ClientPayloadError("the connection was lost"))

    def close(self) -> None:
        """Leave the connection to aiohttp alone."""
        if self._closed is not None:
            self._closed.remove_done_callback(self._break_off)
        transport = self._transport
        if transport is not None and not transport.is_closing() and transport.get_protocol() is self:
            transport.set_protocol(self._inner)

    def data_received(self, data: bytes) -> None:
        self._inner.data_received(data)
        self._pass_on()

    def eof_received(self) -> bool | None:
        return self._inner.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._inner.connection_lost(exc)

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()

    def _pass_on(self) -> None:
        content, over = self._content, self._over
        try:
            # An empty read would cost as much as another.
            while self._passed < content.total_bytes and not over.done():
                self._passed = content.total_bytes
                if data := content.read_nowait():
                    self._sink(data)
        except Exception as error:  # noqa: BLE001  # the body's or the sink's: who waits for the end answers it
            if not over.done():
                over.set_exception(error)
        if over.done():
            return
        if (fault := content.exception()) is not None:
            over.set_exception(fault)
        elif content.is_eof():
            over.set_result(None)

    def _break_off(self, _: asyncio.Future[None]) -> None:
        """The connection is closed: nothing more comes, and aiohttp does not always tell."""
        self._pass_on()
        if not self._over.done():
            self._over.set_exception(aiohttp.ClientPayloadError("the body is not complete"))


def _hear_why(closed: asyncio.Future[None]) -> None:
    """Nobody else asks, and asyncio would complain."""
    if not closed.cancelled():
        closed.exception()
