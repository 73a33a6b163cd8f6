"""The same frames in four dresses: SSE for GET, SSE for POST, NDJSON, and a transcript typed out.

A framing takes joined frames (see ``log.frames``) and gives the bytes for one kind of viewer. SSE for GET is how
frames are stored, so that what most viewers get is written as it is.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import orjson
from aiohttp import web

from debate_server.core.events import decode, dump
from debate_server.core.typed import Typed
from debate_server.log import frames as fr

_ID_LINE: Final = re.compile(rb"\nid: [^\n]*\n\n")
_SPEECH_END: Final = b'data: {"type":"agent_end"'
RETRY: Final = b"retry: 1000\n"


@dataclass(frozen=True, slots=True)
class Framing:
    """``dress`` makes a viewer's bytes of joined frames; ``heartbeat`` is what it gets in silence."""

    content_type: str
    dress: Callable[[bytes], bytes]
    heartbeat: bytes
    # What stands before the first frame, in the same write.
    prelude: bytes = b""


def choose(request: web.Request) -> Framing:
    """The framing that a request's Accept asks for; SSE where it asks for nothing we have."""
    for part in request.headers.get("Accept", "").split(","):
        match part.partition(";")[0].strip().lower():
            case "application/x-ndjson":
                return Framing("application/x-ndjson", to_ndjson, b"\n")
            case "text/plain":
                return Framing("text/plain", partial(to_text, Typed()), b"")
            case "text/event-stream":
                break
    if request.method == "POST":
        return Framing("text/event-stream", to_post, b":\n\n")
    return Framing("text/event-stream", bytes, b":\n", RETRY)


def to_post(frames: bytes) -> bytes:
    """``data:`` blocks without ids, and small ones: a speech's end comes without its words."""
    bare = _ID_LINE.sub(fr.END, frames)
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


def to_ndjson(frames: bytes) -> bytes:
    """A line of JSON per event."""
    return b"".join(fr.line(block) + b"\n" for block in fr.split(frames))


def to_text(typed: Typed, frames: bytes) -> bytes:
    """The transcript, typed out."""
    known = (decode(fr.line(block)) for block in fr.split(frames))
    return "".join(typed(event) for _, event in filter(None, known)).encode()
