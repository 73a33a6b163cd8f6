"""What other people's pages read with: the browser's own ``EventSource``, and a few lines around ``fetch``."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import web
from playwright.async_api import Browser, Page

from debate_server.commands.read import Archive
from debate_server.log import frames as fr
from tests.conftest import Serve
from tests.fakes.script import Say, Stall
from tests.fakes.upstream import FakeUpstream
from tests.integration.processes import free_port, running

# An EventSource that the page never closes: ``seen`` is what it was given, ``has(n)`` waits for so many events and
# ``ended`` for the browser to give up.
WATCH = """
() => {
    const seen = [], waiting = [];
    const source = new EventSource('/api/debate?topic=Should%20streams%20live%3F&rounds=1');
    const look = () => waiting.forEach(([number, resolve]) => seen.length >= number && resolve());
    const has = (number) => new Promise((resolve) => { waiting.push([number, resolve]); look(); });
    const ended = new Promise((resolve) => {
        source.onerror = () => source.readyState === EventSource.CLOSED && resolve();
    });
    source.onmessage = (event) => {
        seen.push(event.data);
        look();
    };
    window.watched = { seen, has, ended };
}
"""
# A client as this system once had it: each chunk decoded by itself, split on blank lines, no content type named.
SEED = """
async ([address, encoded]) => {
    const wanted = JSON.stringify({ topic: 'Does the seed still grow?', rounds: 1 });
    const body = encoded ? new TextEncoder().encode(wanted) : wanted;
    const response = await fetch(address, { method: 'POST', body });
    const reader = response.body.getReader();
    const found = [];
    while (true) {
        const { done, value } = await reader.read();
        if (done) return found;
        for (const block of new TextDecoder().decode(value).split('\\n\\n')) {
            if (block.startsWith('data: ')) found.push(JSON.parse(block.slice(6)));
        }
    }
}
"""
# What the browser has not done after so many seconds it does not do.
PATIENCE = 60
SAID = 'Naïve words — 日本 😀 \u2028 "quoted" — arrive.'


@asynccontextmanager
async def page_of(browser: Browser, address: str) -> AsyncIterator[Page]:
    """A page of that origin, in a fresh profile."""
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(address)
    yield page
    await context.close()


async def test_event_source_rides_through_a_killed_server_and_shows_the_whole_debate_once(
    browser: Browser, fake: FakeUpstream, tmp_path: Path
) -> None:
    fake.play([Say("First.")], [Say("one two three", finish=None), Stall()], [Say("Second.")], [Say("Third.")])
    serve = partial(running, tmp_path, "--model", "fake-chat", port=free_port(), OPENAI_BASE_URL=fake.base_url)
    async with asyncio.timeout(PATIENCE), AsyncExitStack() as stack:
        async with serve() as (address, server):
            page = await stack.enter_async_context(page_of(browser, address))
            await page.evaluate(WATCH)
            await page.evaluate("() => watched.has(8)")  # the second speech is underway
            server.kill()
        async with serve():
            await page.evaluate("() => watched.ended")
            seen = [str(line).encode() for line in await page.evaluate("() => watched.seen")]
    archive = Archive(tmp_path / "data")
    assert len(archive.rows(10)) == 1
    assert seen == [fr.line(block) for block in fr.split(archive.frames(orjson.loads(seen[0])["debate"]))]
    events: list[dict[str, Any]] = [orjson.loads(line) for line in seen]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert [event["content"] for event in events if event["type"] == "agent_end"] == ["First.", "Second.", "Third."]
    assert [event["type"] for event in events].count("agent_error") == 1
    assert len(fake.requests) == 4


@pytest.mark.parametrize("encoded", [False, True], ids=["sent as text", "sent as bytes"])
async def test_a_page_of_an_allowed_origin_reads_a_whole_debate_with_fetch_alone(
    browser: Browser, serve: Serve, fake: FakeUpstream, encoded: bool
) -> None:
    fake.play(*[[Say(f"{SAID} {number}")] for number in range(3)])
    async with _other_site() as origin, serve(allow_origin=(origin,)) as server, page_of(browser, origin) as page:
        async with asyncio.timeout(PATIENCE):
            events = await page.evaluate(SEED, [f"{server.address}/api/debate", encoded])
        whole = await server.events(f"/api/debates/{events[0]['debate']}/events")
    assert events == [
        {name: event[name] for name in event if (event["type"], name) != ("agent_end", "content")} for event in whole
    ]
    for turn in range(1, 4):
        said = "".join(event["content"] for event in events if (event["type"], event.get("turn")) == ("token", turn))
        assert said == f"{SAID} {turn - 1}"
    assert events[-1]["reason"] == "completed"


@asynccontextmanager
async def _other_site() -> AsyncIterator[str]:
    """A page on a port of its own; its origin."""

    async def page(_: web.Request) -> web.Response:
        return web.Response(text="<!doctype html><title>Another site</title>", content_type="text/html")

    app = web.Application()
    app.router.add_get("/", page)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
