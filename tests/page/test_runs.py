"""The page of a run: how far it is, live, and its debates."""

import asyncio
import re

import pytest
from playwright.async_api import Locator, Page, expect

from tests.conftest import Server
from tests.fakes.script import Gate, Say, refuse
from tests.fakes.upstream import FakeUpstream
from tests.page.conftest import Visit
from tests.page.test_looks import accessible, within

RUN = {"asked": "towns-1", "source": "towns.txt", "total": 3, "formats": ["single"]}


async def opened(server: Server, **fields: object) -> str:
    """A run; its id."""
    _, run = await server.json("POST", "/api/runs", json=RUN | fields)
    return str(run["id"])


async def begun(server: Server, run: str, *names: str) -> list[str]:
    """Debates of a run, begun one after another; their ids."""
    ids = []
    for name in names:
        body = {
            "start": {"topic": f"Is {name} so?", "format": "single"},
            "entry": {"name": f"{name}/single", "item": name, "format": "single"},
        }
        _, started = await server.json("POST", f"/api/runs/{run}/debates", json=body)
        ids.append(str(started["id"]))
    return ids


async def held(server: Server, run: str, *names: str) -> list[str]:
    """Debates of a run, to their ends; their ids."""
    ids = await begun(server, run, *names)
    for debate in ids:
        await server.house.runner.ended(debate)
    return ids


def counts(page: Page) -> Locator:
    return page.locator(".counts li:visible")


def topics(page: Page) -> Locator:
    return page.locator(".recent li > a:visible")


async def test_a_run_tells_what_was_asked_how_far_it_is_and_what_it_has_cost(
    visit: Visit, server: Server, fake: FakeUpstream
) -> None:
    fake.script = lambda body: [refuse(401)] if "Is b so?" in str(body["messages"]) else [Say("One two three.")]
    run = await opened(
        server, models=["fake-chat"], rounds=2, repeat=3, swap_sides=True, seed=7, score="number", budget_usd=2.5
    )
    await held(server, run, "a", "b")
    async with visit(f"/runs/{run}") as page:
        await expect(page).to_have_title("towns.txt — debate-server")
        await expect(page.get_by_role("heading", level=1)).to_have_text("towns.txt")
        facts = "3 debates · single × fake-chat · rounds 2 · 3 times each · sides swapped · seed 7 · scored by number"
        await expect(page.locator(".head .facts")).to_contain_text(facts)
        await expect(page.get_by_text(f"debate report {run}", exact=True)).to_be_visible()
        await expect(counts(page)).to_have_text(["1 completed", "1 failed", "1 to come"])
        over = page.get_by_role("progressbar", name="Debates that are over")
        assert await over.evaluate("bar => [bar.value, bar.max]") == [2, 3]
        _, told = await server.json("GET", f"/api/runs/{run}")
        said, read = told["usage"]["output"], told["usage"]["input"]
        spent = f"Said {said} tokens · read {read} · cost — · budget $2.50"
        await expect(page.locator(".total")).to_have_text(spent)
        await expect(topics(page)).to_have_text(["Is b so?", "Is a so?"])
        await expect(page.locator(".when").first).to_have_text("failed · b/single")
        await expect(page.locator(".when").last).to_have_text("completed · a/single · 1 speech, 3 words")
        await page.get_by_role("link", name="Is a so?").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Is a so?")
        await page.get_by_role("link", name="Part of a run").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("towns.txt")


@pytest.mark.parametrize(
    ("addresses", "told"),
    [
        ({"": "small@http://127.0.0.1:1/v1"}, "small"),
        ({"": "@cf/small@https://a.org"}, "@cf/small"),
        ({}, "the default model"),
    ],
)
async def test_the_model_that_nobody_named_is_named(
    visit: Visit, server: Server, addresses: dict[str, str], told: str
) -> None:
    run = await opened(server, addresses=addresses)
    async with visit(f"/runs/{run}") as page:
        await expect(page.locator(".facts").first).to_have_text(re.compile(f"single × {told}$"))


async def test_a_run_is_watched_live_and_left_alone_once_it_is_over(
    visit: Visit, server: Server, fake: FakeUpstream
) -> None:
    gates = [asyncio.Event(), asyncio.Event()]
    fake.play([Gate(gates[0]), Say("Yes.")], [Gate(gates[1]), Say("No.")])
    run = await opened(server, total=2)
    [first] = await begun(server, run, "a")
    await fake.asked()
    async with visit(f"/runs/{run}") as page:
        await page.clock.install()
        await page.reload()
        await expect(counts(page)).to_have_text(["1 running", "1 to come"])
        entry = await topics(page).element_handle()
        gates[0].set()
        await server.house.runner.ended(first)
        await page.clock.run_for(1000)
        await expect(counts(page)).to_have_text(["1 completed", "1 to come"])
        await expect(page.locator(".outcome")).to_have_text("Yes.")
        assert entry is not None
        assert await entry.evaluate("element => element.isConnected")  # it was changed, not made anew
        [second] = await begun(server, run, "b")
        gates[1].set()
        await server.house.runner.ended(second)
        await page.clock.run_for(8000)
        await expect(counts(page)).to_have_text(["2 completed"])
        await expect(topics(page)).to_have_text(["Is b so?", "Is a so?"])
        await expect(page.locator("#announcer")).to_have_text("The run is over: 2 completed")
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        await page.clock.run_for(60_000)
        assert asked == []


