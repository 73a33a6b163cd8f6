"""The stream, byte for byte: what a client may rely on, over GET and POST and in every framing."""

import asyncio
import re
from typing import Any

import orjson
import pytest

from tests.conftest import Serve, Server, parse
from tests.fakes.script import Gate, Say, Script
from tests.fakes.upstream import FakeUpstream
from tests.web.wire import get, post, sent

STREAM = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store, no-transform",
    "x-accel-buffering": "no",
}
TRANSCRIPT = """\
Ready?
classic, fake-chat

Optimist
Yes, we are.

Skeptic
No.

Moderator
Perhaps.

The debate was held to its end.
"""


def speeches(*texts: str) -> list[Script]:
    return [[Say(text)] for text in texts]


def blocks(body: bytes) -> list[bytes]:
    """The blocks of an SSE body, which ends with a whole one."""
    assert body.endswith(b"\n\n")
    return body[:-2].split(b"\n\n")


def lines(body: bytes) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in body.splitlines() if line]


async def test_a_get_stream_is_blocks_of_data_then_id_with_one_retry_in_the_first(server: Server) -> None:
    async with sent(server, get("/api/debate?topic=Ready%3F&rounds=1")) as wire:
        body = await wire.rest()
    assert wire.status == 200
    assert wire.headers["location"].startswith("/api/debates/")
    debate = wire.headers["location"].removeprefix("/api/debates/")
    first, *others = blocks(body)
    assert first.startswith(b"retry: 1000\ndata: ")
    events = []
    for seq, block in enumerate([first.removeprefix(b"retry: 1000\n"), *others], 1):
        data, id_ = block.split(b"\n")
        assert data.startswith(b'data: {"type":')
        assert id_ == f"id: {debate}.{seq}".encode()
        events.append(orjson.loads(data[6:]))
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert events[0]["debate"] == debate
    assert events[-1]["type"] == "done"
    assert all("error" not in event for event in events)


async def test_a_post_stream_is_data_blocks_alone_and_speech_ends_without_their_words(server: Server) -> None:
    async with sent(server, post("/api/debate", '{"topic":"Ready?","rounds":1}')) as wire:
        found = blocks(await wire.rest())
    assert all(block.startswith(b'data: {"type":') and b"\n" not in block for block in found)
    events = [orjson.loads(block[6:]) for block in found]
    assert wire.headers["location"] == f"/api/debates/{events[0]['debate']}"
    whole = await server.events(f"{wire.headers['location']}/events")
    bare = [{key: event[key] for key in event if (event["type"], key) != ("agent_end", "content")} for event in whole]
    assert events == bare
    assert len([event for event in whole if "content" in event and event["type"] == "agent_end"]) == 3


@pytest.mark.parametrize(
    "request_", [get("/api/debate?topic=x"), post("/api/debate", '{"topic":"x"}')], ids=["GET", "POST"]
)
async def test_a_stream_has_the_headers_that_keep_proxies_from_holding_it(server: Server, request_: bytes) -> None:
    async with sent(server, request_) as wire:
        assert wire.headers.items() >= STREAM.items()
        assert "content-encoding" not in wire.headers


async def test_no_raw_character_of_a_speech_ends_a_line(server: Server, fake: FakeUpstream) -> None:
    said = "a\u2028b\u2029c\u0085d\n\ndata: e\r\nid: f.1\n\n\U0001f600"
    fake.play([Say(said, size=40)])
    async with sent(server, get("/api/debate?topic=x&rounds=1")) as wire:
        body = await wire.rest()
    assert not re.search("[\u2028\u2029\u0085\r]", body.decode())
    events = parse(body)
    assert next(event["content"] for event in events if event["type"] == "agent_end") == said
    assert len(events) == len(blocks(body))


@pytest.mark.parametrize(
    ("request_", "prelude"),
    [(get("/api/debate?topic=Ready%3F"), b"retry: 1000\n"), (post("/api/debate", '{"topic":"Ready?"}'), b"")],
    ids=["GET", "POST"],
)
async def test_the_first_bytes_are_the_debates_start_before_any_model_answers(
    server: Server, fake: FakeUpstream, request_: bytes, prelude: bytes
) -> None:
    held = asyncio.Event()
    fake.play([Gate(held), Say("At last.")])
    async with sent(server, request_) as wire:
        assert (await wire.chunk()).startswith(prelude + b'data: {"type":"debate_start","seq":1,"debate":"')
        held.set()
        await wire.until(b"At")


async def test_words_arrive_while_the_speech_goes_on(server: Server, fake: FakeUpstream) -> None:
    held = asyncio.Event()
    fake.play([Say("one two", finish=None), Gate(held), Say(" three")])
    async with sent(server, get("/api/debate?topic=x&rounds=1")) as wire:
        assert b"agent_end" not in await wire.until(b'"content":" two"')
        held.set()
        assert b'"content":"one two three"' in await wire.rest()


