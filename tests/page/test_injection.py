"""Whatever others' words are written like, nothing of them runs and nothing of them is fetched, wherever they show."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from markdown_it import MarkdownIt
from playwright.async_api import Browser, Page, expect
from yarl import URL

from debate_server.core.events import DebateStart, Done, Verdict
from debate_server.log.naming import new_id
from tests.conftest import Serve, Server
from tests.fakes.script import Say
from tests.fakes.upstream import FakeUpstream
from tests.page.others import PIECES, USED, again, begin, decided, log, over, piece, refused
from tests.page.payloads import Payload, payloads
from tests.page.watch import Canary, Watch, listening, watched

TOKEN = "a-token-of-the-house"

# A careless page, and a reader who touches all that there is.
CARELESS = """
async (shown) => {
    navigation.addEventListener('navigate', (event) => event.preventDefault());
    for (const words of shown) {
        const place = document.createElement('div');
        document.body.append(place);
        place.append(document.createRange().createContextualFragment(words));
        for (const { content } of place.querySelectorAll('template')) place.append(content);
        for (const element of place.querySelectorAll('*')) {
            for (const name of element.getAttributeNames()) {
                if (name.startsWith('on')) element.dispatchEvent(new Event(name.slice(2)));
            }
            if (!element.matches('a, button')) continue;
            element.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }));
            await new Promise((resolve) => setTimeout(resolve));
        }
        place.querySelector('base, meta')?.remove();
    }
}
"""
# Speeches by the sizes of the pieces in which they come.
CUT = """
async ([shown, sizes]) => {
    const { Words } = await import('/static/words.js');
    await import('/static/markdown.js');
    const made = shown.map((text) => sizes.map((size) => {
        const root = document.createElement('div');
        root.className = 'speech';
        document.body.append(root);
        const words = new Words(root, 4);
        for (let at = 0; at < text.length; at += size) words.append(text.slice(at, at + size));
        words.end();
        return root;
    }));
    await import('/static/markdown.js');  // is there after the one that the words wait for
    await new Promise((resolve) => setTimeout(resolve));
    return made.map((roots) => roots.map((root) => (root.normalize(), root.innerHTML)));
}
"""
# All of the history, each of its debates deleted and kept again.
ALL_HELD = """
async () => {
    const [list, more] = document.querySelectorAll('.recent > ul, .recent > button');
    while (!more.hidden) {
        const grown = new Promise((resolve) => new MutationObserver(resolve).observe(list, { childList: true }));
        more.click();
        await grown;
    }
    for (const press of ['.quiet', '.tools button', '.tools button']) {
        for (const button of list.querySelectorAll(press)) button.click();
    }
}
"""
# Goes to addresses as the browser's own buttons do, and tells what there was to see.
VISITED = """
async (paths) => {
    const view = document.querySelector('#view');
    const seen = new Set();
    for (const path of paths) {
        const shown = new Promise((resolve) => new MutationObserver(resolve).observe(view, { childList: true }));
        history.pushState(null, '', path);
        window.dispatchEvent(new PopStateEvent('popstate'));
        await shown;
        seen.add(view.innerText);
    }
    return [...seen];
}
"""
# Goes there without leaving the document, with all that a speech may need at hand.
OPENED = """
async (path) => {
    await import('/static/markdown.js');
    history.pushState(null, '', path);
    window.dispatchEvent(new PopStateEvent('popstate'));
}
"""
TEXTS = "(selector) => [...document.querySelectorAll(selector)].map(({ textContent }) => textContent)"


@pytest.fixture
async def canary() -> AsyncIterator[Canary]:
    async with listening() as started:
        yield started


@pytest.fixture
def words(canary: Canary) -> list[str]:
    return [payload.words for payload in payloads(canary.address)]


def quoted(*words: str) -> str:
    return quote(" ".join(words), safe="")


def addresses(words: list[str]) -> list[str]:
    """All of them as parts of addresses, a dozen in each."""
    return [quoted(*words[at : at + 12]) for at in range(0, len(words), 12)]


async def unharmed(watch: Watch, canary: Canary) -> None:
    """Nothing ran, was fetched, opened or blocked, nobody complained, and no element or attribute is not the page's."""
    assert await watch.all() == []
    assert watch.opened == []
    assert canary.heard == {}


async def texts(page: Page, selector: str) -> Any:
    return await page.evaluate(TEXTS, selector)


