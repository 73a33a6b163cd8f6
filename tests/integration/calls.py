"""Counts calls of built-in functions, by the interpreter's own hook for profilers: nothing is put in their place."""

import socket
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import orjson

# What a call of a built-in function, made in that frame, is counted as; None: it is not counted.
Named = Callable[[FrameType, Any], object]


@contextmanager
def counted(named: Named) -> Iterator[Counter[object]]:
    """How often, by name, this thread calls what ``named`` has a name for."""
    counts = Counter[object]()

    def profile(frame: FrameType, event: str, called: Any) -> None:
        if event == "c_call" and (name := named(frame, called)) is not None:
            counts[name] += 1

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        yield counts
    finally:
        sys.setprofile(before)


def encoding(frame: FrameType, called: Any) -> str | None:
    """Making JSON, in our own code."""
    ours = called is orjson.dumps and frame.f_globals["__name__"].startswith("debate_server.")
    return "encode" if ours else None


def sending(_: FrameType, called: Any) -> int | None:
    """Writing to a TCP connection: the port at its other end."""
    if getattr(called, "__name__", "") not in ("send", "sendall", "sendmsg"):
        return None
    to = getattr(called, "__self__", None)
    if not isinstance(to, socket.socket) or to.family != socket.AF_INET:
        return None
    return int(to.getpeername()[1])
