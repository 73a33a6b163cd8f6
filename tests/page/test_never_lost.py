"""A debate at its own address: found again, and followed through whatever becomes of the network and the server."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from functools import partial
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from debate_server.core.events import AgentEnd, AgentStart, DebateStart, Done, Event, Seat, Token, Usage
from debate_server.log.naming import new_id
from tests.conftest import Server
from tests.fakes.script import Gate, Reset, Say, Script, Stall, refuse
from tests.fakes.upstream import FakeUpstream
from tests.integration.processes import free_port, running
from tests.page.conftest import Visit, start, whole
from tests.page.proxy import ReverseProxy

REST: list[Script] = [[Say("No.")], [Say("Perhaps.")]]
RECONNECTING = "Reconnecting, nothing lost"
POLLING = "Speeches come whole: no stream gets through"

# All that is on the paper. What was spoken while it was open is marked, for the layout alone.
PAPER = "document.querySelector('.paper').innerHTML.replaceAll(' settled', '')"


async def test_a_finished_debate_is_shown_as_it_was_heard_without_any_stream(
    visit: Visit, server: Server, fake: FakeUpstream
) -> None:
    fake.play([refuse(500, "Not now.")], [Say("Free buses."), Say(" cut h", finish=None), Reset()], *REST)
    async with visit() as page:
        await start(page, "Should buses be free?")
        await whole(page)
        heard = await page.evaluate(PAPER)
        asked: list[str] = []
        other = await page.context.new_page()
        other.on("request", lambda request: asked.append(request.url.removeprefix(server.address)))
        await other.goto(page.url)
        await whole(other)
        assert await other.evaluate(PAPER) == heard
        debate = page.url.rpartition("/")[2]
        address = f"/api/debates/{debate}"
        paths = {path for path in asked if path.startswith("/api/")}  # its place in the tree may still be asked for
        assert {f"{address}/messages?since=0"} <= paths <= {f"{address}/messages?since=0", address}


async def test_a_live_debate_is_whole_on_another_tab_and_goes_on_there(visit: Visit, fake: FakeUpstream) -> None:
    held = asyncio.Event()
    fake.play([Say("Free buses.")], [Say("They c", finish=None), Gate(held), Say("ost too much.")], [Say("Perhaps.")])
    async with visit() as page:
        await start(page, "Should buses be free?")
        await expect(page.locator(".speech").nth(1)).to_have_text("They")
        other = await page.context.new_page()
        await other.goto(page.url)
        await expect(other.locator(".speech")).to_have_text(["Free buses.", "They c"])
        held.set()
        for tab in (page, other):
            await expect(tab.locator(".standing")).to_have_text("The debate is finished")
            await expect(tab.locator(".speech")).to_have_text(["Free buses.", "They cost too much.", "Perhaps."])


@pytest.mark.parametrize("name", ["nosuchdebate", "%zz", "a.b", "x" * 300, "a%2fb", "%F0%9F%98%80"])
async def test_an_address_that_no_debate_can_have_is_a_missing_page(visit: Visit, name: str) -> None:
    async with visit(f"/d/{name}") as page:
        await expect(page.get_by_role("heading", level=1)).to_have_text("There is no such debate")


async def test_where_streams_do_not_get_through_the_page_polls_and_goes_back_when_they_do(
    visit: Visit, server: Server, fake: FakeUpstream
) -> None:
    first, second, third = asyncio.Event(), asyncio.Event(), asyncio.Event()
    fake.play(
        [Say("Free b", finish=None), Gate(first), Say("uses.")],
        [Say("They c", finish=None), Gate(second), Say("ost too m", finish=None), Gate(third), Say("uch.")],
        [Say("Perhaps.")],
    )
    async with ReverseProxy(server.address) as proxy, visit(at=proxy.address, reduced_motion="reduce") as page:
        await page.clock.install()
        await start(page, "Should buses be free?")
        speeches, standing = page.locator(".speech"), page.locator(".standing")
        await expect(speeches).to_have_text(["Free b"])
        proxy.collecting = True
        async with page.expect_request("**/api/events?*"):
            proxy.cut()
            await page.clock.run_for(1_000)
        async with page.expect_request("**/api/events?*"):  # the second that does not get through
            await page.clock.fast_forward(5_000)
        async with page.expect_response("**/messages?*"):
            await page.clock.fast_forward(5_000)
        await expect(standing).to_have_text(POLLING)
        first.set()
        await fake.asked(2)
        await until(page, 1_000, lambda: expect(speeches).to_have_text(["Free buses."], timeout=500))
        await expect(standing).to_have_text(POLLING)
        proxy.collecting = False
        await page.clock.fast_forward(30_000)
        await expect(speeches).to_have_text(["Free buses.", "They c"])  # in mid-speech, which polling does not tell
        await expect(standing).to_have_text("Skeptic is speaking")
        second.set()
        await expect(speeches).to_have_text(["Free buses.", "They cost too m"])
        third.set()
        await expect(standing).to_have_text("The debate is finished")
        await expect(speeches).to_have_text(["Free buses.", "They cost too much.", "Perhaps."])
        await page.clock.fast_forward(60_000)
        await whole(page)
        shown = await page.evaluate(PAPER)
        await page.reload()
        await expect(standing).to_have_text("The debate is finished")
        await whole(page)
        assert await page.evaluate(PAPER) == shown


async def test_turns_that_run_side_by_side_have_no_gap_after_polling(visit: Visit, server: Server) -> None:
    log, debate = server.house.log, new_id()
    seats = (Seat("Optimist", "for", "m"), Seat("Skeptic", "against", "m"))
    log.create(DebateStart(debate, "Side by side?", "other", 1, seats), b"{}")

    def say(*events: Event) -> None:
        for event in events:
            log.append(debate, event)

    say(AgentStart("Optimist", 1, 1, 1), AgentStart("Skeptic", 2, 1, 1), Token("Optimist", 1, "One"))
    async with ReverseProxy(server.address) as proxy, visit("/", at=proxy.address, reduced_motion="reduce") as page:
        await page.clock.install()
        await page.goto(f"/d/{debate}")
        speeches = page.locator(".speech")
        await expect(speeches).to_have_text(["One", ""])
        proxy.collecting = True
        proxy.cut()
        say(Token("Optimist", 1, " two"), Token("Skeptic", 2, "No."))
        say(AgentEnd("Skeptic", 2, 1, "No.", "stop", Usage(), 1), Token("Optimist", 1, " three"))
        await until(page, 5_000, lambda: expect(speeches).to_have_text(["One", "No."], timeout=500))
        proxy.collecting = False
        await page.clock.fast_forward(30_000)
        await expect(speeches).to_have_text(["One two three", "No."])
        say(AgentEnd("Optimist", 1, 1, "One two three", "stop", Usage(), 1), Done("completed", Usage()))
        await expect(page.locator(".standing")).to_have_text("The debate is finished")
        await expect(speeches).to_have_text(["One two three", "No."])


async def test_a_stream_in_which_nothing_happens_is_none_that_does_not_get_through(
    visit: Visit, server: Server, fake: FakeUpstream
) -> None:
    fake.play([Say("Free b", finish=None), Stall()])
    async with ReverseProxy(server.address) as proxy, visit(at=proxy.address, reduced_motion="reduce") as page:
        await page.clock.install()
        await start(page, "Should buses be free?")
        await expect(page.locator(".speech")).to_have_text(["Free b"])
        async with page.expect_response("**/api/events?*"):
            proxy.cut()
        for _ in range(4):
            await page.evaluate("fetch('/api/formats')")
            await page.clock.fast_forward(5_000)
        assert proxy.asked.count("/api/events") == 2
        assert not [path for path in proxy.asked if path.endswith("/messages")]
        await expect(page.locator(".standing")).to_have_text("Optimist is speaking")


async def test_a_debate_that_is_only_polled_is_told_to_its_end(
    visit: Visit, server: Server, fake: FakeUpstream
) -> None:
    held = asyncio.Event()
    fake.play([Say("Free buses.")], [Say("No", finish=None), Gate(held), Say(".")], [Say("Perhaps.")])
    _, started = await server.json("POST", "/api/debates", json={"topic": "Free buses?", "rounds": 1})
    await fake.asked(2)
    async with ReverseProxy(server.address) as proxy, visit("/", at=proxy.address) as page:
        proxy.collecting = True
        await page.clock.install()
        async with page.expect_request("**/api/events?*"):
            await page.goto(started["page"])
        await expect(page.locator(".speech")).to_have_text(["Free buses."])  # at once: the first poll has it
        async with page.expect_request("**/api/events?*"):  # the second that does not get through
            await page.clock.fast_forward(5_000)
        await page.clock.fast_forward(5_000)
        await expect(page.locator(".standing")).to_have_text(POLLING)
        held.set()
        await until(page, 8_000, lambda: expect(page.locator(".ending")).to_be_visible(timeout=500))
        await expect(page.locator(".speech")).to_have_text(["Free buses.", "No.", "Perhaps."])
        asked = len(proxy.asked)
        await page.clock.fast_forward(120_000)
        await page.evaluate("fetch('/api/formats')")
        assert proxy.asked[asked:] == ["/api/formats"]


async def test_a_stream_that_is_cut_to_bytes_on_its_way_is_the_same(
    visit: Visit, server: Server, fake: FakeUpstream
) -> None:
    held = asyncio.Event()
    said = 'Naïve — 日本 😀 \u2028 "quoted" \\ data: {"x"}'
    fake.play([Say(said, finish=None), Gate(held), Say(" It ends.")], *REST)
    async with ReverseProxy(server.address) as proxy, visit(at=proxy.address) as page:
        proxy.mincing = True
        await start(page, "😀?")
        await expect(page.locator(".speech")).to_contain_text(["data:"])
        held.set()
        await expect(page.locator(".standing")).to_have_text("The debate is finished")
        await expect(page.locator(".speech").first).to_have_text(f"{said} It ends.")
        await whole(page)
        heard = await page.evaluate(PAPER)
        await page.reload()
        await expect(page.locator(".standing")).to_have_text("The debate is finished")
        await expect(page.locator(".speech").first).to_have_text(f"{said} It ends.")  # markdown.js is there
        await whole(page)
        assert await page.evaluate(PAPER) == heard


async def until(page: Page, step: int, seen: Callable[[], Awaitable[None]]) -> None:
    """Let the page's time go on, in steps, until something is seen."""
    for _ in range(20):
        await page.clock.fast_forward(step)
        with suppress(AssertionError):
            await seen()
            return
    await seen()


