"""A tap on a connection: what aiohttp makes of the bytes that come goes on at once, from the connection's own callback.

To let them lie until a task has woken up to read them would cost as much, for each token, as all the rest of its way.
"""

import asyncio
from collections.abc import Callable
from typing import cast

import aiohttp


class Tap(asyncio.Protocol):
    """Stands between the connection of an answer and aiohttp's protocol, which still gets all that comes.

    What that makes of it, the pieces of the body, goes to ``sink``. ``over`` is done with the end of the body, or fails
    with what ended it early: aiohttp.ClientError where the connection broke, or what ``sink`` raised. Whoever ends
    ``over`` has turned the tap off; ``close`` it in any case.
    """

    def __init__(
        self, response: aiohttp.ClientResponse, sink: Callable[[bytes], None], over: asyncio.Future[None]
    ) -> None:
        connection = response.connection  # None: the whole body has come already
        self._transport = connection.transport if connection is not None else None
        self._inner = cast(asyncio.Protocol, connection.protocol) if connection is not None else asyncio.Protocol()
        self._content = response.content
        self._passed = 0  # bytes
        self._sink = sink
        self._over = over
        if self._transport is not None:
            self._transport.set_protocol(self)
        self._pass_on()  # what has come before
        if self._transport is None:
            self._break_off()

    def close(self) -> None:
        """Leave the connection to aiohttp alone."""
        if self._transport is not None:
            self._transport.set_protocol(self._inner)

    def data_received(self, data: bytes) -> None:
        self._inner.data_received(data)
        self._pass_on()

    def eof_received(self) -> bool | None:
        return self._inner.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._inner.connection_lost(exc)
        self._pass_on()
        self._break_off()

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()

    def _pass_on(self) -> None:
        content = self._content
        if self._over.done():
            return
        try:
            while self._passed < content.total_bytes:  # an empty read costs as much as another
                data = content.read_nowait()
                self._passed += len(data)
                self._sink(data)
        except Exception as error:  # noqa: BLE001  # the body's or the sink's: who waits for the end answers it
            self._over.set_exception(error)
            return
        if (fault := content.exception()) is not None:
            self._over.set_exception(fault)
        elif content.is_eof():
            self._over.set_result(None)

    def _break_off(self) -> None:
        """Nothing more comes, and aiohttp does not always tell."""
        if not self._over.done():
            self._over.set_exception(aiohttp.ClientPayloadError("the body is not complete"))
