"""Any number of tabs: each on its own debate, all over one stream."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, Request, ViewportSize, expect

from tests.conftest import Serve, Server
from tests.fakes.script import Gate, Say, Script
from tests.fakes.upstream import FakeUpstream
from tests.page.conftest import Visit

TABS = 20
# A name that stands for this machine in the test's browser, and is no secure context there.
NAME = "debate.test"
TOKEN = "a-token-of-the-house"
PHONE: ViewportSize = {"width": 360, "height": 640}
# A tab that is sooner out of patience with its leader.
FAST = "const real = setInterval; window.setInterval = (call, pause) => real(call, pause / 20);"


@pytest.fixture
async def server(serve: Serve) -> AsyncIterator[Server]:
    async with serve(max_running=TABS, allowed_host=(NAME,)) as started:
        yield started


class Streams:
    """The streams that a browser has open, in the order in which it opened them."""

    def __init__(self, context: BrowserContext) -> None:
        self.open: list[Request] = []
        context.on("request", lambda request: self.open.append(request) if "/events" in request.url else None)
        context.on("requestfinished", self._close)
        context.on("requestfailed", self._close)

    def _close(self, request: Request) -> None:
        if request in self.open:
            self.open.remove(request)


def speaking(fake: FakeUpstream, *gates: asyncio.Event) -> None:
    """Every speech names its debate's number, and waits for each gate after another word."""

    def script(body: dict[str, Any]) -> Script:
        number = re.findall(r"Topic (\d+)", str(body["messages"]))[-1]
        steps: list[Any] = [Say(f"Of {number}:", finish=None)]
        for at, gate in enumerate(gates):
            steps += [Gate(gate), Say(f" word{at}", finish=None)]
        return [*steps, Say(".")]

    fake.script = script


def said(number: int, words: int) -> str:
    return f"Of {number}:" + "".join(f" word{at}" for at in range(words))


async def debates(server: Server, number: int) -> list[str]:
    """Begin so many; the addresses of their pages."""
    wanted = [{"topic": f"Topic {one}", "rounds": 1} for one in range(number)]
    return [(await server.json("POST", "/api/debates", json=fields))[1]["page"] for fields in wanted]


async def tabs(first: Page, addresses: list[str]) -> list[Page]:
    """A tab for each, the first of them in the tab that is there."""
    pages = [first] + [await first.context.new_page() for _ in addresses[1:]]
    for page, address in zip(pages, addresses, strict=True):
        await page.goto(address)
    return pages


async def finished(pages: list[Page], words: int) -> None:
    """All of them show their own debate to its end."""
    for number, page in enumerate(pages):
        await expect(page.locator(".standing")).to_have_text("The debate is finished")
        await expect(page.get_by_role("heading", level=1)).to_have_text(f"Topic {number}")
        await expect(page.locator(".speech")).to_have_text([said(number, words) + "."] * 3)


async def test_twenty_tabs_stream_over_one_connection_and_the_next_loads(
    visit: Visit, server: Server, fake: FakeUpstream
) -> None:
    held = asyncio.Event()
    speaking(fake, held)
    async with visit(reduced_motion="reduce") as first:
        streams = Streams(first.context)
        pages = await tabs(first, await debates(server, TABS))
        for number, page in enumerate(pages):
            await expect(page.locator(".speech")).to_have_text([said(number, 0)])
        [stream] = streams.open
        assert stream.url.count("after=") == TABS
        next_one = await first.context.new_page()
        await next_one.goto("/")
        await expect(next_one.get_by_label("What shall be debated?")).to_be_focused()
        held.set()
        await finished(pages, 1)
        assert streams.open == []


async def test_when_the_leader_leaves_the_others_go_on_over_one_stream_and_its_debate_is_let_go(
    visit: Visit, server: Server, fake: FakeUpstream
) -> None:
    gates = [asyncio.Event() for _ in range(3)]
    speaking(fake, *gates)
    async with visit(reduced_motion="reduce") as leader:
        streams = Streams(leader.context)
        pages = await tabs(leader, await debates(server, 4))
        for number, page in enumerate(pages):
            await expect(page.locator(".speech")).to_have_text([said(number, 0)])
        async with pages[1].context.expect_event("request", lambda request: request.url.count("after=") == 3):
            await leader.goto("about:blank")
        gates[0].set()
        for number, page in enumerate(pages[1:], 1):
            await expect(page.locator(".speech")).to_have_text([said(number, 1)])
        assert len(streams.open) == 1
        await pages[1].reload()  # the next leader, whichever comes after it
        gates[1].set()
        for number, page in enumerate(pages[1:], 1):
            await expect(page.locator(".speech")).to_have_text([said(number, 2)])
        assert len(streams.open) == 1
        await pages[2].close()
        gates[2].set()
        for number in (1, 3):
            await expect(pages[number].locator(".standing")).to_have_text("The debate is finished")
            await expect(pages[number].locator(".speech")).to_have_text([said(number, 3) + "."] * 3)


