"""The history: what was held is found again, opened, kept, and deleted unless one thinks better of it."""

import asyncio

import pytest
from playwright.async_api import Locator, Page, expect

from tests.conftest import Server
from tests.fakes.script import Say, Stall, refuse
from tests.fakes.upstream import FakeUpstream
from tests.page.conftest import Visit
from tests.page.test_looks import accessible, within

PATIENCE = 60


async def held(server: Server, *topics: str) -> list[str]:
    """Debates on these topics, to their ends; their ids."""
    return [(await server.debate(topic, rounds=1))[0]["debate"] for topic in topics]


def entry(page: Page, topic: str) -> Locator:
    return page.get_by_role("region", name="Recent debates").get_by_role("listitem").filter(has_text=topic)


def topics(page: Page) -> Locator:
    return page.locator(".recent li > a:visible")


async def delete(page: Page, topic: str) -> None:
    await entry(page, topic).get_by_role("button", name="Export or delete").click()
    await entry(page, topic).get_by_role("button", name="Delete", exact=True).click()


async def forgotten(server: Server, debate: str) -> None:
    """Until the server does not know it any more. Nothing tells: it has to be asked."""
    async with asyncio.timeout(PATIENCE):
        while (await server.json("GET", f"/api/debates/{debate}"))[0] != 404:
            pass


async def test_a_debate_is_listed_with_its_date_its_verdict_or_end_and_its_length(
    visit: Visit, server: Server, fake: FakeUpstream
) -> None:
    fake.play([Say("Yes, they should.")], [Say("No.")], [Say("Perhaps so.")])
    _, started = await server.json("POST", "/api/debates", json={"topic": "Judged?", "rounds": 1})
    await server.events(started["events"])
    fake.play([refuse(401)])
    await held(server, "Failed?")
    async with visit(timezone_id="UTC") as page:
        row = (await server.json("GET", f"/api/debates/{started['id']}"))[1]
        await expect(entry(page, "Judged?").locator(".outcome")).to_have_text("Perhaps so.")
        await expect(entry(page, "Judged?").locator(".when")).to_contain_text("3 speeches, 6 words")
        await expect(entry(page, "Judged?").locator(".when")).to_contain_text(row["created"][11:16])
        await expect(entry(page, "Failed?").locator(".when")).to_contain_text("failed")


async def test_debates_are_found_by_a_word_and_an_empty_result_says_so(visit: Visit, server: Server) -> None:
    await held(server, "Should buses be free?", "Should trams be free?")
    async with visit() as page:
        word = page.get_by_label("Find by a word")
        status = page.get_by_role("region", name="Recent debates").get_by_role("status")
        await expect(topics(page)).to_have_text(["Should trams be free?", "Should buses be free?"])
        await word.fill("BUSES")
        await expect(topics(page)).to_have_text(["Should buses be free?"])
        await expect(status).to_have_text("one debate")
        await word.fill("boats")
        await expect(topics(page)).to_have_count(0)
        await expect(status).to_contain_text("No debate has “boats” in its topic.")
        await word.fill("")
        await expect(topics(page)).to_have_text(["Should trams be free?", "Should buses be free?"])


async def test_show_more_goes_on_where_the_list_ended_also_where_that_was_deleted(visit: Visit, server: Server) -> None:
    names = [f"Topic {number}?" for number in range(18)]
    ids = await held(server, *names)
    async with visit() as page:
        await page.clock.install()
        await page.reload()
        newest = names[::-1]
        await expect(topics(page)).to_have_text(newest[:8])
        await delete(page, newest[7])
        await page.clock.run_for(8_000)
        await forgotten(server, ids[-8])
        await page.get_by_role("button", name="Show more").click()
        await expect(topics(page)).to_have_text(newest[:7] + newest[8:16])
        await page.get_by_role("button", name="Show more").click()
        await expect(topics(page)).to_have_text(newest[:7] + newest[8:])
        await expect(page.get_by_role("button", name="Show more")).to_be_hidden()


async def test_deletions_can_be_undone_for_a_while_and_are_done_then(visit: Visit, server: Server) -> None:
    one, two, three = await held(server, "One?", "Two?", "Three?")
    async with visit() as page:
        await page.clock.install()
        await page.reload()
        for topic in ("One?", "Two?", "Three?"):
            await delete(page, topic)
        await expect(topics(page)).to_have_count(0)
        await expect(page.locator("#announcer")).to_have_text("Deleted: Three?. It can be undone for 8 seconds.")
        await page.clock.run_for(7_000)
        await entry(page, "Two?").get_by_role("button", name="Undo").click()
        await expect(topics(page)).to_have_text(["Two?"])
        _, listed = await server.json("GET", "/api/debates")
        assert [row["id"] for row in listed["debates"]] == [three, two, one]
        await page.clock.run_for(2_000)
        await forgotten(server, one)
        await forgotten(server, three)
        await page.clock.run_for(60_000)
        await page.reload()
        await expect(topics(page)).to_have_text(["Two?"])