def careless(payload: Payload) -> str:
    """Markup as a page makes it that never heard of escaping."""
    markdown = MarkdownIt("commonmark", {"html": True})
    markdown.validateLink = lambda url: True  # type: ignore[method-assign]
    ways = {
        "html": payload.words,
        "markdown": str(markdown.render(payload.words)),
        "attribute": f'<input value="{payload.words}">',
        "text": f"<title>{payload.words}</title>",
        "script": f"<script>`{payload.words}`</script>",
    }
    return ways[payload.family]


async def test_200_and_more_do_run_or_fetch_where_words_are_taken_for_markup(browser: Browser, canary: Canary) -> None:
    shown = payloads(canary.address)
    assert len({payload.words for payload in shown}) == len(shown)
    async with watched(browser, canary) as watch:
        await watch.page.goto(canary.address)
        await watch.page.evaluate(CARELESS, [careless(payload) for payload in shown])
        ran = await watch.ran()
    assert len(ran | canary.numbers) >= 200
    assert ran
    assert canary.numbers


async def open_debate(page: Page, debate: str) -> None:
    await page.goto("/d/nosuchdebate")
    await page.evaluate(OPENED, f"/d/{debate}")


async def follow(page: Page, server: Server, debate: str, words: list[str]) -> None:
    """The whole debate live, in which everybody fails first and then speaks; what stands where only names do."""
    await log(server, debate, refused(words))
    await expect(page.locator(".note:visible")).to_have_count(len(words))
    assert await texts(page, ".note") == [f"The attempt failed: {said} Trying again." for said in words]
    assert await texts(page, ".bench .name") == await texts(page, ".bench .model") == words
    await page.get_by_role("button", name="Speak up").click()
    await expect(page.locator(".compose option")).to_have_count(len(words) + 1)
    await log(server, debate, again(words))
    for number in range(PIECES):
        await log(server, debate, piece(words, number))
        await expect(page.locator(".said")).to_have_count(number + 1)
    seq = await log(server, debate, over(words))
    await log(server, debate, decided(words, seq + 1))
    await ended(page)


async def ended(page: Page) -> None:
    await expect(page.locator(".standing")).to_have_text("The debate was stopped")
    await page.locator(".verdict li").last.wait_for(state="attached")


async def replay(page: Page) -> None:
    paper = await page.query_selector(".paper")
    assert paper is not None
    await page.emulate_media(reduced_motion="no-preference")
    await page.get_by_role("button", name="Replay").click()
    await paper.wait_for_element_state("hidden")
    await ended(page)


async def test_nothing_runs_in_a_debate_live_replayed_or_read_again(
    browser: Browser, server: Server, canary: Canary, words: list[str]
) -> None:
    debate, text = await begin(server, words), " ".join(words)
    profile = {"base_url": server.address, "reduced_motion": "reduce", "viewport": {"width": 600, "height": 600}}
    # First without the policy: whatever got onto the page would run.
    async with watched(browser, canary, bypass_csp=True, **profile) as watch:
        await open_debate(watch.page, debate)
        await follow(watch.page, server, debate, words)
        assert (await texts(watch.page, ".said"))[PIECES:] == await texts(watch.page, ".verdict dd") == words
        assert await texts(watch.page, ".warning") == await texts(watch.page, "caption") == words
        assert await texts(watch.page, "h1") == [text]
        assert text in (await texts(watch.page, ".decision-line"))[0]
        assert await texts(watch.page, "title") == [f"{text} — debate-server"]
        assert (await texts(watch.page, ".failure p"))[0] == text.replace("`", "")
        live = await texts(watch.page, ".speech")
        await replay(watch.page)
        assert await texts(watch.page, ".speech") == live
        await unharmed(watch, canary)
    async with watched(browser, canary, **profile) as watch:
        await open_debate(watch.page, debate)
        await ended(watch.page)
        assert await texts(watch.page, ".speech") == live
        await unharmed(watch, canary)


async def test_what_a_speech_becomes_does_not_depend_on_the_pieces_in_which_it_comes(
    browser: Browser, server: Server, canary: Canary, words: list[str]
) -> None:
    async with watched(browser, canary, base_url=server.address) as watch:
        await watch.page.goto("/d/nosuchdebate")
        made = await watch.page.evaluate(CUT, [words, [1_000, 1, 2, 7]])
        assert [said for said, ways in zip(words, made, strict=True) if len(set(ways)) > 1] == []
        await unharmed(watch, canary)


