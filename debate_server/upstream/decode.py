"""Server-sent events, from bytes to JSON objects.

Pure and incremental: any way of cutting a stream into chunks gives the same objects. It knows lines, comments and
``data:``; it does not know what a chat is. Lines end in LF, CRLF or CR, as in the HTML standard (9.2.6).
"""

from collections.abc import Iterator
from typing import Any, Final

import orjson

# An event of a chat stream is a few hundred bytes, with log-probabilities a few thousand; what is larger is no chat.
MAX_EVENT: Final = 1 << 20
_BOM: Final = b"\xef\xbb\xbf"

Object = dict[str, Any]


class Malformed(ValueError):
    """Bytes that are no stream of JSON objects: broken JSON or UTF-8, another value, or past MAX_EVENT."""


class Decoder:
    """Feed it bytes as they come. ``done`` turns true at ``[DONE]``; what follows that is ignored."""

    def __init__(self) -> None:
        self.done = False
        self._line: list[bytes] = []  # parts of the line that has not ended yet
        self._data: list[bytes] = []  # data lines of the event that has not ended yet
        self._size = 0  # of both
        self._after_cr = False
        self._first = True

    def feed(self, chunk: bytes) -> Iterator[Object]:
        """The objects that ``chunk`` completes, one at a time: what stands before a fault comes out before it.

        Raises Malformed.
        """
        if self.done:
            return
        if self._is_between and _is_whole(chunk):  # as nearly all are
            yield _object(chunk[6:-2])
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
            if (event := self._end_line()) is not None:
                yield event
            self._part(part)

    def end(self) -> Object | None:
        """The last event where it came without its blank line: taken if it is complete, dropped if it was cut."""
        try:
            return self._end_line() or self._end_event()
        except Malformed:
            return None

    def _part(self, part: bytes) -> None:
        if part and not self.done:
            self._line.append(part)
            self._size += len(part)
            if self._size > MAX_EVENT:
                raise Malformed(f"an event is longer than {MAX_EVENT} bytes")

    def _end_line(self) -> Object | None:
        line = self._line[0] if len(self._line) == 1 else b"".join(self._line)
        self._line.clear()
        if self._first:
            self._first = False
            line = line.removeprefix(_BOM)
        if not line:
            return self._end_event()
        if line.startswith(b"data:"):
            self._data.append(line[5:])
        else:  # a comment or another field
            self._size -= len(line)
        return None

    def _end_event(self) -> Object | None:
        data = b"\n".join(self._data).strip()
        self._data.clear()
        self._size = 0
        if not data or self.done:
            return None
        if data == b"[DONE]":
            self.done = True
            return None
        return _object(data)

    @property
    def _is_between(self) -> bool:
        """Whether no event has begun."""
        return not (self._line or self._data or self._after_cr or self._first)


def _is_whole(chunk: bytes) -> bool:
    """Whether a chunk is one event of one line."""
    return (
        chunk.startswith(b"data: {")
        and chunk.endswith(b"}\n\n")
        and chunk.count(b"\n") == 2
        and b"\r" not in chunk
        and len(chunk) <= MAX_EVENT
    )


def _object(data: bytes) -> Object:
    """The JSON object of an event. Raises Malformed."""
    try:
        event = orjson.loads(data)
    except orjson.JSONDecodeError:
        event = None
    if not isinstance(event, dict):
        raise Malformed("an event is not a JSON object")
    return event
