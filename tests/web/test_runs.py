"""The routes of runs: many debates that belong together."""

import asyncio
from typing import Any

import pytest

from tests.conftest import Serve, Server
from tests.fakes.script import Say, refuse
from tests.fakes.upstream import FakeUpstream

RUN = {"asked": "towns-1", "source": "towns.txt", "total": 3, "formats": ["single"]}


def begin(name: str = "1/single", **more: Any) -> dict[str, Any]:
    """What asks for a debate of a run."""
    entry = {"name": name, "item": name.partition("/")[0], "format": "single", **more.pop("entry", {})}
    return {"start": {"topic": f"Is {name} so?", "format": "single"}, "entry": entry, **more}


async def over(server: Server, started: dict[str, Any]) -> None:
    await server.house.runner.ended(started["id"])


async def test_a_run_is_opened_once_and_told_what_is_asked_of_it_now(server: Server) -> None:
    assert (await server.json("GET", "/api/runs"))[1] == {"runs": []}
    status, run = await server.json("POST", "/api/runs", json=RUN)
    assert (status, run["total"], run["debates"], run["usage"]["input"]) == (201, 3, {}, 0)
    _, again = await server.json("POST", "/api/runs", json=RUN | {"budget_usd": 2.5, "total": 4})
    assert (again["id"], again["total"], again["budget_usd"]) == (run["id"], 4, 2.5)
    _, other = await server.json("POST", "/api/runs", json=RUN | {"asked": "towns-2"})
    _, listed = await server.json("GET", "/api/runs")
    assert [one["id"] for one in listed["runs"]] == [other["id"], run["id"]]
    _, older = await server.json("GET", f"/api/runs?before={other['id']}&limit=1")
    assert older["runs"] == [again]


async def test_a_run_tells_all_that_was_asked_of_it(server: Server) -> None:
    asked = {"items": 2, "rounds": 2, "agents": [{"name": "Skeptic", "model": "other"}], "judges": ["j", "k"]}
    _, run = await server.json("POST", "/api/runs", json=RUN | asked)
    _, told = await server.json("GET", f"/api/runs/{run['id']}")
    assert (told["items"], told["rounds"], told["judges"]) == (2, 2, ["j", "k"])
    assert [(seat["name"], seat["model"]) for seat in told["agents"]] == [("Skeptic", "other")]


async def test_a_run_is_not_gone_on_with_by_another_model(server: Server) -> None:
    _, run = await server.json("POST", "/api/runs", json=RUN | {"addresses": {"m": "m@one"}})
    assert (await server.json("POST", "/api/runs", json=RUN | {"addresses": {"m": "m@one"}}))[1]["id"] == run["id"]
    status, problem = await server.json("POST", "/api/runs", json=RUN | {"addresses": {"m": "m@other"}})
    assert (status, problem["field"]) == (422, "addresses")
    assert (await server.json("GET", f"/api/runs/{run['id']}"))[1]["addresses"] == {"m": "m@one"}


async def test_a_debate_of_a_run_is_begun_once(server: Server, fake: FakeUpstream) -> None:
    _, run = await server.json("POST", "/api/runs", json=RUN)
    path = f"/api/runs/{run['id']}/debates"
    made = await asyncio.gather(*(server.json("POST", path, json=begin()) for _ in range(5)))
    assert {status for status, _ in made} == {202}
    [debate] = {started["id"] for _, started in made}
    await over(server, made[0][1])
    assert (await server.json("POST", path, json=begin()))[1]["id"] == debate
    assert len(fake.requests) == 1
    changed = begin() | {"start": {"topic": "Is it another?", "format": "single"}}
    status, problem = await server.json("POST", path, json=changed)
    assert (status, problem["code"]) == (422, "key_reused")


async def test_how_far_a_run_is_and_what_it_cost_outlives_the_server(serve: Serve, fake: FakeUpstream) -> None:
    fake.play([Say("One two three.")], [refuse(401)])
    async with serve() as server:
        _, run = await server.json("POST", "/api/runs", json=RUN)
        path = f"/api/runs/{run['id']}/debates"
        for name in ("1/single", "2/single"):
            await over(server, (await server.json("POST", path, json=begin(name)))[1])
        _, told = await server.json("GET", f"/api/runs/{run['id']}")
        assert told["debates"] == {"completed": 1, "failed": 1}
        assert told["usage"]["output"] > 0
    async with serve() as server:
        assert (await server.json("GET", f"/api/runs/{run['id']}"))[1] == told
        _, held = await server.json("GET", path)
        states = [(one["key"], one["state"], one["usage"]["output"] > 0) for one in held["debates"]]
        assert states == [("1:1/single", "completed", True), ("1:2/single", "failed", False)]


