"""What the page weighs on its way, and when its parts come."""

import gzip
import re

from debate_server.web.page import STATIC
from tests.conftest import Server
from tests.page.conftest import Visit

# What comes before a debate shows, and all there is.
FIRST_BYTES = 30 * 1024
MOST_BYTES = 60 * 1024
# Read by the type checker alone.
UNLOADED = {"types.d.ts"}

FIRST = {"index.html", *re.findall(r'(?:href|src)="/static/([^"]+)"', (STATIC / "index.html").read_text())}


def weight(names: set[str]) -> int:
    return sum(len(gzip.compress((STATIC / name).read_bytes())) for name in names)


def test_the_page_is_light() -> None:
    parts = {path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*") if path.is_file()}
    assert weight(FIRST) <= FIRST_BYTES
    assert weight(parts - UNLOADED) <= MOST_BYTES


async def test_what_the_page_needs_at_first_is_named_in_its_head_and_comes_in_one_go(
    visit: Visit, server: Server
) -> None:
    events = await server.debate(rounds=1)
    asked: set[str] = set()
    async with visit() as page:
        page.on("request", lambda request: asked.add(request.url.partition("/static/")[2]))
        await page.goto(f"/d/{events[0]['debate']}")
        await page.locator(".ending").wait_for()
    assert asked - {""} == FIRST - {"index.html"}
