"""The page for everyone: nothing that axe finds, in light and in dark, and nothing that sticks out of the screen."""

import asyncio

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from tests.fakes.script import Gate, Say
from tests.fakes.upstream import FakeUpstream
from tests.page.conftest import Visit, start

TOPIC = "Should Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft be one word?"
LONG = "https://example.org/" + "a-very-long-address-without-a-break" * 5


async def accessible(page: Page) -> None:
    found = await Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


async def within(page: Page) -> None:
    """Nothing is wider than the window."""
    assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_in_any_state(visit: Visit, fake: FakeUpstream, scheme: str) -> None:
    held = asyncio.Event()
    fake.play([Say("Free buses f", finish=None), Gate(held), Say("ill up streets.")])
    # axe runs inside of the page, which its own policy would not let it.
    async with visit(color_scheme=scheme, bypass_csp=True, reduced_motion="reduce") as page:
        await expect(page.locator(".model-line")).to_contain_text("fake-chat")
        await accessible(page)
        await start(page, "Should buses be free?")
        await expect(page.locator(".speech").first).to_contain_text("Free buses")
        await accessible(page)
        held.set()
        await expect(page.locator(".standing")).to_have_text("The debate is finished")
        await accessible(page)
        await page.goto("/d/nosuchdebate")
        await expect(page.get_by_role("heading", level=1)).to_have_text("There is no such debate")
        await accessible(page)


@pytest.mark.parametrize("width", [360, 1280])
async def test_nothing_is_wider_than_the_screen_in_any_state(visit: Visit, fake: FakeUpstream, width: int) -> None:
    held = asyncio.Event()
    fake.play([Say(f"See {LONG} f", finish=None), Gate(held), Say("or more.")])
    async with visit(viewport={"width": width, "height": 640}, reduced_motion="reduce") as page:
        await expect(page.locator(".model-line")).to_contain_text("fake-chat")
        await within(page)
        await start(page, TOPIC)
        await expect(page.locator(".speech").first).to_contain_text(LONG)
        await within(page)
        held.set()
        await expect(page.locator(".standing")).to_have_text("The debate is finished")
        await within(page)
        await page.get_by_role("link", name="New debate").click()
        await expect(page.locator(".recent a")).to_have_text(TOPIC)
        await within(page)
