"""What an upstream may do, where in a speech it does it, and how the debate is told then: each a whole debate.

The first request, the Optimist's, meets the fault, and before the first token every request of the Skeptic does, too:
so one attempt is mended by the next, and another turn's attempts are used up. See ``faults``.
"""

import asyncio
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import orjson
import pytest

from debate_server.commands.read import Archive
from tests.conftest import Serve, parse
from tests.fakes.script import (
    Answer,
    Bare,
    Begin,
    Drop,
    Event,
    Forever,
    KeepAlive,
    Raw,
    Reply,
    Reset,
    Say,
    Stall,
    Think,
    Truncate,
    Wire,
    refuse,
)
from tests.fakes.upstream import FakeUpstream, speech
from tests.integration.faults import (
    ALIEN,
    CANARY,
    WHOLE,
    At,
    Fault,
    Told,
    afflict,
    check,
    ends,
    fails,
    told,
    voids,
    watch,
)

# Every debate ends within it, however slow the machine; no deadline passes but those that are made short.
SOON: Final = 20.0
# Where a speech without an end is cut.
LIMIT: Final = 1000
# More than a debate takes, and less than it would take in of 64 MB.
MEMORY: Final = 16 << 20


class Picky:
    """Refuses ``stream_options``; whoever comes without them is served."""

    async def play(self, reply: Reply) -> None:
        refusal = refuse(400, f"{ALIEN}: unknown field stream_options")
        await (refusal if "stream_options" in reply.body else Say(WHOLE)).play(reply)


def chunk(delta: object, **more: object) -> Event:
    return Event({"choices": [{"index": 0, "delta": delta, **more}]})


def answer(status: int, kind: str, body: str, **headers: str) -> Answer:
    return Answer(status, body.encode(), {"Content-Type": kind, **headers})


def busy(seconds: int) -> Answer:
    return refuse(429, LOST, headers={"Retry-After": str(seconds)})


# What faults say.
LOST = f"{ALIEN}, lost {CANARY}"
BROKEN = chunk({}, finish_reason="error", error={"message": LOST})
NO_CHOICE, NO_CHOICES, NO_DELTA = Event({"choices": []}), Event({}), chunk(None)
NO_WORDS = [
    Event({"choices": None}), Event({"choices": [{}]}), Event({"choices": [7]}), chunk({}), chunk({"content": 7}),
    chunk({"content": ""}), chunk({"role": "assistant", "content": None}), Event({"usage": {"prompt_tokens": None}}),
]  # fmt: skip
SILENCE = [b"data: %b\n\n" % orjson.dumps(event.content) for event in (NO_CHOICE, NO_CHOICES, NO_DELTA, *NO_WORDS)]
STOPPED = b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}'
WORD = b'data: {"choices":[{"delta":{"content":" Last."}}]}'
BAD_UTF8 = b'data: {"choices":[{"delta":{"content":"flux capacitor \xff\xfe"}}]}\n\n'
MB_64 = [Raw(b"x" * 65_536)] * 1024
LINE, COMMENT = [Raw(b'data: {"x":"'), *MB_64, Raw(b'"}\n\n')], [Raw(b": "), *MB_64, Raw(b"\n\n")]
ABSURD = {"prompt_tokens": 2**64 - 1, "completion_tokens": 2**64 - 1}
BAD_REASON = b"HTTP/1.1 503 flux capacitor verf\xfcgbar\r\nContent-Length: 0\r\n\r\n"
ELSEWHERE = [{"name": "Skeptic", "model": "fake-chat@http://127.0.0.1:9/v1"}]

# What comes of them.
STALLED, GARBLED, FAILED = ends("upstream_stalled, stop"), voids("upstream_garbled"), voids("upstream_failed")
EMPTY, BUSY, LATER = voids("upstream_empty"), voids("upstream_busy"), fails("upstream_busy")
REFUSED, NOBODY = fails("upstream_refused"), ("Optimist: stop", *voids("upstream_unreachable")[1:])
CUT_OFF, STOP, GUESSED, LEARNT = ends("cut_off ≈"), ends("stop"), ends("stop ≈"), ends("stop ≈", "stop ≈", "stop ≈")
BOTH_CUT, LENGTH, FILTERED = ends("cut_off ≈", "cut_off ≈"), ends("length"), ends("content_filter")
NEVER = None  # it cannot happen there

