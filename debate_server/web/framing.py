"""The same frames in four dresses: SSE for GET, SSE for POST, NDJSON, and a transcript typed out.

A framing takes a batch of joined frames (see ``log.frames``) and gives the bytes for one kind of viewer. SSE for GET
is how frames are stored, so that what most viewers get is written as it is.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from operator import attrgetter
from typing import Final

import orjson
from aiohttp import web

from debate_server.core.events import Error, decode, dump
from debate_server.core.telling.typed import Typed
from debate_server.log import frames as fr
from debate_server.log.tail import Batch

_ID_LINE: Final = re.compile(rb"\nid: [^\n]*\n\n")
_TYPE: Final = b'data: {"type":'
_SPEECH_END: Final = b'data: {"type":"agent_end"'
RETRY: Final = b"retry: 1000\n"


STREAMS: Final = ("text/event-stream", "application/x-ndjson", "text/plain")


@dataclass(frozen=True, slots=True, eq=False)
class Framing:
    """``dress`` makes a viewer's bytes of a batch; ``heartbeat`` is what it gets in silence. One that keeps nothing of
    a viewer is one for all of them, and so is what it makes of a batch."""

    content_type: str
    dress: Callable[[Batch], bytes]
    heartbeat: bytes
    # What stands before the first frame, in the same write.
    prelude: bytes = b""


def choose(request: web.Request) -> Framing:
    """The framing that a request's Accept asks for; SSE where it asks for nothing we have."""
    for part in request.headers.get("Accept", "").split(","):
        match part.partition(";")[0].strip().lower():
            case "application/x-ndjson":
                return _NDJSON
            case "text/plain":
                return Framing("text/plain", partial(to_text, Typed()), b"")
            case "text/event-stream":
                break
    if request.method == "POST":
        return _POST
    return _SSE


def naming(framing: Framing) -> Framing:
    """The same framing, with the debate's id in every object, for a viewer of several debates."""
    return _NAMED.get(framing) or _naming(framing)


def _naming(framing: Framing) -> Framing:
    return replace(framing, dress=lambda batch: framing.dress(replace(batch, frames=_named(batch))))


def _named(batch: Batch) -> bytes:
    # A quote inside JSON is escaped, so this stands at the beginning of frames only. The first event has the id anyway.
    name = b'data: {"debate":"%b","type":' % batch.debate.encode()
    start = b'"debate_start"'
    return batch.frames.replace(_TYPE, name).replace(name + start, _TYPE + start)


def to_post(batch: Batch) -> bytes:
    """``data:`` blocks without ids, and small ones: a speech's end comes without its words."""
    bare = _ID_LINE.sub(fr.END, batch.frames)
    if _SPEECH_END not in bare:
        return bare
    return b"".join(
        _without_content(block) if block.startswith(_SPEECH_END) else block + fr.END
        for block in bare.split(fr.END)[:-1]
    )


def _without_content(block: bytes) -> bytes:
    event = orjson.loads(block[6:])
    del event["content"]
    return b"data: %b\n\n" % dump(event)


def to_ndjson(batch: Batch) -> bytes:
    """A line of JSON per event."""
    return b"".join(fr.line(block) + b"\n" for block in fr.split(batch.frames))


def to_text(typed: Typed, batch: Batch) -> bytes:
    """The transcript, typed out."""
    return "".join(_type(typed, fr.line(block)) for block in fr.split(batch.frames)).encode()


def _type(typed: Typed, line: bytes) -> str:
    fields = orjson.loads(line)
    if "seq" not in fields:  # an error that is not in the log
        return typed(Error("", fields["message"]))
    known = decode(line)
    return typed(known[1]) if known else ""


_SSE: Final = Framing("text/event-stream", attrgetter("frames"), b":\n", RETRY)
_POST: Final = Framing("text/event-stream", to_post, b":\n\n")
_NDJSON: Final = Framing("application/x-ndjson", to_ndjson, b"\n")
_NAMED: Final = {framing: _naming(framing) for framing in (_SSE, _POST, _NDJSON)}
