"""A hand on the wheel: hold and resume, one speech of several stopped."""

import asyncio

from playwright.async_api import expect

from tests.conftest import Server
from tests.fakes.script import Gate, Say, Script, Stall
from tests.fakes.upstream import FakeUpstream
from tests.page.conftest import Visit, start
from tests.page.test_states import standing


async def test_a_hold_lets_the_open_turn_end_and_is_shown_where_it_was_when_the_debate_goes_on(
    visit: Visit, fake: FakeUpstream
) -> None:
    held = asyncio.Event()
    first: Script = [Say("Free b", finish=None), Gate(held), Say("uses.")]
    fake.play(first, [Say("No.")], [Say("So.")])
    async with visit(reduced_motion="reduce") as page:
        await start(page, "Hold?")
        await expect(page.locator(".speech").first).to_have_text("Free b")
        await page.get_by_role("button", name="Hold generating").click()
        await expect(page.get_by_role("button", name="Holding …")).to_be_visible()
        held.set()
        await standing(page, "On hold: nothing is generated")
        await expect(page.locator(".speech")).to_have_text(["Free buses."])
        await page.reload()
        await page.get_by_role("button", name="Resume generating").click()
        await standing(page, "The debate is finished")
        await expect(page.locator(".turns > li:not(.round)")).to_contain_text(
            ["Free buses.", "Put on hold here", "Resumed here", "No.", "So."]
        )
        await expect(page.get_by_role("button", name="Hold generating")).to_be_hidden()


async def test_one_of_several_is_stopped_while_the_others_speak_on(
    visit: Visit, server: Server, fake: FakeUpstream
) -> None:
    script: Script = [Say("I was just about", finish=None), Stall()]
    fake.play(*[script] * 5)
    _, begun = await server.json("POST", "/api/debates", json={"topic": "Stop one?", "format": "vote"})
    async with visit(begun["page"], reduced_motion="reduce") as page:
        await expect(page.locator(".lanes .speech")).to_have_text(["I was just about"] * 5)
        await page.get_by_role("button", name="Stop this one, Sample 2").click()
        await expect(page.locator(".lanes .turn").nth(1).locator(".note")).to_have_text("stopped here")
        await expect(page.get_by_role("button", name="Stop this one")).to_have_count(4)
        await standing(page, "4 are speaking at the same time")
        await page.get_by_role("button", name="Stop generating").click()
        await standing(page, "The debate was stopped")
