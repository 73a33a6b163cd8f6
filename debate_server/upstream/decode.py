"""Server-sent events, from bytes to JSON objects.

Pure and incremental: any way of cutting a stream into chunks gives the same objects. It knows lines, comments and
``data:``; it does not know what a chat is. Lines end in LF, CRLF or CR, as in the HTML standard (9.2.6).
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import orjson

# An event of a chat stream is a few hundred bytes, with log-probabilities a few thousand; what is larger is no chat.
MAX_EVENT: Final = 1 << 20
_BOM: Final = b"\xef\xbb\xbf"

Object = dict[str, Any]


class Malformed(ValueError):
    """Bytes that are no stream of JSON objects: broken JSON or UTF-8, another value, or past MAX_EVENT."""


class Decoder:
    """Feed it bytes as they come: ``tell`` gets each object as it is complete, so that what stands before a fault comes
    out before it. ``done`` turns true at ``[DONE]``; what follows that is ignored."""

    def __init__(self, tell: Callable[[Object], None]) -> None:
        self.done = False
        self._tell = tell
        self._line: list[bytes] = []  # parts of the line that has not ended yet
        self._data: list[bytes] = []  # data lines of the event that has not ended yet
        self._size = 0  # of both
        self._after_cr = False
        self._first = True
        self._between = False  # no event has begun

    def feed(self, chunk: bytes) -> None:
        """Raises Malformed, and what ``tell`` raises; then it is of no more use."""
        if self._between and chunk.startswith(b"data: {") and chunk.endswith(b"}\n\n") and self._whole(chunk):
            return
        if self._after_cr and chunk:
            self._after_cr = False
            chunk = chunk.removeprefix(b"\n")
        if b"\r" in chunk:
            self._after_cr = chunk.endswith(b"\r")
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        first, *rest = chunk.split(b"\n")
        self._part(first)
        for part in rest:
            self._end_line()
            self._part(part)
        self._between = not (self._line or self._data or self._after_cr or self._first)

    def end(self) -> None:
        """Tell the last event where it came without its blank line: it is taken if it is complete, and dropped if it
        was cut. Raises what ``tell`` raises."""
        if self._line:
            self._end_line()
        with suppress(Malformed):
            self._end_event()

    def _whole(self, chunk: bytes) -> bool:
        """Tell the events of a chunk that is nothing but whole ones of one line, as nearly all are; whether it is."""
        events = chunk[6:-2].split(b"\n\ndata: ")
        if chunk.count(b"\n") != 2 * len(events) or b"\r" in chunk or len(chunk) > MAX_EVENT:
            return False
        for event in events:
            self._event(event)
        return True

    def _part(self, part: bytes) -> None:
        if part and not self.done:
            self._line.append(part)
            self._size += len(part)
            if self._size > MAX_EVENT:
                raise Malformed(f"an event is longer than {MAX_EVENT} bytes")

    def _end_line(self) -> None:
        line = self._line[0] if len(self._line) == 1 else b"".join(self._line)
        self._line.clear()
        if self._first:
            self._first = False
            line = line.removeprefix(_BOM)
        if not line:
            self._end_event()
        elif line.startswith(b"data:"):
            self._data.append(line[5:])
        else:  # a comment or another field
            self._size -= len(line)

    def _end_event(self) -> None:
        data = b"\n".join(self._data)
        self._data.clear()
        self._size = 0
        self._event(data)

    def _event(self, data: bytes) -> None:
        data = data.strip()
        if not data or self.done:
            return
        if data == b"[DONE]":
            self.done = True
            return
        try:
            event = orjson.loads(data)
        except orjson.JSONDecodeError:
            event = None
        if not isinstance(event, dict):
            raise Malformed("an event is not a JSON object")
        self._tell(event)