async def test_a_failed_debate_goes_on_as_another_attempt(server: Server, fake: FakeUpstream) -> None:
    fake.play([refuse(401)])
    _, run = await server.json("POST", "/api/runs", json=RUN)
    path = f"/api/runs/{run['id']}/debates"
    _, first = await server.json("POST", path, json=begin())
    await over(server, first)
    again = begin(entry={"attempt": 2}, retries=first["id"])
    _, second = await server.json("POST", path, json=again)
    await over(server, second)
    assert (await server.json("GET", f"/api/debates/{second['id']}"))[1]["parent"] == first["id"]
    assert (await server.json("POST", path, json=again))[1]["id"] == second["id"]
    _, held = await server.json("GET", path)
    assert [(one["key"], one["state"]) for one in held["debates"]] == [
        ("1:1/single", "failed"),
        ("2:1/single", "completed"),
    ]


async def test_a_run_counts_each_of_its_debates_once_and_no_markings_and_all_that_they_cost(
    server: Server, fake: FakeUpstream
) -> None:
    fake.play([refuse(401)], [Say("So it is.")], [Say("yes")])
    _, run = await server.json("POST", "/api/runs", json=RUN)
    path = f"/api/runs/{run['id']}/debates"
    _, first = await server.json("POST", path, json=begin())
    await over(server, first)
    await over(server, (await server.json("POST", path, json=begin(entry={"attempt": 2}, retries=first["id"])))[1])
    _, before = await server.json("GET", f"/api/runs/{run['id']}")
    assert before["debates"] == {"completed": 1}
    marking = begin("1/single/marking", entry={"role": "marking", "marks": "1/single"})
    await over(server, (await server.json("POST", path, json=marking))[1])
    _, told = await server.json("GET", f"/api/runs/{run['id']}")
    assert told["debates"] == {"completed": 1}
    assert told["usage"]["output"] > before["usage"]["output"] > 0


async def test_the_list_tells_the_debates_of_a_run_from_the_others(server: Server, fake: FakeUpstream) -> None:
    alone = (await server.debate(format="single"))[0]["debate"]
    _, run = await server.json("POST", "/api/runs", json=RUN)
    _, started = await server.json("POST", f"/api/runs/{run['id']}/debates", json=begin("Ä/single"))
    await over(server, started)

    async def listed(query: str) -> list[tuple[str, str | None, str | None]]:
        _, told = await server.json("GET", f"/api/debates{query}")
        return [(one["id"], one["run"], one["entry"]) for one in told["debates"]]

    its = (started["id"], run["id"], "Ä/single")
    assert await listed("") == [its, (alone, None, None)]
    assert await listed("?run=") == [(alone, None, None)]
    assert await listed(f"?run={run['id']}") == [its]
    assert await listed(f"?run={run['id']}&find=nothing") == []
    assert await listed(f"?run={run['id']}&state=completed") == [its]
    assert await listed(f"?run={run['id']}&state=failed") == await listed("?state=running") == []
    assert (await server.json("GET", f"/api/debates/{started['id']}"))[1]["run"] == run["id"]
    assert (await server.json("GET", f"/api/debates/{alone}"))[1]["run"] is None


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/api/runs/none", None, 404, "unknown_run"),
        ("GET", "/api/runs/none/debates", None, 404, "unknown_run"),
        ("GET", "/api/runs?before=none", None, 404, "unknown_run"),
        ("GET", "/api/runs?limit=0", None, 422, "invalid_request"),
        ("POST", "/api/runs/none/debates", begin(), 404, "unknown_run"),
        ("POST", "/api/runs", {}, 422, "invalid_request"),
        ("POST", "/api/runs", RUN | {"total": -1}, 422, "invalid_request"),
        ("POST", "/api/runs", RUN | {"more": 1}, 422, "invalid_request"),
        ("POST", "/api/runs/{run}/debates", begin(entry={"name": ""}), 422, "invalid_request"),
        ("POST", "/api/runs/{run}/debates", begin(entry={"attempt": 0}), 422, "invalid_request"),
        ("POST", "/api/runs/{run}/debates", begin(retries="none"), 422, "invalid_request"),
    ],
)
async def test_what_cannot_be_meant_is_refused_and_begins_nothing(
    server: Server, fake: FakeUpstream, method: str, path: str, body: Any, status: int, code: str
) -> None:
    _, run = await server.json("POST", "/api/runs", json=RUN)
    answered, problem = await server.json(method, path.replace("{run}", run["id"]), json=body)
    assert (answered, problem["code"]) == (status, code)
    assert (await server.json("GET", "/api/debates"))[1] == {"debates": []}