async def test_a_run_is_asked_for_ever_less_often_while_nothing_is_new_and_not_at_all_while_nobody_looks(
    visit: Visit, server: Server
) -> None:
    run = await opened(server)
    async with visit() as page:
        await page.clock.install()
        await page.goto(f"/runs/{run}")
        await expect(counts(page)).to_have_text(["3 to come"])
        times: list[int] = []
        now = 0

        async def passed(seconds: int) -> None:
            nonlocal now
            for _ in range(seconds):
                now += 1
                await page.clock.run_for(1000)
                # What it has asked by now is answered before the next second.
                await page.evaluate("fetch('/healthz').then((answer) => answer.text())")

        page.on("request", lambda request: times.append(now) if request.url.endswith(run) else None)
        await passed(24)
        assert times == [1, 3, 7, 15, 23]
        await page.evaluate("Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
        await passed(20)
        assert times == [1, 3, 7, 15, 23]
        await page.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")
        await passed(1)
        assert len(times) == 6


async def test_the_failed_ones_can_be_shown_alone(visit: Visit, server: Server, fake: FakeUpstream) -> None:
    fake.script = lambda body: [refuse(401)] if "Is b so?" in str(body["messages"]) else [Say("Yes.")]
    run = await opened(server)
    await held(server, run, "a", "b", "c")
    async with visit(f"/runs/{run}") as page:
        await expect(topics(page)).to_have_text(["Is c so?", "Is b so?", "Is a so?"])
        await page.get_by_label("Only those that failed").check()
        await expect(topics(page)).to_have_text(["Is b so?"])
        await page.get_by_label("Only those that failed").uncheck()
        await expect(topics(page)).to_have_text(["Is c so?", "Is b so?", "Is a so?"])


async def test_a_long_run_is_shown_fifty_at_a_time_and_stays_as_long_as_it_was(visit: Visit, server: Server) -> None:
    run = await opened(server, total=70)
    await held(server, run, *map(str, range(60)))
    async with visit() as page:
        await page.clock.install()
        await page.goto(f"/runs/{run}")
        await expect(topics(page)).to_have_text([f"Is {number} so?" for number in range(59, 9, -1)])
        await held(server, run, "60")
        await page.clock.run_for(8000)
        await expect(topics(page)).to_have_text([f"Is {number} so?" for number in range(60, 10, -1)])
        await page.get_by_role("button", name="Show more").click()
        await expect(topics(page)).to_have_text([f"Is {number} so?" for number in range(60, -1, -1)])
        await expect(page.get_by_role("button", name="Show more")).to_be_hidden()
        await held(server, run, "61")
        await page.clock.run_for(8000)
        await expect(topics(page)).to_have_text([f"Is {number} so?" for number in range(61, -1, -1)])


async def test_the_start_leads_to_the_runs_where_there_are_any_and_their_debates_do_not_flood_its_history(
    visit: Visit, server: Server
) -> None:
    await server.debate("Alone?", rounds=1)
    async with visit() as page:
        await expect(topics(page)).to_have_text(["Alone?"])
        await expect(page.get_by_role("link", name="Runs of many debates")).to_have_count(0)
        one, other = await opened(server), await opened(server, asked="other", source="other.csv", total=1)
        await held(server, one, "a")
        await page.reload()
        await page.get_by_role("link", name="Runs of many debates").click()
        await expect(topics(page)).to_have_text(["other.csv", "towns.txt"])
        await expect(page.locator(".when").first).to_have_text("1 to come")
        await page.go_back()
        await expect(topics(page)).to_have_text(["Alone?"])
        await page.goto(f"/runs/{other}")
        await expect(page.get_by_role("heading", level=1)).to_have_text("other.csv")


async def test_a_run_that_is_not_there_is_told_as_such(visit: Visit) -> None:
    async with visit("/runs/none") as page:
        await expect(page.get_by_role("heading", level=1)).to_have_text("There is no such run")
        await page.goto("/runs")
        await expect(page.get_by_role("status").filter(has_text="There is none yet")).to_be_visible()


async def test_a_server_that_does_not_answer_is_told_until_it_does(visit: Visit, server: Server) -> None:
    run = await opened(server)
    async with visit() as page:
        await page.clock.install()
        await page.goto(f"/runs/{run}")
        await expect(counts(page)).to_have_text(["3 to come"])
        await page.context.set_offline(True)
        await page.clock.run_for(8000)
        await expect(page.get_by_role("alert")).to_contain_text("The server does not answer.")
        rule = await page.locator(".total").bounding_box()
        problem = await page.get_by_role("alert").bounding_box()
        assert rule is not None
        assert problem is not None
        assert problem["y"] - rule["y"] - rule["height"] >= 8
        await expect(counts(page)).to_have_text(["3 to come"])
        await page.context.set_offline(False)
        await page.clock.run_for(8000)
        await expect(page.get_by_role("alert")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
async def test_axe_finds_nothing_in_a_run_and_nothing_is_wider_than_the_screen(
    visit: Visit, server: Server, fake: FakeUpstream, scheme: str, width: int
) -> None:
    fake.script = lambda body: [Say("Yes.")] if "Is a so?" in str(body["messages"]) else [refuse(401)]
    run = await opened(server, source="a-very-long-name-of-a-file-without-a-break" * 4 + ".jsonl")
    await held(server, run, "a", "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft")
    profile = {"color_scheme": scheme, "bypass_csp": True, "viewport": {"width": width, "height": 640}}
    async with visit(f"/runs/{run}", **profile) as page:
        await expect(topics(page)).to_have_count(2)
        await accessible(page)
        await within(page)
        await page.goto("/runs")
        await expect(topics(page)).to_have_count(1)
        await accessible(page)
        await within(page)
