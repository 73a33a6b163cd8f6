"""Draws ``docs/page.png``, the README's picture: the real page in a real browser, on a debate written for it."""

import asyncio
import shutil
import tempfile
from pathlib import Path

import aiohttp
from playwright.async_api import async_playwright

from debate_server.house import opened
from debate_server.settings import Settings
from debate_server.web.app import make_app, serving
from tests.fakes.script import Pace, Say
from tests.fakes.upstream import FakeUpstream

PICTURE = Path(__file__).parents[1] / "docs" / "page.png"
TOPIC = "Should cities ban private cars from their centres?"
SPEECHES = (
    "They should, because a street is the largest room a city owns, and today one machine in motion, or more often "
    "at rest, takes most of it. Give the room back and it fills at once: with shade, with tables, with children who "
    "walk to school alone. Who, then, has a better claim to the street than the people who live on it?",
    "They should not, because a ban answers the question of who may come into the city with a flat no, and those who "
    "hear it are seldom the comfortable. The nurse on the night shift and the plumber with his ladder did not choose "
    "the car over the tram; there is no tram at four in the morning. What does the ban offer them on its first day?",
    "You say that a ban falls on those who have no other way in, and a careless one would. But that is an argument "
    "about exceptions, and exceptions can be written: for night work, for tools, for those who cannot walk. What "
    "cannot be written into any rule is a street that is safe while everybody may still drive through it.",
    "You say that the exceptions can be written, and I grant that they can. Each one, though, needs a permit, a desk "
    "and somebody to decide, and whoever has the time to queue gets in. A price on the road treats the nurse and the "
    "banker by one rule, and pays for the tram at four in the morning. Why forbid what can be charged for?",
    "Both sides accept by now that the space is scarce, and that the night worker must not pay for the change.\n\nThe "
    "crux is whether exceptions can be granted fairly: one side trusts a rule with permits, the other a price.\n\nA "
    "year of permits without long queues should move the Skeptic; a charge that emptied the streets as well as a ban "
    "should move the Optimist.\n\nI judge that the centre should be closed to through traffic, with a charge before "
    "a ban, because the case for the street was met and the case for forbidding was not. I am 65% sure.",
)


async def draw(folder: str) -> None:
    async with FakeUpstream(models=("sample",)) as fake:
        for speech in SPEECHES:
            fake.play([Pace(60), Say(speech)])
        settings = Settings(data=folder, port=0, base_url=fake.base_url, model="sample", discover=False)
        async with opened(settings) as house:
            app = make_app(settings, house.log, house.upstream, house.runner)
            async with serving(app) as address, aiohttp.ClientSession(address) as session:
                async with session.post("/api/debates", json={"topic": TOPIC}) as response:
                    started = await response.json()
                async with session.get(started["events"]) as stream:
                    await stream.read()
                await _shoot(address + started["page"])


async def _shoot(address: str) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = await browser.new_page(viewport={"width": 1120, "height": 1290})
        await page.goto(address)
        await page.get_by_text("65% sure").wait_for()
        await page.screenshot(path=PICTURE)
        await browser.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(draw(folder))