async def test_reconnecting_is_said_after_two_seconds_and_a_restart_shows_everything_once(
    visit: Visit, fake: FakeUpstream, tmp_path: Path
) -> None:
    fake.play([Say("First.")], [Say("This is void", finish=None), Stall()], [Say("Second.")], [Say("Third.")])
    home = tmp_path / "home"
    home.mkdir()
    serve = partial(running, home, "--model", "fake-chat", port=free_port(), OPENAI_BASE_URL=fake.base_url)
    async with AsyncExitStack() as stack:
        async with serve() as (address, server):
            page = await stack.enter_async_context(visit(at=address, reduced_motion="reduce"))
            await page.clock.install()
            await start(page, "Restart?")
            standing, speeches = page.locator(".standing"), page.locator(".speech")
            await expect(speeches).to_have_text(["First.", "This is void"])
            await page.locator(".keys").wait_for(state="attached")  # the last part that is loaded by itself
            await page.clock.pause_at(await page.evaluate("Date.now() / 1000 + 0.1"))
            async with page.expect_event("requestfailed"):
                server.kill()
            await page.clock.run_for(1_900)
            await expect(standing).to_have_text("Skeptic is speaking")
            await page.clock.run_for(200)
            await expect(standing).to_have_text(RECONNECTING)
            await expect(speeches).to_have_text(["First.", "This is void"])
        await page.clock.resume()
        async with serve():
            await expect(standing).to_have_text("The debate is finished")
            await expect(speeches).to_have_text(["First.", "Second.", "Third."])
            await whole(page)
            shown = await page.evaluate(PAPER)
            await page.reload()
            await whole(page)
            assert await page.evaluate(PAPER) == shown
    assert len(fake.requests) == 4


