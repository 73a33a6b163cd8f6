"""What the page weighs on its way, and when its parts come."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from playwright.async_api import Browser, expect

from debate_server.web.page import STATIC, Part
from tests.conftest import Server
from tests.fakes.script import Say, Stall
from tests.fakes.upstream import FakeUpstream
from tests.page.conftest import Visit

# What comes before a first debate shows, and all there is.
FIRST_BYTES = 30 * 1024
MOST_BYTES = 60 * 1024
# What only a debate that goes on needs, and a reader whom no stream reaches.
LIVE = {"follow.js", "feed.js", "shared.js"}
POLLED = {"poll.js"}

HEAD, BODY = (STATIC / "index.html").read_text(encoding="utf-8").split("</head>")
ADDRESS = re.compile(r'(?:href|src)="/static/([^"]+)"')
# What the page needs at first, what a debate's view needs beside it.
NAMED = set(ADDRESS.findall(HEAD))
PARTS = set(ADDRESS.findall(BODY))
IMPORT = re.compile(r"^(?:import|export) [^;]*? from '\./([^']+)';", re.MULTILINE)


def weight(names: Iterable[str]) -> int:
    """The bytes of all of them on their way."""
    return sum(len(Part.of(STATIC / name).packed) for name in names)


def imported(module: str) -> set[str]:
    """A module and all that it cannot be loaded without."""
    found, ahead = set[str](), [module]
    while ahead:
        found.add(name := ahead.pop())
        ahead += set(IMPORT.findall((STATIC / name).read_text(encoding="utf-8"))) - found
    return found


async def test_what_loads_before_a_first_debate_shows_is_light(
    browser: Browser, server: Server, fake: FakeUpstream
) -> None:
    fake.play([Say("Free buses", finish=None), Stall()])
    page = await browser.new_page(base_url=server.address)
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(urlsplit(request.url).path))
    await page.goto("/")
    await expect(page.locator(".model-line")).to_contain_text("fake-chat")
    await page.get_by_label("What shall be debated?").fill("Should buses be free?")
    await page.get_by_role("button", name="Start the debate").click()
    await expect(page.locator(".speech").first).to_contain_text("Free")
    parts = {path.removeprefix("/static/") for path in asked if path.startswith("/static/")}
    assert NAMED - {"favicon.svg"} | PARTS | LIVE <= parts
    # Chromium does not tell of the icon, and most first visitors have the demo model, of which more is said.
    assert weight(parts | {"index.html", "favicon.svg", "models.js", "clipboard.js"}) <= FIRST_BYTES


def test_the_whole_page_is_light() -> None:
    parts = [path for path in STATIC.rglob("*") if path.is_file() and path.suffixes[-2:] != [".d", ".ts"]]
    assert weight(path.relative_to(STATIC).as_posix() for path in parts) <= MOST_BYTES


def test_every_module_that_is_needed_is_named_where_all_are_loaded_in_one_go_and_no_other() -> None:
    assert {name for name in NAMED if name.endswith(".js")} == imported("app.js")
    assert {name for name in PARTS if name.endswith(".js")} == imported("viewer.js") - imported("app.js")


async def test_a_debate_that_is_over_loads_nothing_to_follow_one(visit: Visit, server: Server) -> None:
    events = await server.debate(rounds=1)
    asked: set[str] = set()
    async with visit() as page:
        page.on("request", lambda request: asked.add(request.url.partition("/static/")[2]))
        await page.goto(f"/d/{events[0]['debate']}")
        await page.locator(".ending").wait_for()
    assert NAMED - {"favicon.svg"} | PARTS <= asked
    assert not asked & (LIVE | POLLED)
