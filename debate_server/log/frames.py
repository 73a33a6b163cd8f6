r"""Frames: the bytes of an event as they are stored and streamed.

A frame is an SSE block, ``data: {json}\nid: <debate>.<seq>\n\n``, encoded once when the event is made. Frames of one
debate are joined into batches by plain concatenation; since JSON holds no raw line end, ``\n\n`` ends a frame and
nothing else does. Here they are made and cut; what viewers of other framings get is made from them in ``web``.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache

from debate_server.core.errors import LogUnavailable
from debate_server.core.events import Event, Token, decode, encode

END = b"\n\n"


def frame(debate: str, seq: int, event: Event, created: str) -> bytes:
    """The frame of one event."""
    return b"data: %b\nid: %b.%d\n\n" % (encode(event, seq, created), debate.encode(), seq)


def split(frames: bytes) -> list[bytes]:
    """The single frames of a batch."""
    return [block + END for block in frames.split(END)[:-1]]


def after(frames: bytes, seq: int) -> bytes:
    """What follows event ``seq`` in a batch of one debate's frames; all of it where it begins later. Raises
    LogUnavailable for what is no batch."""
    if name(frames[: frames.find(END) + 2])[1] > seq:
        return frames
    mark = b".%d\n\n" % seq
    found = frames.find(mark)
    return frames if found < 0 else frames[found + len(mark) :]


def ends_debate(frames: bytes) -> bool:
    """Whether a batch ends with ``done``. Raises LogUnavailable for what is no batch."""
    try:
        return frames.startswith(b'data: {"type":"done"', frames.rindex(b"data: {"))
    except ValueError as error:
        raise _damaged(error) from None


def name(block: bytes) -> tuple[str, int]:
    """The debate and the seq of one frame. Raises LogUnavailable for what is no frame."""
    try:
        debate, _, seq = block[block.rindex(b"\nid: ") + 5 : -2].decode().rpartition(".")
        return debate, int(seq)
    except ValueError as error:
        raise _damaged(error) from None


def renamed(batch: bytes, debate: str, other: str) -> bytes:
    """The frames of one debate as another's."""
    return batch.replace(b"\nid: %b." % debate.encode(), b"\nid: %b." % other.encode())


def until(batches: Iterable[bytes], seq: int) -> Iterator[bytes]:
    """One debate's batches up to and with event ``seq``."""
    mark = b".%d\n\n" % seq
    for batch in batches:
        if (found := batch.find(mark)) >= 0:
            yield batch[: found + len(mark)]
            return
        yield batch


def line(block: bytes) -> bytes:
    """The JSON of one frame. Raises LogUnavailable for what is no frame."""
    try:
        return block[6 : block.rindex(b"\nid: ")]
    except ValueError as error:
        raise _damaged(error) from None


def events(batches: Iterable[bytes], *, only: type[Event] = Event, tokens: bool = True) -> Iterator[tuple[int, Event]]:
    """``(seq, event)`` of all frames, or of those of one type; without ``tokens`` of all but those, of which there are
    many and whose words their speeches' ends have again. Events of a type that is not known are left out. Raises
    LogUnavailable for what is no event."""
    wanted = _frames(b"" if only is Event else _head(only), b"" if tokens else _head(Token))
    for batch in batches:
        for block in wanted.findall(END + batch):
            try:
                known = decode(line(block))
            except ValueError as error:
                raise _damaged(error) from None
            if known is not None:
                yield known


@cache
def _frames(begin: bytes, but: bytes) -> re.Pattern[bytes]:
    """What finds the frames, without their ends, that begin so and not otherwise (empty: however they do), where each
    follows an end. It passes over the others several times as fast as one could look at each."""
    refused = b"(?!%b)" % re.escape(but) if but else b""
    return re.compile(rb"\n\n(?=%b)%b(.+(?:\n.+)*)(?=\n\n)" % (re.escape(begin), refused))


def _head(event: type[Event]) -> bytes:
    return b'data: {"type":"%b"' % event.type.encode()


def _damaged(error: ValueError) -> LogUnavailable:
    return LogUnavailable(f"An event in the log is damaged ({error}). Go back to a copy; debate backup makes one.")