async def test_a_debate_that_is_deleted_while_it_is_open_is_told_and_what_was_read_stays(
    visit: Visit, server: Server, fake: FakeUpstream
) -> None:
    fake.play([Say("Free buses.", finish=None), Stall()])
    async with ReverseProxy(server.address) as proxy, visit(at=proxy.address) as page:
        await start(page, "Should buses be free?")
        await expect(page.locator(".speech")).to_contain_text(["Free"])
        debate = page.url.rpartition("/")[2]
        proxy.refusing = 502
        proxy.cut()
        await server.json("POST", f"/api/debates/{debate}/stop")
        await server.json("DELETE", f"/api/debates/{debate}")
        await expect(page.locator(".standing")).to_have_text(RECONNECTING)
        proxy.refusing = 0
        await expect(page.get_by_role("alert").filter(has_text="does not have this debate any more")).to_be_visible()
        await expect(page.locator(".standing")).to_have_text("Not connected")
        await expect(page.locator(".speech")).to_contain_text(["Free"])
        await page.reload()
        await expect(page.get_by_role("heading", level=1)).to_have_text("There is no such debate")


async def test_a_refusal_is_told_plainly_and_forgotten_once_it_is_over(
    visit: Visit, server: Server, fake: FakeUpstream
) -> None:
    held = asyncio.Event()
    fake.play([Say("Free b", finish=None), Gate(held), Say("uses.")], *REST)
    async with ReverseProxy(server.address) as proxy, visit(at=proxy.address) as page:
        await start(page, "Should buses be free?")
        await expect(page.locator(".speech")).to_contain_text(["Free"])
        proxy.refusing = 401
        proxy.cut()
        told = page.get_by_role("alert").filter(has_text="401")
        await expect(told).to_be_visible()
        await expect(page.locator(".standing")).to_have_text("Not connected")
        await page.reload()
        await expect(told).to_be_visible()
        proxy.refusing = 0
        held.set()
        await expect(page.locator(".standing")).to_have_text("The debate is finished")
        await expect(told).to_have_count(0)
        await expect(page.locator(".speech")).to_have_text(["Free buses.", "No.", "Perhaps."])