@pytest.mark.parametrize(
    ("request_", "twice", "heartbeat"),
    [
        (get("/api/debate?topic=x&rounds=1"), b"\n\n:\n:\n", rb"(?m)^:\n"),
        (post("/api/debate", '{"topic":"x","rounds":1}'), b"\n\n:\n\n:\n\n", rb"(?m)^:\n\n"),
    ],
    ids=["GET", "POST"],
)
async def test_silence_is_filled_with_heartbeats_that_are_no_events(
    serve: Serve, fake: FakeUpstream, request_: bytes, twice: bytes, heartbeat: bytes
) -> None:
    held = asyncio.Event()
    fake.play([Gate(held), Say("At last.")])
    async with serve(heartbeat=0.1) as server, sent(server, request_) as wire:
        await wire.until(b"\n:\n")
        await wire.chunk()
        assert wire.body.endswith(twice)
        held.set()
        body = await wire.rest()
        assert b"\n:" not in (rest := re.sub(heartbeat, b"", body))
        events = await server.events(f"{wire.headers['location']}/events")
    assert [event["seq"] for event in parse(rest)] == [event["seq"] for event in events]


async def test_a_viewer_that_comes_back_in_silence_gets_no_block_before_the_next_event(
    serve: Serve, fake: FakeUpstream
) -> None:
    held = asyncio.Event()
    fake.play([Gate(held), Say("At last.")])
    async with serve(heartbeat=0.1) as server:
        _, started = await server.json("POST", "/api/debates", json={"topic": "x", "rounds": 1})
        await fake.asked()
        async with sent(server, get(started["events"], "Last-Event-ID: 2")) as wire:
            assert await wire.until(b":\n:\n") == b"retry: 1000\n:\n:\n"
            held.set()
            first = blocks(await wire.rest())[0]
    assert re.fullmatch(rb'retry: 1000\n(:\n)+data: {"type":"token","seq":3,[^\n]*}\nid: [a-z0-9]+\.3', first)


async def test_a_viewer_that_comes_back_in_silence_is_answered_before_anything_is_said(
    serve: Serve, fake: FakeUpstream
) -> None:
    held = asyncio.Event()
    fake.play([Gate(held), Say("At last.")])
    async with serve(heartbeat=3600) as server:
        _, started = await server.json("POST", "/api/debates", json={"topic": "x", "rounds": 1})
        await fake.asked()
        async with sent(server, get(started["events"], "Last-Event-ID: 2")) as wire:
            assert wire.status == 200
            held.set()
            assert (await wire.chunk()).startswith(b'retry: 1000\ndata: {"type":"token","seq":3,')


@pytest.mark.parametrize("accept", ["text/event-stream", "application/x-ndjson", "text/plain"])
async def test_http_1_0_gets_the_same_body_without_chunks(server: Server, accept: str) -> None:
    debate = (await server.debate())[0]["debate"]
    asked = get(f"/api/debates/{debate}/events", f"Accept: {accept}")
    async with sent(server, asked) as wire, sent(server, asked.replace(b"HTTP/1.1", b"HTTP/1.0")) as old:
        assert "transfer-encoding" not in old.headers
        assert await old.rest() == await wire.rest() != b""


async def test_ndjson_is_the_same_events_a_line_each(server: Server) -> None:
    async with sent(server, get("/api/debate?topic=x&rounds=1", "Accept: application/x-ndjson")) as wire:
        body = await wire.rest()
    assert wire.headers["content-type"] == "application/x-ndjson; charset=utf-8"
    assert lines(body) == await server.events(f"{wire.headers['location']}/events")
    assert body.count(b"\n") == len(lines(body))


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_plain_text_reads_like_a_transcript(server: Server, fake: FakeUpstream, method: str) -> None:
    fake.play(*speeches("Yes, we are.", "No.", "Perhaps."))
    asked = (
        get("/api/debate?topic=Ready%3F&rounds=1", "Accept: text/plain")
        if method == "GET"
        else post("/api/debate", '{"topic":"Ready?","rounds":1}', "Accept: text/plain")
    )
    async with sent(server, asked) as wire:
        assert (await wire.rest()).decode() == TRANSCRIPT
    assert wire.headers["content-type"] == "text/plain; charset=utf-8"
    assert wire.headers["cache-control"] == "no-store, no-transform"