async def test_nothing_runs_on_the_start_page_or_in_the_history(
    browser: Browser, server: Server, fake: FakeUpstream, canary: Canary, words: list[str]
) -> None:
    fake.models = words
    for debate, said in [(new_id(), said) for said in words]:
        server.house.log.create(DebateStart(debate, said, said, 1, ()), b"{}")
        server.house.log.append(debate, Verdict(None, said, None, {}, (), True, said))
        server.house.log.append(debate, Done("completed", USED))
    await server.house.log.commit()
    half = len(words) // 2
    async with watched(browser, canary, base_url=server.address) as watch:
        page = watch.page
        await page.goto(f"/?format={quoted(*words[:half])}&agents=Optimist%3D{quoted(*words[half:])}")
        await expect(page.locator(".notice")).to_contain_text(words[half - 1])
        await expect(page.locator(".notice")).to_contain_text(words[-1])
        assert len(set(words) & set(await texts(page, ".field option"))) >= 200
        await page.goto(f"/?topic={quoted(*words)}")
        await page.locator(".recent").wait_for()
        await page.evaluate(ALL_HELD)
        assert await texts(page, ".recent li > a") == await texts(page, ".recent .outcome") == words[::-1]
        await unharmed(watch, canary)


async def test_nothing_runs_at_an_address_that_is_not_there(
    browser: Browser, server: Server, canary: Canary, words: list[str]
) -> None:
    async with watched(browser, canary, base_url=server.address) as watch:
        await watch.page.goto(f"/d/{quoted(*words)}")
        [seen] = await watch.page.evaluate(VISITED, [f"/d/{name}" for name in addresses(words)])
        assert "There is no such debate" in seen
        await unharmed(watch, canary)


async def test_no_page_holds_words_of_its_address(serve: Serve, words: list[str]) -> None:
    shown = {"Authorization": f"Bearer {TOKEN}"}
    async with serve(token=TOKEN) as server:

        async def at(path: str, **headers: str) -> bytes:
            url = URL(path, encoded=True)
            async with server.session.get(url, headers={"Accept": "text/html", **headers}) as answer:
                assert answer.content_type == "text/html"
                return await answer.read()

        page, asking = await at("/d/x", **shown), await at("/d/x?token=x")
        for name in addresses(words):
            path = f"/d/{name}?topic={name}"
            assert await at(path, **shown) == page
            assert await at(f"{path}&token={name}") == asking


async def test_nothing_runs_in_an_exported_debate(
    browser: Browser, server: Server, canary: Canary, words: list[str], tmp_path: Path
) -> None:
    debate, kept = await begin(server, words), tmp_path / "debate.html"
    seq = await log(server, debate, [*again(words), *over(words)])
    await log(server, debate, decided(words, seq + 1))
    async with server.session.get(f"/api/debates/{debate}/export.html") as answer:
        kept.write_bytes(await answer.read())
    for profile in ({"bypass_csp": True}, {}):
        async with watched(browser, canary, **profile) as watch:
            await watch.page.goto(kept.as_uri())
            said = " ".join(words).replace("\r\n", "\n")
            assert await texts(watch.page, "h1") == [said.replace("\0", "")]
            assert await texts(watch.page, "title") == [said.replace("\0", "\ufffd")]
            assert len(await texts(watch.page, "style, script")) == 1
            await unharmed(watch, canary)


async def test_a_link_fetches_nothing_before_it_is_followed_and_tells_nothing_of_the_page_then(
    browser: Browser, server: Server, fake: FakeUpstream, canary: Canary
) -> None:
    host = canary.address.removeprefix("http://")
    fake.play([Say(f"See [http://bank.example](http://bank.example@{host}/1).", size=1)])
    debate = (await server.debate(rounds=1))[0]["debate"]
    async with watched(browser, canary, base_url=server.address) as watch:
        await watch.page.goto(f"/d/{debate}")
        link = watch.page.locator(".speech a")
        await expect(link).to_have_text(f"http://bank.example ({host})")
        await link.hover()
        await link.focus()
        await unharmed(watch, canary)
        async with watch.page.expect_popup() as coming:
            await link.click()
        popup = await coming.value
        await popup.wait_for_load_state()
        assert await popup.evaluate("opener === null && document.referrer === ''")
        assert await watch.all() == []
    asked = [request for request in canary.heard.values() if request.startswith(b"GET /1 ")]
    assert len(asked) == 1
    assert b"\r\nreferer:" not in asked[0].lower()
