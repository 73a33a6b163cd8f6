"""Every state a debate can be in, as its reader sees it, in light and in dark."""

import asyncio
from typing import Any

import pytest
from playwright.async_api import Page, expect

from debate_server.core.events import AgentEnd, AgentStart, Ballot, DebateStart, Done, Event, Seat, Usage, Verdict
from debate_server.log.naming import new_id
from tests.conftest import Server
from tests.fakes.script import Gate, Say, Stall, refuse
from tests.fakes.upstream import FakeUpstream
from tests.page.conftest import Visit, start
from tests.page.test_looks import accessible, within

SPENT = Usage(10, 200, 0.0123)
SEATS = (Seat("Optimist", "for", "m1"), Seat("Skeptic", "against", "m2"), Seat("Moderator", "chair", "m1"))
DECIDED: tuple[Event, ...] = (
    AgentStart("Optimist", 1, 1, 1),
    AgentEnd("Optimist", 1, 1, "نعم، **لأن** الحافلات.", "stop", SPENT, 4000),
    AgentStart("Skeptic", 2, 1, 1),
    AgentEnd("Skeptic", 2, 1, "No.", "stop", SPENT, 4000),
    Ballot("Judge", "m3", "Judgement", 1, ("Optimist", "Skeptic"), "Optimist", 0.3, "It answered the cost.", (), SPENT),
    Verdict("Optimist", "Yes", 0.72, {"Optimist": "Fares cost.", "Skeptic": "Often."}, (6,), False, "Close."),
    Done("completed", SPENT),
)


async def logged(
    server: Server, topic: str, events: tuple[Event, ...], seats: tuple[Seat, ...] = SEATS, **start: Any
) -> str:
    """A debate that the log has, whoever held it; its id."""
    log, debate = server.house.log, new_id()
    log.create(DebateStart(debate, topic, "classic", 1, seats, **start), b"{}", None)
    for event in events:
        log.append(debate, event)
    await log.commit()
    return debate


