"""A debate as its reader has it: typed, watched, stopped, and found again."""

import asyncio

from playwright.async_api import Page, Route, expect

from tests.conftest import Server
from tests.fakes.script import Gate, Say, Script, Stall, refuse
from tests.fakes.upstream import FakeUpstream
from tests.page.conftest import Visit, start, whole

REST: list[Script] = [[Say("No.")], [Say("Perhaps.")]]


async def transcript(page: Page) -> str:
    """All that stands on the paper."""
    return await page.locator(".paper").inner_text()


async def test_a_debate_is_shown_word_by_word_and_whole_again_after_a_reload(
    visit: Visit, server: Server, fake: FakeUpstream
) -> None:
    one, two = asyncio.Event(), asyncio.Event()
    fake.play(
        [
            Say("Free buses f", finish=None),
            Gate(one),
            Say("ill up streets a", finish=None),
            Gate(two),
            Say("gain."),
        ],
        *REST,
    )
    async with visit() as page:
        await start(page, "Should buses be free?")
        speech = page.locator(".turn .speech").first
        await expect(speech).to_have_text("Free buses")
        await expect(page.locator("article[aria-busy=true]")).to_have_attribute("aria-labelledby", "t1-speaker")
        one.set()
        await expect(speech).to_have_text("Free buses fill up streets")
        assert len(fake.requests) == 1  # the speech still goes on
        two.set()
        await expect(page.locator(".standing")).to_have_text("The debate is finished")
        await expect(page.locator(".speech")).to_have_text(["Free buses fill up streets again.", "No.", "Perhaps."])
        await expect(page.get_by_role("heading", level=1)).to_have_text("Should buses be free?")
        await expect(page.get_by_role("status")).to_have_text("The debate is finished")
        await whole(page)
        shown = await transcript(page)
        await page.reload()
        await whole(page)
        assert await transcript(page) == shown
        await page.get_by_role("link", name="New debate").click()
        await expect(page.locator(".recent a")).to_have_text("Should buses be free?")
    assert len(fake.requests) == 3


async def test_a_reload_in_mid_speech_goes_on_with_it(visit: Visit, fake: FakeUpstream) -> None:
    held = asyncio.Event()
    fake.play([Say("Free buses f", finish=None), Gate(held), Say("ill up.")], *REST)
    async with visit() as page:
        await start(page, "Should buses be free?")
        await expect(page.locator(".speech").first).to_have_text("Free buses")
        await page.reload()
        await expect(page.locator(".speech").first).to_contain_text("Free buses")
        held.set()
        await expect(page.locator(".speech")).to_have_text(["Free buses fill up.", "No.", "Perhaps."])
        await expect(page.locator(".standing")).to_have_text("The debate is finished")


async def test_stop_ends_the_debate_and_keeps_what_was_said(visit: Visit, fake: FakeUpstream) -> None:
    fake.play([Say("I was just about", finish=None), Stall()])
    async with visit() as page:
        await start(page, "Stop?")
        await expect(page.locator(".speech").first).to_contain_text("I was just")
        await page.get_by_role("button", name="Stop generating").click()
        await expect(page.locator(".standing")).to_have_text("The debate was stopped")
        await expect(page.locator(".speech")).to_have_text("I was just about")
        await expect(page.locator(".note")).to_have_text("stopped here")
        await expect(page.locator(".ending")).to_have_text("Stopped here")
        await expect(page.get_by_role("button", name="Stop generating")).to_be_hidden()
    await (await fake.asked()).left.wait()
    assert len(fake.requests) == 1


async def test_a_failed_upstream_is_told_with_the_cause_and_what_to_do(visit: Visit, fake: FakeUpstream) -> None:
    fake.play([Say("I was heard.")], [refuse(401, "Incorrect API key")])
    async with visit() as page:
        await start(page, "Fail?")
        await expect(page.locator(".standing")).to_have_text("The debate failed")
        await expect(page.locator(".failure h2")).to_have_text("The debate failed")
        await expect(page.locator(".failure")).to_contain_text("Incorrect API key")
        await expect(page.locator(".failure")).to_contain_text("OPENAI_API_KEY")
        await expect(page.locator(".speech").first).to_have_text("I was heard.")
        await expect(page.get_by_role("button", name="Run again")).to_be_visible()


async def test_an_unknown_debate_leads_back_to_the_start(visit: Visit) -> None:
    async with visit("/d/nosuchdebate") as page:
        await expect(page.get_by_role("heading", level=1)).to_have_text("There is no such debate")
        await page.get_by_role("link", name="Back to the start").click()
        await expect(page.get_by_label("What shall be debated?")).to_be_focused()


async def test_a_topic_that_is_refused_says_why_and_stays_in_the_box(visit: Visit, fake: FakeUpstream) -> None:
    topic = "x" * 2_001
    async with visit() as page:
        await page.get_by_label("What shall be debated?").fill(topic)
        await page.get_by_role("button", name="Start the debate").click()
        await expect(page.locator("#start-problem")).to_contain_text("The limit is 2000")
        await expect(page.get_by_label("What shall be debated?")).to_have_value(topic)
    assert not fake.requests


async def test_a_debates_address_typed_into_the_browser_fills_in_the_topic_and_starts_nothing(
    visit: Visit, fake: FakeUpstream
) -> None:
    async with visit("/api/debate?topic=Caf%C3%A9s+%26+bars%3F") as page:
        await expect(page.get_by_label("What shall be debated?")).to_have_value("Cafés & bars?")
    assert not fake.requests


async def test_what_a_model_says_is_text_and_never_markup(visit: Visit, fake: FakeUpstream) -> None:
    said = "<img src=//evil.example/x onerror=alert(1)><script>alert(2)</script> &amp; **bold**"
    fake.play([Say(said)], *REST)
    async with visit() as page:
        await start(page, "<b>Markup?</b>")
        await expect(page.locator(".standing")).to_have_text("The debate is finished")
        await expect(page.locator(".speech").first).to_have_text(said.replace("*", ""))
        await expect(page.locator(".speech").first.locator("*")).to_have_count(2)  # a paragraph, and what is bold
        await expect(page.get_by_role("heading", level=1)).to_have_text("<b>Markup?</b>")


async def test_esc_stops_a_debate_before_its_first_word(visit: Visit, fake: FakeUpstream) -> None:
    fake.play([Stall()])
    async with visit() as page:
        await start(page, "Stop before it begins?")
        await expect(page.locator(".standing")).to_have_text("Optimist is preparing")
        await expect(page.get_by_role("button", name="Keys")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.locator(".standing")).to_have_text("The debate was stopped")


async def test_a_start_whose_answer_is_lost_is_made_once_though_it_is_pressed_again(
    visit: Visit, server: Server, fake: FakeUpstream
) -> None:
    lost: list[str] = []

    async def lose(route: Route) -> None:
        await route.fetch()
        lost.append(route.request.url)
        await route.abort()

    fake.play([Say("Free buses.")], *REST)
    async with visit() as page:
        await page.route("**/api/debates", lose, times=1)
        await page.get_by_label("What shall be debated?").fill("Once?")
        await page.get_by_role("button", name="Start the debate").click()
        await expect(page.locator("#start-problem")).to_contain_text("does not answer")
        await page.get_by_role("button", name="Start the debate").click()
        await page.wait_for_url("**/d/*")
        await expect(page.locator(".standing")).to_have_text("The debate is finished")
    assert len(lost) == 1
    assert len(server.house.log.list(10)) == 1
