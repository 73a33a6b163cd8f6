"""The routes of debates: start one, list them, look at one, stop it, take it home."""

import asyncio

import pytest

from tests.conftest import Serve, Server
from tests.fakes.script import Gate, Say, Stall, refuse
from tests.fakes.upstream import FakeUpstream
from tests.web.wire import get, post, sent


async def start(server: Server, topic: str = "x") -> str:
    _, started = await server.json("POST", "/api/debates", json={"topic": topic, "rounds": 1})
    return str(started["id"])


async def test_a_detached_start_is_accepted_with_the_addresses_of_the_debate(server: Server) -> None:
    async with server.session.post("/api/debates", json={"topic": "x"}) as response:
        started = await response.json()
        location = response.headers["Location"]
    address = f"/api/debates/{started['id']}"
    assert (response.status, location) == (202, address)
    assert started == {
        "id": started["id"],
        "status": "queued",
        "events": f"{address}/events",
        "messages": f"{address}/messages",
        "page": f"/d/{started['id']}",
    }


async def test_a_detached_debate_runs_to_its_end_though_nobody_watches(server: Server, fake: FakeUpstream) -> None:
    debate = await start(server)
    await (await fake.asked(3)).done.wait()
    async with sent(server, get(f"/api/debates/{debate}/events")) as wire:
        assert b'"reason":"completed"' in await wire.rest()


async def test_a_viewer_that_leaves_does_not_end_the_debate(server: Server, fake: FakeUpstream) -> None:
    held = asyncio.Event()
    fake.play([Say("one", finish=None), Gate(held), Say(" two")])
    async with sent(server, post("/api/debate", '{"topic":"x","rounds":1}')) as wire:
        await wire.until(b"one")
    held.set()
    events = await server.events(f"{wire.headers['location']}/events")
    assert events[-1]["reason"] == "completed"


async def test_debates_are_listed_newest_first_with_their_state(server: Server, fake: FakeUpstream) -> None:
    fake.play([Say("one")], [Say("two")], [Say("three")], [refuse(401)], [Stall()])
    done = (await server.debate("Held?", rounds=1))[0]["debate"]
    failed = (await server.debate("Failed?", rounds=1))[0]["debate"]
    running = await start(server, "Running?")
    await fake.asked(5)
    _, listed = await server.json("GET", "/api/debates")
    found = [(row["id"], row["topic"], row["status"], row["reason"]) for row in listed["debates"]]
    assert found == [
        (running, "Running?", "running", None),
        (failed, "Failed?", "done", "failed"),
        (done, "Held?", "done", "completed"),
    ]
    assert {row["format"] for row in listed["debates"]} == {"classic"}
    assert all(row["created"].endswith("Z") for row in listed["debates"])


async def test_the_list_is_paged_by_limit_and_before(server: Server) -> None:
    ids = [(await server.debate(f"Topic {number}", rounds=1))[0]["debate"] for number in range(3)]

    async def page(query: str) -> list[str]:
        _, listed = await server.json("GET", f"/api/debates{query}")
        return [row["id"] for row in listed["debates"]]

    assert await page("?limit=2") == [ids[2], ids[1]]
    assert await page(f"?limit=2&before={ids[1]}") == [ids[0]]
    assert await page(f"?before={ids[0]}") == []
    assert await page("?limit=500") == ids[::-1]


async def test_the_list_finds_debates_by_the_words_of_their_topics(server: Server) -> None:
    topics = ["Should ÄRZTE strike?", "Should buses be free?", "100% of buses?"]
    ids = [(await server.debate(topic, rounds=1))[0]["debate"] for topic in topics]

    async def found(words: str, **more: str) -> list[str]:
        _, listed = await server.json("GET", "/api/debates", params={"find": words, **more})
        return [row["id"] for row in listed["debates"]]

    assert await found("ärzte") == [ids[0]]
    assert await found("BUSES should") == [ids[1]]
    assert await found("buses") == [ids[2], ids[1]]
    assert await found("buses", before=ids[2]) == [ids[1]]
    assert await found("0%") == [ids[2]]
    assert await found("%") == [ids[2]]
    assert await found("nowhere") == []
    assert await found(" ") == ids[::-1]
    status, refusal = await server.json("GET", "/api/debates", params={"find": "x" * 201})
    assert (status, refusal["code"], refusal["field"]) == (422, "invalid_request", "find")


async def test_the_list_tells_how_much_was_said_also_after_a_restart(serve: Serve, fake: FakeUpstream) -> None:
    fake.play([Say("One two three.")], [Say("Four.")], [Say("Five six.")])
    rows = []
    for start in (True, False):
        async with serve() as server:
            if start:
                await server.debate(rounds=1)
            _, listed = await server.json("GET", "/api/debates")
            rows += listed["debates"]
    assert [(row["speeches"], row["words"], row["verdict"]) for row in rows] == [(3, 6, "Five six.")] * 2


