"""A reader at a real browser, who also hears what a reader does not: the console and every request."""

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright, expect

from tests.conftest import Server

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--host-resolver-rules=MAP debate.test 127.0.0.1",
]  # fmt: skip
# What Chromium itself says about answers that are no 200.
NETWORK = "Failed to load resource"

# A machine may be slow; what does not come at all has failed.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.fail("The page is tested in Chromium, and there is none. Install it: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        await browser.close()


Visit = Callable[..., AbstractAsyncContextManager[Page]]


@pytest.fixture
def visit(browser: Browser, server: Server) -> Visit:
    """Opens an address of the server, or of the one ``at`` another origin, in a browser's fresh profile; other keyword
    arguments are the profile's.

    When the reader leaves, the page's code must have complained of nothing and asked nobody else for anything.
    """

    @asynccontextmanager
    async def open_(path: str = "/", *, at: str = "", **profile: Any) -> AsyncIterator[Page]:
        origin = at or server.address
        said: list[str] = []
        asked: list[str] = []

        def hear(message: ConsoleMessage) -> None:
            if not message.text.startswith(NETWORK):
                said.append(f"{message.type}: {message.text}")

        context = await browser.new_context(base_url=origin, **profile)
        context.on("console", hear)
        context.on("weberror", lambda error: said.append(str(error.error)))
        context.on("request", lambda request: asked.append(request.url))
        page = await context.new_page()
        await page.goto(path)
        yield page
        await context.close()
        assert said == []
        assert [url for url in asked if not url.startswith(f"{origin}/")] == []

    return open_


async def start(page: Page, topic: str, rounds: str = "1") -> None:
    """Type a topic, choose the rounds and press the button."""
    await page.get_by_label("What shall be debated?").fill(topic)
    await choose(page, "Rounds", rounds)
    await page.get_by_role("button", name="Start the debate").click()
    await page.wait_for_url("**/d/*")


async def whole(page: Page) -> None:
    """Wait until all of a finished debate of three speeches is shown, what can be done with them too."""
    await expect(page.locator(".total")).to_be_visible()
    await expect(page.locator(".turn").get_by_text("Fork", exact=True)).to_have_count(3)


async def choose(page: Page, label: str, option: str) -> None:
    """Choose something behind the start's disclosure."""
    if not await page.locator("details").evaluate("element => element.open"):
        await page.get_by_text("Format, rounds and models").click()
    await page.get_by_label(label).select_option(option)
