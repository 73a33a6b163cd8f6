"""Reading is not receiving: the reader pauses, skips, replays and sets the pace; nobody else notices."""

import asyncio

import pytest
from playwright.async_api import Page, expect

from tests.conftest import Server
from tests.fakes.script import Gate, Say, Script, Stall
from tests.fakes.upstream import FakeUpstream
from tests.page.conftest import Visit, start, whole

FIRST = "Free buses fill up streets. " * 4
REST: list[Script] = [[Say("No, they do not.")], [Say("Perhaps they do.")]]


async def finished(page: Page) -> None:
    await expect(page.locator(".standing")).to_have_text("The debate is finished")


async def test_space_pauses_reading_while_the_debate_goes_on_and_then_goes_on_reading(
    visit: Visit, fake: FakeUpstream
) -> None:
    held = asyncio.Event()
    fake.play([Say("Free buses f", finish=None), Gate(held), Say("ill up streets.")], *REST)
    async with visit() as page:
        await start(page, "Pause?")
        await expect(page.locator(".speech").first).to_have_text("Free buses")
        await page.keyboard.press("Space")
        await expect(page.locator(".standing")).to_have_text("Paused")
        held.set()
        await expect(page.locator(".standing")).to_have_text("Paused, 2 turns waiting")
        await expect(page.locator(".speech")).to_have_text(["Free buses"])
        await expect(page.get_by_role("button", name="Stop generating")).to_be_hidden()
        await page.get_by_role("button", name="Go on reading").click()
        await finished(page)
        await expect(page.locator(".speech")).to_have_text(
            ["Free buses fill up streets.", "No, they do not.", "Perhaps they do."]
        )


async def test_skip_to_live_ends_a_pause_and_shows_all_at_once(visit: Visit, fake: FakeUpstream) -> None:
    held = asyncio.Event()
    fake.play(
        [Say("Free b", finish=None), Gate(held), Say("uses.")],
        *REST[:1],
        [Say("I am not", size=8, finish=None), Stall()],  # in one piece, so that it is there as soon as it waits
    )
    async with visit() as page:
        await start(page, "Skip?")
        await page.get_by_role("button", name="Pause reading").click()
        held.set()
        await expect(page.locator(".standing")).to_have_text("Paused, 2 turns waiting")
        await page.get_by_role("button", name="Skip to live").click()
        await expect(page.locator(".speech")).to_have_text(["Free buses.", "No, they do not.", "I am not"])
        await expect(page.locator(".standing")).to_have_text("Moderator is speaking")


async def test_a_pause_hides_nothing_from_a_reader_who_wants_little_motion(visit: Visit, fake: FakeUpstream) -> None:
    held = asyncio.Event()
    fake.play([Say("Free b", finish=None), Gate(held), Say("uses.")], *REST)
    async with visit(reduced_motion="reduce") as page:
        await start(page, "Still?")
        await expect(page.locator(".speech").first).to_have_text("Free b")
        await expect(page.get_by_role("button", name="Pause reading")).to_be_hidden()
        await page.keyboard.press("Space")
        held.set()
        await finished(page)
        await expect(page.get_by_role("button", name="Run again")).to_be_visible()
        await expect(page.get_by_role("button", name="Replay")).to_be_hidden()


async def test_the_pace_is_remembered(visit: Visit, fake: FakeUpstream) -> None:
    fake.play([Say("Free buses f", finish=None), Stall()])
    async with visit() as page:
        await start(page, "Pace?")
        await page.get_by_label("Reading speed").select_option("Instant")
        await expect(page.locator(".speech").first).to_have_text("Free buses f")
        await page.reload()
        await expect(page.get_by_label("Reading speed")).to_have_value("0")


async def test_a_finished_debate_is_replayed_whole_in_its_order_and_can_be_skipped(
    visit: Visit, server: Server, fake: FakeUpstream
) -> None:
    held = asyncio.Event()
    fake.play([Say(FIRST, finish=None), Gate(held), Say("So there.")], *REST)
    async with visit() as page:
        await start(page, "Replay?")
        await expect(page.locator(".speech").first).to_contain_text("streets")
        await server.json("POST", f"/api/debates/{page.url.split('/')[-1]}/messages", json={"content": "And at night?"})
        await expect(page.locator(".said")).to_have_text("And at night?")
        held.set()
        await finished(page)
        await whole(page)
        read = await page.locator(".turns").inner_text()
        await page.get_by_role("button", name="Replay").click()
        await expect(page.locator(".standing")).to_contain_text("Replay: ")
        await expect(page.get_by_role("button", name="Pause reading")).to_be_visible()
        await expect(page.get_by_role("button", name="Stop generating")).to_be_hidden()
        await page.get_by_role("button", name="Skip to the end").click()
        await finished(page)
        await expect(page.locator(".said")).to_have_text("And at night?")
        await whole(page)
        assert await page.locator(".turns").inner_text() == read
        await page.get_by_role("button", name="Replay").click()
        await expect(page.locator(".standing")).to_contain_text("Replay: ")
        await finished(page)
        assert await page.locator(".turns").inner_text() == read


async def test_keys_are_for_the_page_only_where_nobody_types_or_presses(visit: Visit, fake: FakeUpstream) -> None:
    fake.play([Say("word " * 400, finish=None), Stall()])
    async with visit(reduced_motion="no-preference") as page:
        await start(page, "Keys?")
        await expect(page.locator(".speech").first).to_contain_text("word")
        await page.get_by_role("button", name="Speak up").click()
        box = page.get_by_label("What you say")
        await expect(box).to_be_focused()
        await page.keyboard.type(" ?jk")
        await page.keyboard.press("Escape")
        await expect(box).to_have_value(" ?jk")
        await expect(page.locator(".standing")).to_have_text("Optimist is speaking")
        await page.get_by_role("button", name="Keys").focus()
        await page.keyboard.press("Space")
        dialog = page.get_by_role("dialog", name="Keys")
        await expect(dialog).to_be_visible()
        await page.get_by_label("Space, J, K and ? are keys of this page").uncheck()
        await page.keyboard.press("Escape")
        await expect(dialog).to_be_hidden()
        await page.locator("body").press("?")
        await page.get_by_role("button", name="Keys").click()
        await page.get_by_label("Space, J, K and ? are keys of this page").check()
        await dialog.get_by_role("button", name="Close").click()
        await page.evaluate("() => document.activeElement.blur()")
        await page.keyboard.press("Control+j")
        await page.keyboard.press("Space")
        await expect(page.locator(".standing")).to_have_text("Paused")
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("button", name="Skip to the end")).to_be_visible()


@pytest.mark.parametrize("width", [360, 1280])
async def test_j_and_k_go_from_speech_to_speech_and_move_no_focus(
    visit: Visit, server: Server, fake: FakeUpstream, width: int
) -> None:
    fake.play([Say("One. " * 300)], [Say("Two. " * 300)], [Say("Three. " * 300)])
    events = await server.debate(rounds=1)
    top = "(id) => Math.round(document.getElementById(id).getBoundingClientRect().top)"
    async with visit(f"/d/{events[0]['debate']}", viewport={"width": width, "height": 640}) as page:
        await finished(page)
        await expect(page.get_by_role("button", name="Keys")).to_have_count(1)
        for _ in range(3):
            await page.keyboard.press("j")
        assert await page.evaluate(top, "t3") == (16 if width == 360 else await page.evaluate(top, "t3"))
        below = await page.evaluate("scrollY")
        await page.keyboard.press("k")
        assert await page.evaluate("scrollY") < below
        assert await page.evaluate("document.activeElement === document.body")