async def test_plain_text_is_typed_live_and_silence_adds_nothing_to_it(serve: Serve, fake: FakeUpstream) -> None:
    held = asyncio.Event()
    fake.play([Say("Yes,", finish=None), Gate(held), Say(" we are.")], *speeches("No.", "Perhaps."))
    async with serve(heartbeat=0.1) as server:
        asked = get("/api/debate?topic=Ready%3F&rounds=1", "Accept: text/plain")
        async with sent(server, asked) as wire:
            assert await wire.until(b"Yes,") == TRANSCRIPT.partition(" we are.")[0].encode()
            async with sent(server, get(f"{wire.headers['location']}/events")) as beside:
                await beside.until(b":\n:\n")
            held.set()
            assert (await wire.rest()).decode() == TRANSCRIPT


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("*/*",                                   "text/event-stream"),
        ("application/json",                      "text/event-stream"),
        ("text/event-stream",                     "text/event-stream"),
        ("text/event-stream, text/plain",         "text/event-stream"),
        ("application/x-ndjson;q=0.5",            "application/x-ndjson"),
        ("application/json, application/x-ndjson", "application/x-ndjson"),
        ("Text/Plain; charset=utf-8",             "text/plain"),
        ("image/png",                             "text/event-stream"),
        ("",                                      "text/event-stream"),
    ],
)  # fmt: skip
async def test_accept_picks_the_framing(server: Server, accept: str, content_type: str) -> None:
    async with sent(server, post("/api/debate", '{"topic":"x","rounds":1}', f"Accept: {accept}")) as wire:
        assert wire.headers["content-type"] == f"{content_type}; charset=utf-8"


async def test_all_viewers_of_a_debate_cost_one_upstream_call_a_turn(server: Server, fake: FakeUpstream) -> None:
    held = asyncio.Event()
    fake.play([Say("one", finish=None), Gate(held), Say(" two")])
    _, started = await server.json("POST", "/api/debates", json={"topic": "x", "rounds": 1})
    path = started["events"]
    async with sent(server, get(path)) as first, sent(server, get(path)) as second, sent(server, get(path)) as third:
        await asyncio.gather(first.until(b"one"), second.until(b"one"), third.until(b"one"))
        third.close()  # one leaves, nobody else is disturbed
        held.set()
        assert await first.rest() == await second.rest()
    async with sent(server, get(path)) as late:
        assert await late.rest() == first.body
    assert len(fake.requests) == 3


async def test_a_finished_debate_is_streamed_the_same_after_a_restart(serve: Serve, fake: FakeUpstream) -> None:
    async with serve() as server, sent(server, get("/api/debate?topic=x&rounds=1")) as wire:
        live = await wire.rest()
    asked = len(fake.requests)
    async with serve() as server, sent(server, get(f"{wire.headers['location']}/events")) as again:
        assert await again.rest() == live
    assert len(fake.requests) == asked


@pytest.mark.parametrize(
    ("accept", "last"),
    [
        ("*/*",                  rb'data: {"type":"error","code":"log_unavailable",[^\n]*}\nid: [a-z0-9]+\.\d+\n\n'),
        ("application/x-ndjson", rb'\n{"type":"error","code":"log_unavailable",[^\n]*}\n'),
        ("text/plain",           rb"\nThe log cannot be written: .*\n"),
    ],
)  # fmt: skip
async def test_a_log_that_cannot_be_written_is_told_in_band_and_the_body_ends_without_done(
    server: Server, fake: FakeUpstream, accept: str, last: bytes
) -> None:
    held = asyncio.Event()
    fake.play([Say("one", finish=None), Gate(held), Say("x" * 100_000, size=100_000)])
    _, started = await server.json("POST", "/api/debates", json={"topic": "x"})
    async with sent(server, get(started["events"], f"Accept: {accept}")) as wire:
        await wire.until(b"one")
        server.house.log._store._write.execute("PRAGMA max_page_count = 1")  # the disk is full from here on
        held.set()
        body = await wire.rest()
    assert re.search(last + rb"\Z", body), body[-300:]
    assert b"done" not in body


NEW = [get("/api/debate?topic=y"), post("/api/debate", '{"topic":"y"}')]


@pytest.mark.parametrize("request_", [*NEW, None], ids=["GET", "POST", "events"])
async def test_a_viewer_too_many_is_told_when_to_come_back_and_starts_nothing(
    serve: Serve, fake: FakeUpstream, request_: bytes | None
) -> None:
    fake.play([Gate(asyncio.Event())])
    async with serve(max_viewers=1) as server, sent(server, get("/api/debate?topic=x")) as wire:
        await fake.asked()
        async with sent(server, request_ or get(f"{wire.headers['location']}/events")) as refused:
            problem = await refused.problem()
        _, listed = await server.json("GET", "/api/debates")
    assert (refused.status, problem["code"]) == (503, "full")
    assert refused.headers["retry-after"]
    assert "--max-viewers" in problem["detail"]
    assert len(listed["debates"]) == len(fake.requests) == 1