@pytest.mark.parametrize("way", ["another page", "a debate of this page"])
async def test_what_was_deleted_is_gone_when_the_page_is_left(visit: Visit, server: Server, way: str) -> None:
    [kept, gone] = await held(server, "Kept?", "Gone?")
    async with visit() as page:
        await delete(page, "Gone?")
        if way == "another page":
            await entry(page, "Kept?").get_by_role("link", name="Kept?").click()
        else:
            await page.get_by_label("What shall be debated?").fill("New?")
            await page.keyboard.press("Control+Enter")
        await page.wait_for_url("**/d/*")
        await forgotten(server, gone)
    assert (await server.json("GET", f"/api/debates/{kept}"))[0] == 200


async def test_a_debate_that_runs_is_not_offered_for_deletion(visit: Visit, server: Server, fake: FakeUpstream) -> None:
    fake.play([Say("Still", finish=None), Stall()])
    _, started = await server.json("POST", "/api/debates", json={"topic": "Running?"})
    await fake.asked()
    async with visit() as page:
        await expect(entry(page, "Running?").locator(".when")).to_contain_text("running")
        await entry(page, "Running?").get_by_role("button", name="Export", exact=True).click()
        await expect(entry(page, "Running?").get_by_role("link", name="Markdown")).to_be_visible()
        await expect(entry(page, "Running?").get_by_role("button", name="Delete", exact=True)).to_be_hidden()
        await server.json("POST", f"/api/debates/{started['id']}/stop")
        await server.house.runner.ended(started["id"])
        await page.get_by_label("Find by a word").fill("Running")
        await expect(entry(page, "Running?").get_by_role("button", name="Export or delete")).to_be_visible()
        await entry(page, "Running?").get_by_role("button", name="Delete", exact=True).click()
        await expect(entry(page, "Running?").get_by_role("button", name="Undo")).to_be_visible()


async def test_a_deletion_that_is_refused_brings_the_debate_back_with_the_reason(visit: Visit, server: Server) -> None:
    [debate] = await held(server, "Deleted elsewhere?")
    async with visit() as page:
        await page.clock.install()
        await page.reload()
        await delete(page, "Deleted elsewhere?")
        await server.session.delete(f"/api/debates/{debate}")
        await page.clock.run_for(8_000)
        await expect(entry(page, "Deleted elsewhere?").get_by_role("alert")).not_to_be_empty()


async def test_every_form_of_export_can_be_downloaded(visit: Visit, server: Server) -> None:
    await held(server, "Exported?")
    async with visit() as page:
        await entry(page, "Exported?").get_by_role("button", name="Export or delete").click()
        for name, form in (("Markdown", "md"), ("JSON", "json"), ("HTML", "html")):
            async with page.expect_download() as coming:
                await entry(page, "Exported?").get_by_role("link", name=name).click()
            download = await coming.value
            assert download.suggested_filename.endswith(f".{form}")
            assert "Exported?" in (await download.path()).read_text(encoding="utf-8")


async def test_the_history_works_by_keyboard_alone_and_the_focus_stays(visit: Visit, server: Server) -> None:
    await held(server, "One?", "Two?")
    async with visit() as page:
        await expect(topics(page)).to_have_count(2)
        await page.get_by_label("Find by a word").focus()
        await page.keyboard.press("Tab")
        await expect(entry(page, "Two?").get_by_role("link", name="Two?")).to_be_focused()
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        for _ in range(4):
            await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        undo = entry(page, "Two?").get_by_role("button", name="Undo")
        await expect(undo).to_be_focused()
        await expect(undo).to_have_accessible_description("Two?")
        await page.keyboard.press("Enter")
        await expect(topics(page)).to_have_count(2)
        await page.keyboard.press("Shift+Tab")
        await page.keyboard.press("Shift+Tab")
        await page.keyboard.press("Shift+Tab")
        await page.keyboard.press("Shift+Tab")
        await page.keyboard.press("Shift+Tab")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", level=1)).to_have_text(["Two?"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_in_the_history(visit: Visit, server: Server, scheme: str) -> None:
    await held(server, "One?", "هل يجب أن تكون الحافلات مجانية؟")
    async with visit(color_scheme=scheme, bypass_csp=True, viewport={"width": 360, "height": 640}) as page:
        await delete(page, "One?")
        await entry(page, "هل").get_by_role("button", name="Export or delete").click()
        await expect(page.get_by_role("link", name="HTML")).to_be_visible()
        await accessible(page)
        await within(page)