FAULTS: Final[dict[str, Fault]] = {
    # what it does           in the fake's words               before the first token, in the middle, at the end
    "nobody listens":        Fault([Say("One")], NOBODY, NEVER, NEVER, says="One", more=-3, agents=ELSEWHERE),
    "no HTTP":               Fault([Bare(b"SSH-2.0-flux capacitor\r\n")], GARBLED,  NEVER,   NEVER),
    "no UTF-8 in the head":  Fault([Bare(BAD_REASON)],                   FAILED,   NEVER,   NEVER),
    "a page":                Fault([answer(200, "text/html", LOST)],     GARBLED,  NEVER,   NEVER),
    "plain JSON":            Fault([Answer(200, {"error": LOST})],       GARBLED,  NEVER,   NEVER),
    "a redirect":            Fault([answer(302, "text/plain", LOST, Location=f"/{CANARY}")], FAILED, NEVER, NEVER),
    "400, stream_options":   Fault([Picky()],                            LEARNT,   NEVER,   NEVER, more=1),
    "401 with the key":      Fault([refuse(401, LOST)],                  REFUSED,  NEVER,   NEVER),
    "429":                   Fault([refuse(429, LOST)],                  BUSY,     NEVER,   NEVER),
    "429 for a second":      Fault([busy(1)],                            BUSY,     NEVER,   NEVER, pauses=(1, 1)),
    "429 for an hour":       Fault([busy(3600)],                         LATER,    NEVER,   NEVER),
    "500":                   Fault([refuse(500, LOST)],                  FAILED,   NEVER,   NEVER),
    "a reset":               Fault([Reset()],                            FAILED,   CUT_OFF, STOP),
    "a close":               Fault([Drop()],                             FAILED,   CUT_OFF, STOP),
    "a truncated chunk":     Fault([Truncate()],                         FAILED,   CUT_OFF, STOP),
    "an error object":       Fault([Event({"error": {"message": LOST}})], FAILED,  CUT_OFF, STOP),
    "an error sentence":     Fault([Event({"error": LOST})],             FAILED,   CUT_OFF, STOP),
    "bad JSON":              Fault([Raw(b"data: {flux capacitor\n\n")],  GARBLED,  CUT_OFF, STOP),
    "no JSON object":        Fault([Event([ALIEN])],                     GARBLED,  CUT_OFF, STOP),
    "bad UTF-8":             Fault([Raw(BAD_UTF8)],                      GARBLED,  CUT_OFF, STOP),
    "a line of 64 MB":       Fault(LINE,                                 GARBLED,  CUT_OFF, STOP),
    "a comment of 64 MB":    Fault(COMMENT,                              GARBLED,  CUT_OFF, STOP),
    "64 MB in little gzip":  Fault([Wire(gzip=True), *LINE],             GARBLED,  NEVER,   NEVER),
    "a word, no blank line": Fault([Raw(WORD)],                          BOTH_CUT, CUT_OFF, STOP, says=r" ?Last\."),
    "reasoning only":        Fault([Think(ALIEN), Say("")],              EMPTY,    STOP,    STOP),
    "a <think> only":        Fault([Say(f"<think>{ALIEN}</think> ")],    EMPTY,    NEVER,   NEVER),
    "an open <think>":       Fault([Say(f"<think>{ALIEN}")],             EMPTY,    NEVER,   NEVER),
    "an empty speech":       Fault([Say("")],                            EMPTY,    NEVER,   NEVER),
    "a blank speech":        Fault([Say(" \n\t ")],                      EMPTY,    NEVER,   NEVER),
    "no [DONE]":             Fault([],                                   NEVER,    NEVER,   STOP),
}  # fmt: skip

# These do not end by themselves, but by a deadline, which is a short one here; the Skeptic is spared them.
ENDLESS: Final[dict[str, Fault]] = {
    "no answer":             Fault([Stall()],                            STALLED,  NEVER,   NEVER),
    "a stall":               Fault([Begin(), Stall()],                   STALLED,  CUT_OFF, STOP),
    "keep-alive comments":   Fault([Forever(KeepAlive(), 0.01)],         STALLED,  CUT_OFF, STOP),
    "empty events for ever": Fault([Forever(Raw(b"".join(SILENCE)), 0.01)], STALLED, CUT_OFF, STOP),
    "endless tokens":        Fault([Forever(Say(" on", finish=None))],   NEVER,    CUT_OFF, STOP, says="[ on]*"),
}  # fmt: skip

