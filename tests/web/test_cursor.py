"""Cursors: where a viewer takes a debate up again, and what is no cursor."""

import asyncio

import pytest

from tests.conftest import Server, parse
from tests.fakes.script import Gate, Say
from tests.fakes.upstream import FakeUpstream
from tests.web.wire import get, sent


async def held(server: Server) -> tuple[str, int]:
    """A debate that is over: its id, and the seq of its last event."""
    events = await server.debate(rounds=1)
    return events[0]["debate"], len(events)


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/api/debates/ID/events",                                  ["Last-Event-ID: ID.3"]),
        ("/api/debates/ID/events",                                  ["Last-Event-ID: 3"]),
        ("/api/debates/ID/events?since=3",                          []),
        ("/api/debates/ID/events?since=ID.3",                       []),
        ("/api/debates/ID/events?last_event_id=ID.3",               []),
        ("/api/debates/ID/events?lastEventId=3",                    []),
        ("/api/debates/ID/events?since=3&lastEventId=9",            []),
        ("/api/debates/ID/events?since=9",                          ["Last-Event-ID: ID.3"]),
        ("/api/debates/ID/events?since=nonsense",                   ["last-event-id: 3"]),
        ("/api/debate?topic=Anew%3F",                               ["Last-Event-ID: ID.3"]),
        ("/api/debate?topic=Anew%3F&lastEventId=ID.3",              []),
        ("/api/debate?since=ID.3",                                  []),
        ("/api/debate?topic=Anew%3F&last_event_id=ID.9",            ["Last-Event-ID: ID.3"]),
    ],
)  # fmt: skip
async def test_every_form_of_a_cursor_goes_on_right_after_it(
    server: Server, fake: FakeUpstream, path: str, headers: list[str]
) -> None:
    debate, _ = await held(server)
    async with sent(server, get(f"/api/debates/{debate}/events")) as wire:
        whole = await wire.rest()
    rest = whole.partition(f"id: {debate}.3\n\n".encode())[2]
    asked = get(path.replace("ID", debate), *(header.replace(" ID", f" {debate}") for header in headers))
    async with sent(server, asked) as wire:
        assert wire.status == 200
        assert await wire.rest() == b"retry: 1000\n" + rest
    assert len(fake.requests) == 3


@pytest.mark.parametrize(
    ("path", "header"),
    [
        ("/api/debates/ID/events",             "Last-Event-ID: CURSOR"),
        ("/api/debates/ID/events",             "Last-Event-ID: SEQ"),
        ("/api/debates/ID/events?since=SEQ",   "X: y"),
        ("/api/debate?topic=Anew%3F",          "Last-Event-ID: CURSOR"),
        ("/api/debates/ID/events?since=SEQ",   "Accept: text/plain"),
    ],
)  # fmt: skip
async def test_a_cursor_at_the_end_gets_204_which_ends_an_eventsource(server: Server, path: str, header: str) -> None:
    debate, last = await held(server)
    forms = {"CURSOR": f"{debate}.{last}", "SEQ": str(last), "ID": debate}
    for name, value in forms.items():
        path, header = path.replace(name, value), header.replace(f" {name}", f" {value}")
    async with sent(server, get(path, header)) as wire:
        assert (wire.status, await wire.rest()) == (204, b"")


# {id} and {other} are debates that are over, {ahead} is one past the last seq of {id}.
NO_CURSORS = [
    "", "x", "-1", "+3", "1.5", "03", "{id}.", ".3", "{id}.3.3", "{id}.03", "{id} 3", "{id}'.3", "3, 3", "²", "\u0663",
    "{id}.{ahead}", "99999999999999999999", "9" * 5000, "nosuchdebate.3", "nosuchdebate.0",
]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "header", "also"),
    [
        ("/api/debates/{id}/events",                   "Last-Event-ID: {cursor}", ["{ahead}", "{other}.3"]),
        ("/api/debates/{id}/events?since={quoted}",    "X: y",                    ["{ahead}", "{other}.3"]),
        ("/api/debate?topic=Anew%3F",                  "Last-Event-ID: {cursor}", ["3"]),
        ("/api/debate?topic=Anew%3F&since={quoted}",   "X: y",                    ["3"]),
        ("/api/debates/nosuchdebate/events?since=3",   "X: {cursor}",             []),
    ],
)  # fmt: skip
async def test_what_is_no_cursor_is_refused_before_any_stream_and_starts_nothing(
    server: Server, fake: FakeUpstream, path: str, header: str, also: list[str]
) -> None:
    (debate, last), (other, _) = await held(server), await held(server)
    for form in NO_CURSORS + also:
        cursor = form.format(id=debate, other=other, ahead=last + 1)
        names = {"id": debate, "cursor": cursor, "quoted": "".join(f"%{byte:02x}" for byte in cursor.encode())}
        async with sent(server, get(path.format(**names), header.format(**names))) as wire:
            problem = await wire.problem()
        assert (wire.status, problem["code"], form) == (404, "unknown_cursor", form)
    assert len(fake.requests) == 6
    _, listed = await server.json("GET", "/api/debates")
    assert len(listed["debates"]) == 2


async def test_a_bare_seq_does_not_say_which_debate_to_resume_where_debates_start(
    server: Server, fake: FakeUpstream
) -> None:
    async with sent(server, get("/api/debate?topic=Anew%3F", "Last-Event-ID: 3")) as wire:
        problem = await wire.problem()
    assert (problem["code"], fake.requests) == ("unknown_cursor", [])
    assert "<debate>.<seq>" in problem["detail"]


async def test_a_debate_that_does_not_exist_has_no_stream(server: Server) -> None:
    async with sent(server, get("/api/debates/nosuchdebate/events")) as wire:
        problem = await wire.problem()
    assert (wire.status, problem["code"]) == (404, "unknown_debate")


async def test_any_cut_of_a_running_debate_followed_by_its_rest_is_the_whole(
    server: Server, fake: FakeUpstream
) -> None:
    gate = asyncio.Event()
    fake.play([Say("one two three", finish=None), Gate(gate), Say(" four five")])
    _, started = await server.json("POST", "/api/debates", json={"topic": "x", "rounds": 1})
    async with sent(server, get(started["events"])) as wire:
        cut = await wire.until(b"three")
    gate.set()
    whole = await server.events(started["events"])
    for seq in range(1, len(parse(cut)) + 1):
        rest = await server.events(started["events"], headers={"Last-Event-ID": f"{started['id']}.{seq}"})
        assert whole[:seq] + rest == whole
