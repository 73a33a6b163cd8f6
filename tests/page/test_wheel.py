"""A hand on the wheel: hold and resume, one speech of several stopped."""

import asyncio

from playwright.async_api import expect

from tests.conftest import Server
from tests.fakes.script import Gate, Say, Script, Stall
from tests.fakes.upstream import FakeUpstream
from tests.page.conftest import Visit, start
from tests.page.test_looks import accessible, within
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


async def test_a_fork_reads_as_one_debate_and_its_family_is_a_tree_to_walk(
    visit: Visit, server: Server, fake: FakeUpstream
) -> None:
    fake.play([Say("For it.")], [Say("Against it.")], [Say("So it is.")])
    parent = (await server.debate("Is it worth a fork?", rounds=1))[0]["debate"]
    fake.play([Say("Against it, but kinder.")], [Say("So be it.")])
    async with visit(f"/d/{parent}", bypass_csp=True, viewport={"width": 360, "height": 640}) as page:
        await page.get_by_role("button", name="Fork, Skeptic, turn 2").click()
        form = page.get_by_role("dialog", name="Fork before turn 2")
        await form.get_by_label("Topic").fill("Is it worth a kinder fork?")
        await form.get_by_label("Persona of Skeptic").fill("You are kind.")
        await within(page)
        await accessible(page)
        await form.get_by_role("button", name="Fork").click()
        await page.wait_for_url(lambda address: not address.endswith(parent))
        await standing(page, "The debate is finished")
        await expect(page.locator(".speech")).to_have_text(["For it.", "Against it, but kinder.", "So be it."])
        await expect(page.locator(".mark")).to_have_text("From here on it is a debate of its own, another topic")
        family = page.get_by_role("navigation", name="Forks").get_by_role("link")
        await expect(family).to_have_count(2)
        await expect(family.nth(1)).to_contain_text("Is it worth a kinder fork? · from turn 2")
        await within(page)
        await accessible(page)
        await family.first.click()
        await expect(page.locator("h1")).to_have_text("Is it worth a fork?")
        await expect(family).to_have_count(2)
        await expect(family.first).to_have_attribute("aria-current", "page")
        fake.play([Say("Still for it.")], [Say("Still against it.")], [Say("So it stays.")])
        await page.get_by_role("button", name="Go on").click()
        await page.get_by_role("dialog", name="Go on").get_by_role("button", name="Go on").click()
        await expect(page.locator(".speech")).to_have_text(
            ["For it.", "Against it.", "So it is.", "Still for it.", "Still against it.", "So it stays."]
        )
        await expect(page.locator(".round h2")).to_have_text(["I", "II"])
    assert "You are kind." in str(fake.requests[3].body)