# At the end these come in the place of the finish reason.
ENDINGS: Final[dict[str, Fault]] = {
    "no finish reason":      Fault([],                                   GARBLED,  CUT_OFF, CUT_OFF),
    "[DONE] alone":          Fault([Event(b"[DONE]")],                   GARBLED,  CUT_OFF, CUT_OFF),
    "[DONE] and a stall":    Fault([Event(b"[DONE]"), Stall()],          GARBLED,  CUT_OFF, CUT_OFF),
    "half an event":         Fault([Raw(STOPPED[:-9])],                  GARBLED,  CUT_OFF, CUT_OFF),
    "an error as a reason":  Fault([BROKEN],                             FAILED,   CUT_OFF, CUT_OFF),
    "an end, no blank line": Fault([Raw(STOPPED)],                       EMPTY,    NEVER,   GUESSED),
    "length":                Fault([Say("", finish="length")],           EMPTY,    NEVER,   LENGTH),
    "content_filter":        Fault([Say("", finish="content_filter")],   EMPTY,    NEVER,   FILTERED),
    "no usage":              Fault([Say("", usage=None)],                NEVER,    NEVER,   GUESSED),
    "absurd usage":          Fault([Say("", usage=ABSURD)],              NEVER,    NEVER,   GUESSED),
}  # fmt: skip

# After these the speech goes on and ends well, as if they had not been.
ODDITIES: Final[dict[str, Fault]] = {
    "empty choices":         Fault([NO_CHOICE],                          STOP,     STOP,    STOP),
    "no choices":            Fault([NO_CHOICES],                         STOP,     STOP,    STOP),
    "a null delta":          Fault([NO_DELTA],                           STOP,     STOP,    STOP),
    "other empty events":    Fault(NO_WORDS,                             STOP,     STOP,    STOP),
    "a byte at a time":      Fault([Wire(piece=1)],                      STOP,     STOP,    STOP),
    "CRLF":                  Fault([Wire(newline=b"\r\n")],              STOP,     STOP,    STOP),
    "CR":                    Fault([Wire(newline=b"\r")],                STOP,     STOP,    STOP),
    "unasked gzip":          Fault([Wire(gzip=True)],                    STOP,     NEVER,   NEVER),
}  # fmt: skip

TABLE = FAULTS | {name: replace(fault, endless=True) for name, fault in ENDLESS.items()}
TABLE |= {name: replace(fault, instead=True) for name, fault in ENDINGS.items()}
TABLE |= {name: replace(fault, goes_on=True) for name, fault in ODDITIES.items()}
PLACES: Final[tuple[At, ...]] = ("before", "middle", "end")
CASES = [
    pytest.param(fault, at, expected, id=f"{name}, {at}")
    for name, fault in TABLE.items()
    for at, expected in zip(PLACES, (fault.before, fault.middle, fault.end), strict=True)
    if expected is not NEVER
]


@pytest.fixture(scope="module", autouse=True)
def _sdk_imported() -> None:
    """So that no deadline of a first test pays for it."""
    import_module("debate_server.upstream.sdk")


@contextmanager
def little_memory() -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < MEMORY
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(("fault", "at", "expected"), CASES)
async def test_whatever_an_upstream_does_the_debate_is_told_in_full_and_ends(
    serve: Serve, fake: FakeUpstream, tmp_path: Path, fault: Fault, at: At, expected: Told
) -> None:
    heard, pauses = afflict(fake, fault, at), list[float]()

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    settings: dict[str, Any] = {"api_key": CANARY, "max_speech": LIMIT, **fault.deadlines(at)}
    async with asyncio.timeout(SOON), serve(pause=pause, **settings) as server:
        with little_memory() if MB_64[0] in fault.script else nullcontext():
            debate, body = await watch(server, fault.agents, heard)
        events, prompts = parse(body), [asked.body for asked in fake.requests]
        check(events, prompts)
        assert told(events) == expected
        assert fault.fits(at, next((event["content"] for event in events if event["type"] == "agent_end"), ""))
        assert len(prompts) == sum(event["type"] == "agent_start" for event in events) + fault.more
        assert pauses == [fault.pauses[event["attempt"] - 1] for event in events if event.get("retrying")]
        assert Archive(tmp_path / "data").frames(debate) == body.removeprefix(b"retry: 1000\n")

        fake.script = speech
        _, again = await watch(server, (), heard)
        check(parse(again), [asked.body for asked in fake.requests[len(prompts) :]])
        assert told(parse(again))[-1] == "completed"
    assert CANARY.encode() not in body + again
