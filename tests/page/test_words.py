"""Whatever a topic, a speech or a person's message is written with, it is text, and the layout holds."""

import asyncio

import pytest
from playwright.async_api import expect

from tests.conftest import Server
from tests.fakes.script import Gate, Say
from tests.fakes.upstream import FakeUpstream
from tests.page.conftest import Visit, start, whole
from tests.page.test_looks import within

WORDS = {
    "long": "x" * 1_900,
    "overrides": "\u202e\u2067 turned \u202d" * 20,
    "invisible": "\u200b\u200d\ufeff\u2060" * 400 + "seen",
    "piled": "Z" + "\u0301\u0310\u0489" * 300,
}


@pytest.mark.parametrize("name", WORDS)
@pytest.mark.parametrize("width", [320, 1280])
async def test_hostile_words_are_shown_as_text_and_the_layout_holds(
    visit: Visit, server: Server, fake: FakeUpstream, name: str, width: int
) -> None:
    words, held = WORDS[name], asyncio.Event()
    long = words * (10_000 // len(words) + 1)
    fake.play([Say(long, finish=None, size=997), Gate(held), Say(".")], [Say("Left alone.")], [Say("So be it.")])
    async with visit(viewport={"width": width, "height": 640}, reduced_motion="reduce") as page:
        await start(page, words)
        address = f"/api/debates/{page.url.split('/')[-1]}/messages"
        status, _ = await server.json("POST", address, json={"content": words, "to": "Skeptic"})
        assert status == 202
        held.set()
        await whole(page)
        assert await page.locator("h1").text_content() == words.strip()
        assert await page.locator(".said").text_content() == words
        await expect(page.locator(".speech").nth(1)).to_have_text("Left alone.")
        await within(page)
        beside = await page.locator(".speech").nth(1).bounding_box()
        assert beside is not None
        assert beside["width"] > width / 3
        await page.reload()
        await expect(page.locator(".standing")).to_have_text("The debate is finished")
        await within(page)


async def test_a_name_turns_no_other_words_around(visit: Visit) -> None:
    name = "\u202eSkeptic\u2069"
    turn = {"turn": 1, "agent": name, "round": 1, "phase": "speaking", "text": "x"}
    debate = {"seq": 2, "reason": "", "isHeld": False, "turns": [turn]}
    outlook = {"link": "open", "isPaused": False, "isReplay": False, "ready": 0, "waited": 0}
    async with visit() as page:
        said = await page.evaluate(
            "([debate, outlook]) => import('/static/wording.js').then(({ standing }) => standing(debate, outlook))",
            [debate, outlook],
        )
    assert said == "\u2068Skeptic\u2069 is speaking"