async def standing(page: Page, words: str) -> None:
    await expect(page.locator(".standing")).to_have_text(words)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_verdict_is_a_box_with_the_decision_both_best_points_and_how_sure(
    visit: Visit, server: Server, scheme: str
) -> None:
    debate = await logged(server, "هل يجب أن تكون الحافلات مجانية؟", DECIDED)
    async with visit(f"/d/{debate}", color_scheme=scheme, bypass_csp=True) as page:
        verdict = page.get_by_role("region", name="The verdict")
        await expect(verdict).to_contain_text("Yes — Optimist made the better case")
        await expect(verdict).to_contain_text("How sure: 72%")
        await expect(verdict.locator("dd")).to_have_text(["Fares cost.", "Often."])
        await verdict.get_by_text("The ballot").click()
        await expect(verdict.locator("li")).to_contain_text("Judge: Optimist, by 30%. It answered the cost.")
        await expect(page.locator(".speech strong")).to_have_text("لأن")
        await expect(page.locator(".meter").first).to_have_text("200 tokens · 50/s · $0.0123")
        await expect(page.get_by_role("link", name="HTML")).to_have_attribute(
            "href", f"/api/debates/{debate}/export.html"
        )
        assert await page.evaluate("getComputedStyle(document.querySelector('.speech p')).direction") == "rtl"
        await within(page)
        await accessible(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_where_a_debate_was_stopped_or_has_failed(
    visit: Visit, server: Server, fake: FakeUpstream, scheme: str
) -> None:
    fake.play([Say("Half of a", finish=None), Stall()], [Say("I was heard.")], [refuse(401, "Incorrect API key")])
    async with visit(color_scheme=scheme, bypass_csp=True, reduced_motion="reduce") as page:
        await start(page, "Stopped?")
        await expect(page.locator(".speech").first).to_have_text("Half of a")
        await page.keyboard.press("Escape")
        await standing(page, "The debate was stopped")
        await accessible(page)
        await page.goto("/")
        await start(page, "Failed?")
        await standing(page, "The debate failed")
        await accessible(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_states_of_a_debate_that_runs_are_told_and_accessible(
    visit: Visit, fake: FakeUpstream, scheme: str
) -> None:
    first, second = asyncio.Event(), asyncio.Event()
    said = "A table:\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n- [one](https://example.org)\n\n`two` f"
    fake.play([Gate(first), Say(said, finish=None), Gate(second), Say("or.")], [refuse(401, "Incorrect API key")])
    profile = {"color_scheme": scheme, "viewport": {"width": 360, "height": 640}}
    async with visit(bypass_csp=True, **profile) as page:
        await page.clock.install()
        await start(page, "Which state?")
        await standing(page, "Optimist is preparing")
        await expect(page.locator(".bench.lit .name")).to_have_text("Optimist")
        await page.clock.fast_forward(5_000)
        await standing(page, "Optimist is preparing; the model may be loading or busy")
        await accessible(page)
        first.set()
        await expect(page.locator(".speech code")).to_have_text("two")
        await expect(page.locator(".wide td")).to_have_text(["1", "2"])
        await page.keyboard.press("Space")
        await standing(page, "Paused")
        await page.get_by_role("button", name="Speak up").click()
        await expect(page.get_by_label("What you say")).to_be_focused()
        await within(page)
        await accessible(page)
        second.set()
        await page.get_by_role("button", name="Skip to").click()
        await standing(page, "The debate failed")
        await expect(page.locator(".failure")).to_contain_text("Incorrect API key")
        await expect(page.locator(".failure")).to_contain_text("“Retry” goes on from here")
        await expect(page.locator(".speech code")).to_have_text("two")
        await expect(page.get_by_label("What you say")).to_be_hidden()
        await within(page)
        await accessible(page)


async def test_a_debate_in_line_says_that_others_come_first(visit: Visit, server: Server) -> None:
    debate = await logged(server, "In line?", ())
    async with visit(f"/d/{debate}") as page:
        await standing(page, "Waiting in line: other debates come first")
        await expect(page.locator(".bench")).to_have_count(3)


async def test_run_again_starts_the_same_debate_with_one_press(visit: Visit, server: Server) -> None:
    async with visit(reduced_motion="reduce") as page:
        await start(page, "Again?", rounds="3")
        await standing(page, "The debate is finished")
        old = page.url
        await page.get_by_role("button", name="Run again").click()
        await page.wait_for_url(lambda url: url != old)
        await standing(page, "The debate is finished")
        _, again = await server.json("GET", f"/api/debates/{page.url.split('/')[-1]}")
    _, before = await server.json("GET", f"/api/debates/{old.split('/')[-1]}")
    assert [again[name] for name in ("topic", "format", "rounds")] == ["Again?", "classic", 3]
    assert again["id"] != before["id"]


async def test_what_a_person_says_is_sent_once_and_stands_at_its_place(visit: Visit, fake: FakeUpstream) -> None:
    held = asyncio.Event()
    fake.play([Say("Free b", finish=None), Gate(held), Say("uses.")], [Say("No.")], [Say("So.")])
    async with visit(reduced_motion="reduce") as page:
        await start(page, "Speak up?")
        await expect(page.locator(".speech").first).to_have_text("Free b")
        await page.get_by_role("button", name="Speak up").click()
        box = page.get_by_label("What you say")
        await box.fill("x" * 4_001)
        await page.get_by_role("button", name="Send").click()
        await expect(page.locator(".compose .problem")).to_contain_text("4000")
        await expect(box).to_have_value("x" * 4_001)
        await box.fill("What of <b>costs</b>?")
        await page.get_by_label("To", exact=True).select_option("To Skeptic")
        await box.press("Control+Enter")
        await expect(page.locator(".message")).to_have_text("From the audience to SkepticWhat of <b>costs</b>?")
        await expect(box).to_have_value("")
        await expect(page.get_by_role("status")).to_have_text("Sent")
        held.set()
        await standing(page, "The debate is finished")
        order = "[...document.querySelectorAll('.turn')].map((turn) => turn.querySelector('.name').textContent)"
        assert await page.evaluate(order) == ["Optimist", "From the audience", "Skeptic", "Moderator"]
        await page.reload()
        await standing(page, "The debate is finished")
        await expect(page.locator(".said")).to_have_count(1)
        assert await page.evaluate(order) == ["Optimist", "From the audience", "Skeptic", "Moderator"]
    assert "What of" in str(fake.requests[1].body)


@pytest.mark.parametrize("clipboard", [True, False], ids=["clipboard", "plain HTTP"])
async def test_a_speech_and_a_link_to_it_can_be_copied(
    visit: Visit, server: Server, fake: FakeUpstream, clipboard: bool
) -> None:
    fake.play([Say("It is **so**.")])
    events = await server.debate(rounds=1)
    address = f"/d/{events[0]['debate']}"
    without = "Object.defineProperty(navigator, 'clipboard', { value: undefined })"
    async with visit(address, permissions=["clipboard-read", "clipboard-write"]) as page:
        await standing(page, "The debate is finished")
        read = "Object.assign(window, { read: navigator.clipboard.readText.bind(navigator.clipboard) }) && null"
        await page.evaluate(read)
        if not clipboard:
            await page.evaluate(without)
        button = page.get_by_role("button", name="Copy, Optimist, turn 1")
        await button.click()
        await expect(page.get_by_role("status")).to_have_text("Copied")
        await expect(button).to_be_focused()
        assert await page.evaluate("() => read()") == "It is **so**."
        await page.get_by_role("link", name="Link, Skeptic, turn 2").click()
        await expect(page.get_by_role("link", name="Link, Skeptic, turn 2")).to_have_text("Copied")
        assert await page.evaluate("() => read()") == f"{server.address}{address}#t2"
        await page.get_by_role("button", name="Copy all").click()
        await expect(page.get_by_role("button", name="Copied")).to_be_visible()
        assert "Optimist:\nIt is **so**." in await page.evaluate("() => read()")


async def test_a_link_to_a_speech_opens_there_and_marks_it(visit: Visit, server: Server, fake: FakeUpstream) -> None:
    fake.play([Say("One. " * 400)], [Say("Two. " * 400)], [Say("Three. " * 400)])
    events = await server.debate(rounds=1)
    async with visit(f"/d/{events[0]['debate']}#t3", viewport={"width": 360, "height": 640}) as page:
        await standing(page, "The debate is finished")
        await expect(page.locator("article:target")).to_have_attribute("id", "t3")
        await expect(page.locator("article:target")).to_be_in_viewport()
        assert await page.evaluate("document.activeElement === document.body")