async def test_a_tab_that_is_closed_is_followed_no_more(visit: Visit, server: Server, fake: FakeUpstream) -> None:
    held = asyncio.Event()
    speaking(fake, held)
    async with visit() as leader:
        addresses = await debates(server, 2)
        pages = await tabs(leader, addresses)
        await expect(pages[1].locator(".speech")).to_have_text([said(1, 0)])
        kept = addresses[0].rpartition("/")[2]
        async with leader.context.expect_event(
            "request", lambda request: request.url.endswith(f"/api/events?after={kept}.3")
        ):
            await pages[1].close()


async def test_two_tabs_on_one_debate_both_have_all_of_it(visit: Visit, server: Server, fake: FakeUpstream) -> None:
    held = asyncio.Event()
    speaking(fake, held)
    async with visit(reduced_motion="reduce") as first:
        [address] = await debates(server, 1)
        [page, other] = await tabs(first, [address, address])
        await expect(page.locator(".speech")).to_have_text([said(0, 0)])
        await expect(other.locator(".speech")).to_have_text([said(0, 0)])
        held.set()
        await finished([page], 1)
        await finished([other], 1)


async def test_a_leader_that_is_put_to_sleep_is_replaced_and_wakes_as_a_follower(
    visit: Visit, server: Server, fake: FakeUpstream
) -> None:
    gates = [asyncio.Event() for _ in range(2)]
    speaking(fake, *gates)
    async with visit(reduced_motion="reduce") as leader:
        streams = Streams(leader.context)
        addresses = await debates(server, 2)
        await leader.goto(addresses[0])
        await expect(leader.locator(".speech")).to_have_text([said(0, 0)])
        other = await leader.context.new_page()
        await other.add_init_script(FAST)
        await other.goto(addresses[1])
        pages = [leader, other]
        for number, page in enumerate(pages):
            await expect(page.locator(".speech")).to_have_text([said(number, 0)])
        debugger = await leader.context.new_cdp_session(leader)
        await debugger.send("Debugger.enable")
        await debugger.send("Debugger.pause")
        async with leader.context.expect_event("request", lambda request: "/api/events" in request.url):
            gates[0].set()
        await expect(other.locator(".speech")).to_have_text([said(1, 1)])
        await debugger.send("Debugger.disable")
        gates[1].set()
        await finished(pages, 2)
        assert streams.open == []


async def test_a_phone_in_the_same_network_shows_the_token_once_and_holds_a_debate(
    browser: Browser, serve: Serve, fake: FakeUpstream
) -> None:
    fake.play([Say("Free buses.")], [Say("No.")], [Say("Perhaps.")])
    async with serve(token=TOKEN, allowed_host=(NAME,)) as server:
        context = await browser.new_context(base_url=server.address.replace("127.0.0.1", NAME), viewport=PHONE)
        page = await context.new_page()
        await page.goto("/?topic=Free%20buses%3F")
        await page.get_by_label("Token").fill("wrong")
        await page.get_by_role("button", name="Open").click()
        await expect(page.get_by_role("alert")).to_contain_text("not the token")
        await page.get_by_label("Token").fill(TOKEN)
        await page.get_by_role("button", name="Open").click()
        await page.get_by_role("button", name="Start the debate").wait_for()
        assert TOKEN not in page.url
        assert await page.evaluate("isSecureContext") is False
        await page.get_by_label("What shall be debated?").fill("Free buses?")
        await page.get_by_role("button", name="Start the debate").click()
        await expect(page.locator(".standing")).to_have_text("The debate is finished")
        await page.reload()
        await expect(page.locator(".speech").first).to_have_text("Free buses.")
        await context.close()


async def test_a_page_that_is_no_secure_context_has_a_stream_of_its_own(
    visit: Visit, server: Server, fake: FakeUpstream
) -> None:
    held = asyncio.Event()
    speaking(fake, held)
    origin = server.address.replace("127.0.0.1", NAME)
    async with visit(at=origin, reduced_motion="reduce") as first:
        assert await first.evaluate("isSecureContext") is False
        streams = Streams(first.context)
        pages = await tabs(first, await debates(server, 2))
        for number, page in enumerate(pages):
            await expect(page.locator(".speech")).to_have_text([said(number, 0)])
        assert [stream.url.count("after=") for stream in streams.open] == [1, 1]
        await first.reload()
        await expect(first.locator(".speech")).to_have_text([said(0, 0)])
        held.set()
        await finished(pages, 1)
        assert streams.open == []
