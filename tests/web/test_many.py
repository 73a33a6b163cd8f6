"""One stream over several debates."""

from typing import Any

import pytest

from tests.conftest import Server, parse


def of(events: list[dict[str, Any]], debate: str) -> list[dict[str, Any]]:
    return [event for event in events if event["debate"] == debate]


def bare(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [event if event["type"] == "debate_start" else event | {"debate": None} for event in events]


async def test_one_stream_tells_of_each_debate_what_its_own_stream_tells(server: Server) -> None:
    started = [
        (await server.json("POST", "/api/debates", json={"topic": topic, "rounds": 1}))[1]
        for topic in ("One", 'data: {"type":"x"}', "Three")
    ]
    after = "&".join(f"after={one['id']}.0" for one in started)
    many = await server.events(f"/api/events?{after}")
    assert {event["debate"] for event in many} == {one["id"] for one in started}
    for one in started:
        assert bare(of(many, one["id"])) == bare(await server.events(one["events"]))


async def test_it_goes_on_from_each_cursor_and_ignores_last_event_id(server: Server) -> None:
    first, second = await server.debate(rounds=1), await server.debate(rounds=1)
    one, two = first[0]["debate"], second[0]["debate"]
    many = await server.events(f"/api/events?after={one}.5&after={two}.{len(second)}", headers={"Last-Event-ID": "x.y"})
    assert bare(many) == bare(first[5:])


@pytest.mark.parametrize("cursor", ["nobody.0", "x", "5", "9.9.9", 'a".1', "²"])
async def test_a_bad_cursor_is_an_error_for_that_debate_alone(server: Server, cursor: str) -> None:
    events = await server.debate(rounds=1)
    debate = events[0]["debate"]
    async with server.session.get("/api/events", params=[("after", cursor), ("after", f"{debate}.0")]) as response:
        many = parse(await response.read())
    assert (many[0]["type"], many[0]["code"], "seq" in many[0]) == ("error", "unknown_cursor", False)
    assert many[0]["debate"] == cursor.partition(".")[0]
    assert bare(many[1:]) == bare(events)


async def test_when_all_are_done_it_ends_with_what_there_is_to_say(server: Server) -> None:
    events = await server.debate(rounds=1)
    assert await server.events(f"/api/events?after={events[0]['debate']}.{len(events)}") == []
    assert [event["code"] for event in await server.events("/api/events?after=nobody.1")] == ["unknown_cursor"]


async def test_a_request_that_names_no_debate_or_too_many_is_refused(server: Server) -> None:
    for query in ("", "after=a.1&" * 201):
        status, problem = await server.json("GET", f"/api/events?{query}".rstrip("&"))
        assert (status, problem["field"]) == (422, "after")