async def test_a_look_shows_what_was_said_so_far_and_the_seq_it_is_true_at(server: Server, fake: FakeUpstream) -> None:
    held = asyncio.Event()
    fake.play([Say("one two", finish=None), Gate(held), Say(" three")])
    debate = await start(server)
    async with sent(server, get(f"/api/debates/{debate}/events")) as wire:
        await wire.until(b'" two"')
        _, state = await server.json("GET", f"/api/debates/{debate}")
        assert (state["status"], state["reason"], state["seq"]) == ("running", None, 4)
        assert [(said["agent"], said["content"], said["finish_reason"]) for said in state["speeches"]] == [
            ("Optimist", "one two", None)
        ]
        held.set()
        await wire.rest()
    _, state = await server.json("GET", f"/api/debates/{debate}")
    last = (await server.events(f"/api/debates/{debate}/events"))[-1]
    assert (state["status"], state["reason"], state["seq"]) == ("done", "completed", last["seq"])
    assert state["speeches"][0]["content"] == "one two three"
    assert state["usage"] == last["usage"]


async def test_an_export_is_a_file_with_every_speech(server: Server, fake: FakeUpstream) -> None:
    fake.play([Say("Yes, we are.")], [Say("No.")], [Say("Perhaps.")])
    debate = (await server.debate("Ready\nor not?", rounds=1))[0]["debate"]
    async with server.session.get(f"/api/debates/{debate}/export.md") as response:
        text = await response.text()
    assert response.headers["Content-Type"] == "text/markdown; charset=utf-8"
    assert response.headers["Content-Disposition"] == f'attachment; filename="debate-{debate}.md"'
    assert text.startswith("# Ready or not?\n")
    wanted = "### Optimist\n\nYes, we are.\n\n### Skeptic\n\nNo.\n\n## The decision\n\n### Moderator\n\nPerhaps."
    assert wanted in text
    async with server.session.get(f"/api/debates/{debate}/export.json") as response:
        exported = await response.json()
    assert response.headers["Content-Disposition"] == f'attachment; filename="debate-{debate}.json"'
    assert (200, exported | {"forks": [], "run": None}) == await server.json("GET", f"/api/debates/{debate}")
    async with server.session.get(f"/api/debates/{debate}/export.html") as response:
        page = await response.text()
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert response.headers["Content-Disposition"] == f'attachment; filename="debate-{debate}.html"'
    assert '<p dir="auto">Yes, we are.</p>' in page


async def test_stop_ends_a_debate_and_is_the_same_when_it_is_repeated(server: Server, fake: FakeUpstream) -> None:
    fake.play([Say("one", finish=None), Stall()])
    debate = await start(server)
    async with sent(server, get(f"/api/debates/{debate}/events")) as wire:
        await wire.until(b"one")
        first = await server.json("POST", f"/api/debates/{debate}/stop")
        assert b'"reason":"stopped"' in await wire.rest()
    assert (first[0], first[1]["status"], first[1]["reason"]) == (200, "done", "stopped")
    assert await server.json("POST", f"/api/debates/{debate}/stop") == first
    assert len(fake.requests) == 1


async def test_stop_leaves_a_debate_that_is_done_as_it_is(server: Server) -> None:
    debate = (await server.debate(rounds=1))[0]["debate"]
    status, state = await server.json("POST", f"/api/debates/{debate}/stop")
    assert (status, state["reason"]) == (200, "completed")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/debates/nosuchdebate"),
        ("GET", "/api/debates/nosuchdebate/export.md"),
        ("GET", "/api/debates/nosuchdebate/export.json"),
        ("POST", "/api/debates/nosuchdebate/stop"),
    ],
)
async def test_a_debate_that_does_not_exist_is_a_problem_that_says_where_to_look(
    server: Server, method: str, path: str
) -> None:
    status, problem = await server.json(method, path)
    assert (status, problem["code"]) == (404, "unknown_debate")
    assert "GET /api/debates" in problem["detail"]


async def test_an_agents_model_can_be_named_in_a_query(server: Server, fake: FakeUpstream) -> None:
    path = "/api/debate?topic=x&rounds=1&agents=Skeptic=qwen3:4b&agents=Moderator=other"
    events = await server.events(path)
    assert [agent["model"] for agent in events[0]["agents"]] == ["fake-chat", "qwen3:4b", "other"]
    assert [asked.body["model"] for asked in fake.requests] == ["fake-chat", "qwen3:4b", "other"]


@pytest.mark.parametrize("path", ["/api/debate?topic=x", "/api/debates/{id}/events", "/api/debates/{id}"])
async def test_head_is_not_possible_where_it_would_start_or_stream(
    server: Server, fake: FakeUpstream, path: str
) -> None:
    debate = (await server.debate(rounds=1))[0]["debate"]
    async with sent(server, get(path.format(id=debate), method="HEAD")) as wire:
        assert wire.status == 405
    assert len(fake.requests) == 3


async def test_the_streams_of_a_server_that_ends_just_end_and_go_on_with_the_next(
    serve: Serve, fake: FakeUpstream
) -> None:
    fake.play([Say("one", finish=None), Stall()])
    async with serve() as server:
        wire_ = sent(server, get("/api/debate?topic=x&rounds=1"))
        wire = await wire_.__aenter__()
        await wire.until(b"one")
    seen = await wire.rest()
    await wire_.__aexit__(None, None, None)
    assert b"done" not in seen
    async with serve() as server, sent(server, get(f"{wire.headers['location']}/events")) as again:
        assert (await again.rest()).startswith(seen)
