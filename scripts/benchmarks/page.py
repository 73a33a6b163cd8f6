"""The cases of the page, in a real Chromium: until it can be used, a flood of tokens, a long debate that is over."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from scripts.benchmarks.cases import session_at
from scripts.benchmarks.machine import Figure, line, percentile, process, server
from scripts.benchmarks.streams import on_log

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]

# These run before the page's own scripts: they note when the topic box has the focus, and every frame's length once
# the page has been open for a second.
FOCUS = """
window.noted = new Promise((note) => addEventListener('focusin', ({ target }) => {
    if (target.id === 'topic') note(performance.now());
}));
"""
FRAMES = """
window.lengths = [];
let last = performance.now();
requestAnimationFrame(function next(now) {
    if (last > 1000) lengths.push(now - last);
    last = now;
    requestAnimationFrame(next);
});
"""
# Notes when the last speech of a debate that is over can be seen.
SHOWN = """
window.noted = new Promise((note) => requestAnimationFrame(function look() {
    if (document.querySelector('.ending:not([hidden])')) note(performance.now());
    else requestAnimationFrame(look);
}));
"""


async def usable(loads: int = 10) -> AsyncIterator[Figure]:
    """From the navigation to a topic box that has the focus, in a fresh profile."""
    async with server("--no-discover") as (address, _), _chromium() as browser:
        times = []
        for _ in range(loads):
            async with _visit(browser, address, FOCUS) as (page, _):
                times.append(float(await page.evaluate("noted")))
        yield Figure(f"page until it can be used, median of {loads} first visits", percentile(times, 0.5), "ms", 200)


async def flood(rate: float = 1000, tokens: int = 12_000) -> AsyncIterator[Figure]:
    """A reader of a debate of five speeches at so many tokens a second: frames, and the page's heap."""
    async with process("-m", "scripts.benchmarks.upstream", str(tokens), str(rate)) as upstream:
        flags = ("--base-url", await line(upstream), "--model", "fake-chat")
        async with server(*flags) as (address, _), _chromium() as browser, session_at(address) as session:
            async with session.post("/api/debates", json={"topic": "How fast?", "rounds": 2}) as response:
                debate = (await response.json())["id"]
            async with _visit(browser, f"{address}/d/{debate}", FRAMES) as (page, context):
                await page.wait_for_selector(".ending:not([hidden])", timeout=300_000)
                frames = [float(length) for length in await page.evaluate("lengths")]
                heap = await _heap(context, page)
        yield Figure(f"frames at {rate:g} tokens/s, p99", percentile(frames, 0.99), "ms")
        yield Figure(f"frames at {rate:g} tokens/s, longest of {len(frames)}", max(frames), "ms", 50)
        yield Figure("heap of the page's scripts after it", heap / 1e6, "MB", 50)


async def long(events: int = 10_000, loads: int = 5) -> AsyncIterator[Figure]:
    """From the navigation to the whole of a finished debate."""
    async with on_log(events) as (address, debate, _), _chromium() as browser:
        times = []
        for _ in range(loads):
            async with _visit(browser, f"{address}/d/{debate}", SHOWN) as (page, _):
                times.append(float(await page.evaluate("noted")))
        yield Figure(f"a finished debate of {events:,} events until it shows", percentile(times, 0.5), "ms", 300)


@asynccontextmanager
async def _chromium() -> AsyncIterator[Browser]:
    path = next(filter(None, map(shutil.which, NAMES)), None)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        await browser.close()


@asynccontextmanager
async def _visit(browser: Browser, address: str, script: str) -> AsyncIterator[tuple[Page, BrowserContext]]:
    context = await browser.new_context()
    page = await context.new_page()
    await page.add_init_script(script)
    await page.goto(address)
    yield page, context
    await context.close()


async def _heap(context: BrowserContext, page: Page) -> float:
    """Bytes that the page's scripts hold after a collection."""
    devtools = await context.new_cdp_session(page)
    await devtools.send("HeapProfiler.collectGarbage")
    used: dict[str, float] = await devtools.send("Runtime.getHeapUsage")
    return used["usedSize"]
