"""The start: a topic, what is behind the disclosure, what is said of models, and the sample."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Page, expect

from debate_server.engine.runner import Runner
from debate_server.formats import Formats
from debate_server.house import House
from debate_server.log.lock import Lock
from debate_server.log.log import Log
from debate_server.upstream.discover import LocalServer
from debate_server.upstream.endpoint import Endpoint
from debate_server.upstream.upstream import Upstream
from debate_server.web.app import make_app, serving
from tests.conftest import Serve, Server, no_pause, settings_for
from tests.fakes.script import Gate, Say
from tests.fakes.upstream import FakeUpstream
from tests.page.conftest import Visit, choose, start
from tests.page.test_looks import accessible, within
from tests.upstream.conftest import StubEmbedded

DEMO = "SmolLM2-135M-Instruct (demo)"
# As a person may send it who means no good: markup, a right-to-left override, a flood of zero-width characters.
EVIL = "<img src=//evil.example/x onerror=alert(1)>\u202edetrevni\u2066 " + "a\u200b\u200d\ufeff" * 60
# A browser that lets nothing be kept, as with cookies blocked.
FORBIDDEN = (
    "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } })"
)
# A page over plain HTTP from another machine has no clipboard of its own.
INSECURE = "Object.defineProperty(navigator, 'clipboard', { value: undefined })"


@asynccontextmanager
async def elsewhere(
    fake: FakeUpstream, folder: Path, *, demo: bool, found: FakeUpstream | None = None
) -> AsyncIterator[Server]:
    """A server whose own model is the embedded one (the fake speaks for it), or the fake; ``found`` is its Ollama."""
    settings = settings_for(fake, folder, base_url="" if demo else fake.base_url, model="", demo=demo, discover=True)
    upstream = Upstream(
        settings,
        embedded=StubEmbedded(DEMO, endpoint=Endpoint("demo", fake.base_url, demo=True)),
        embedded_missing=lambda: None,
        servers=(LocalServer("Ollama", found.port, patience=30),) if found else (),
    )
    with Lock(folder) as lock:
        async with upstream, Log(folder) as log, Runner(settings, log, upstream, Formats(), pause=no_pause) as runner:
            app = make_app(settings, log, upstream, runner)
            async with serving(app) as address, aiohttp.ClientSession(address) as session:
                yield Server(address, House(lock, log, upstream, runner), session)


@pytest.fixture
async def ollama() -> AsyncIterator[FakeUpstream]:
    async with FakeUpstream(models=("qwen3:4b", "llama3.2:3b")) as found:
        yield found


@pytest.fixture
async def server(
    request: pytest.FixtureRequest, serve: Serve, fake: FakeUpstream, ollama: FakeUpstream, tmp_path: Path
) -> AsyncIterator[Server]:
    """As everywhere, with the settings that the test names; or one that has the embedded model, or Ollama beside."""
    wanted: dict[str, Any] = dict(getattr(request, "param", {}))
    if "demo" in wanted:
        found = ollama if wanted.get("ollama") else None
        async with elsewhere(fake, tmp_path / "data", demo=wanted["demo"], found=found) as started:
            yield started
    else:
        async with serve(**wanted) as started:
            yield started


with_demo = pytest.mark.parametrize("server", [{"demo": True}], indirect=True, ids=["demo"])
with_ollama = pytest.mark.parametrize("server", [{"demo": False, "ollama": True}], indirect=True, ids=["ollama"])


async def agents(page: Page, server: Server) -> dict[str, str]:
    """The model of each agent of the debate that is open."""
    _, debate = await server.json("GET", f"/api/debates/{page.url.rpartition('/')[2]}")
    return {agent["name"]: agent["model"] for agent in debate["agents"]}


# The topic


@pytest.mark.parametrize("keys", ["Control+Enter", "Meta+Enter", None])
async def test_the_box_has_the_focus_and_the_keys_or_the_button_start_the_debate(
    visit: Visit, server: Server, keys: str | None
) -> None:
    async with visit() as page:
        topic = page.get_by_label("What shall be debated?")
        await expect(topic).to_be_focused()
        await page.keyboard.type("Should buses be free?")
        await (page.keyboard.press(keys) if keys else page.get_by_role("button", name="Start the debate").click())
        await expect(page.get_by_role("heading", level=1)).to_have_text("Should buses be free?")
        _, listed = await server.json("GET", "/api/debates")
    assert [row["topic"] for row in listed["debates"]] == ["Should buses be free?"]


async def test_an_example_fills_the_box_and_starts_nothing(visit: Visit, fake: FakeUpstream) -> None:
    async with visit() as page:
        examples = page.get_by_role("region", name="For example").get_by_role("button")
        await expect(examples).to_have_count(3)
        for example in await examples.all():
            await example.click()
            await expect(page.get_by_label("What shall be debated?")).to_have_value(await example.inner_text())
            await expect(page.get_by_label("What shall be debated?")).to_be_focused()
    assert not fake.requests


async def test_an_empty_topic_is_told_at_the_box(visit: Visit) -> None:
    async with visit() as page:
        await page.get_by_role("button", name="Start the debate").click()
        await expect(page.locator("#start-problem")).to_contain_text("The topic is empty")
        await expect(page.get_by_label("What shall be debated?")).to_have_attribute("aria-invalid", "true")
        await start(page, "Should buses be free?")


async def test_the_limit_is_told_before_the_topic_is_sent(visit: Visit) -> None:
    async with visit() as page:
        topic, room = page.get_by_label("What shall be debated?"), page.locator("#topic-room")
        await topic.fill("x" * 1_799)
        await expect(room).to_have_text("")
        await topic.fill("😀" * 1_800)
        await expect(room).to_have_text("200 characters left")
        await topic.fill("x" * 10_000)
        await expect(room).to_have_text("8000 characters too many")
        await within(page)


# The choices


async def test_the_choices_are_loaded_when_they_are_opened(visit: Visit) -> None:
    async with visit() as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        await page.reload()
        await expect(page.locator(".model-line")).to_contain_text("fake-chat")
        assert not [url for url in asked if "options" in url or "formats" in url]
        await page.get_by_text("Format, rounds and models").click()
        await expect(page.get_by_label("Format")).to_have_value("classic")
        await expect(page.locator(".choices")).to_contain_text("An Optimist and a Skeptic open")
        await expect(page.get_by_label("Rounds")).to_have_value("2")
        assert await page.get_by_label("Rounds").locator("option").all_inner_texts() == [str(n) for n in range(1, 11)]


async def test_choices_that_could_not_be_loaded_say_so_and_are_there_at_the_next_opening(visit: Visit) -> None:
    async with visit() as page:
        await expect(page.locator(".model-line")).to_contain_text("fake-chat")
        await page.context.set_offline(True)
        await page.get_by_text("Format, rounds and models").click()
        await expect(page.locator("#start-problem")).to_contain_text("The server does not answer")
        await page.context.set_offline(False)
        await page.get_by_text("Format, rounds and models").click()
        await page.get_by_text("Format, rounds and models").click()
        await expect(page.get_by_label("Rounds")).to_have_value("2")


@with_ollama
async def test_what_is_chosen_is_what_is_held_and_is_remembered(visit: Visit, server: Server) -> None:
    async with visit() as page:
        await choose(page, "Skeptic", "llama3.2:3b")
        groups = page.get_by_label("Skeptic").locator("optgroup")
        assert [await group.get_attribute("label") for group in await groups.all()][1:] == ["Ollama", "Built in"]
        await start(page, "Should buses be free?", rounds="3")
        assert await agents(page, server) == {
            "Optimist": "fake-chat", "Skeptic": "llama3.2:3b", "Moderator": "fake-chat"
        }  # fmt: skip
        await page.goto("/")
        await expect(page.locator("details")).to_contain_text("3 rounds · Skeptic: llama3.2:3b")
        await expect(page.get_by_label("Rounds")).to_be_hidden()
        await page.get_by_label("What shall be debated?").fill("And trams?")
        await page.keyboard.press("Control+Enter")
        await page.wait_for_url("**/d/*")
        assert (await agents(page, server))["Skeptic"] == "llama3.2:3b"
        _, debate = await server.json("GET", f"/api/debates/{page.url.rpartition('/')[2]}")
    assert debate["rounds"] == 3


@pytest.mark.parametrize(
    "kept", ["{", "null", "7", '{"rounds": 99, "models": 3}', '{"format": {}, "models": {"Optimist": 1}}', None]
)
async def test_a_memory_that_holds_nonsense_or_throws_is_as_none(
    visit: Visit, server: Server, kept: str | None
) -> None:
    async with visit() as page:
        if kept is None:
            await page.add_init_script(FORBIDDEN)
        else:
            await page.evaluate("kept => localStorage.setItem('choice', kept)", kept)
        await page.reload()
        await choose(page, "Format", "classic")
        await expect(page.get_by_label("Rounds")).to_have_value("2")
        await expect(page.locator(".notice")).to_have_text("")
        await start(page, "Should buses be free?", rounds="1")
        assert set((await agents(page, server)).values()) == {"fake-chat"}


async def test_a_remembered_model_that_is_gone_is_told_and_the_default_speaks(visit: Visit, server: Server) -> None:
    async with visit() as page:
        await page.evaluate("localStorage.setItem('choice', JSON.stringify({models: {Skeptic: 'old@http://gone/v1'}}))")
        await page.reload()
        await expect(page.locator(".notice")).to_have_text(
            "There is no model old@http://gone/v1 now: the Skeptic has the default."
        )
        await start(page, "Should buses be free?")
        assert (await agents(page, server))["Skeptic"] == "fake-chat"


@with_ollama
async def test_an_address_fills_in_the_topic_and_the_choices(visit: Visit) -> None:
    query = "?topic=Free+buses%3F&format=classic&rounds=4&agents=Skeptic=qwen3:4b&agents=Optimist=nobody"
    async with visit(f"/{query}") as page:
        await expect(page.get_by_label("What shall be debated?")).to_have_value("Free buses?")
        await expect(page.get_by_label("Rounds")).to_have_value("4")
        await expect(page.get_by_label("Skeptic").locator(":checked")).to_have_text("qwen3:4b")
        await expect(page.get_by_label("Moderator")).to_have_value("")
        await expect(page.locator(".notice")).to_have_text(
            "There is no model nobody now: the Optimist has the default."
        )


@pytest.mark.parametrize("server", [{"max_rounds": 3}], indirect=True, ids=["3 rounds at most"])
async def test_a_start_that_is_refused_is_told_at_the_field_at_fault(visit: Visit, fake: FakeUpstream) -> None:
    async with visit("/?topic=Buses%3F&rounds=7") as page:
        rounds = page.get_by_label("Rounds")
        await expect(rounds).to_have_value("7")
        await page.get_by_text("Format, rounds and models").click()
        await page.get_by_role("button", name="Start the debate").click()
        await expect(rounds).to_be_visible()
        await expect(rounds).to_have_attribute("aria-invalid", "true")
        await expect(rounds).to_have_accessible_description(
            "7 rounds are too many. The limit is 3; the server's --max-rounds changes it."
        )
        await rounds.select_option("1")
        await expect(page.get_by_text("too many")).to_have_count(0)
        assert not fake.requests
        await page.get_by_role("button", name="Start the debate").click()
        await page.wait_for_url("**/d/*")


# The models


@with_demo
async def test_the_demo_model_is_named_with_a_command_for_a_better_one_to_copy(visit: Visit) -> None:
    async with visit() as page:
        await page.add_init_script(INSECURE)
        await page.reload()
        line = page.locator(".model-line")
        await expect(line).to_contain_text(f"{DEMO}, a tiny demo model")
        await expect(line).to_contain_text("OPENAI_API_KEY")
        await line.get_by_role("button", name="Copy").click()
        await expect(line.get_by_role("status")).to_have_text("Copied")
        await page.get_by_label("What shall be debated?").focus()
        await page.keyboard.press("Control+V")
        await expect(page.get_by_label("What shall be debated?")).to_have_value("ollama pull qwen3:4b")


@pytest.mark.parametrize("server", [{"demo": True, "ollama": True}], indirect=True, ids=["demo and ollama"])
async def test_models_that_are_found_are_told_and_can_be_picked(
    visit: Visit, server: Server, ollama: FakeUpstream
) -> None:
    async with visit() as page:
        line = page.locator(".model-line")
        await expect(line).to_contain_text("Also found: Ollama with 2 models")
        await expect(line.get_by_role("button", name="Copy")).to_have_count(0)
        await line.get_by_role("button", name="Choose").click()
        await choose(page, "Optimist", "qwen3:4b")
        await start(page, "Should buses be free?")
        await expect(page.locator(".speech").first).to_contain_text("This is qwen3:4b")
    assert ollama.requests


@pytest.mark.parametrize("server", [{"base_url": "http://127.0.0.1:9/v1"}], indirect=True, ids=["nobody there"])
async def test_no_model_at_all_is_told_with_the_reason_and_what_to_do(visit: Visit) -> None:
    async with visit() as page:
        await expect(page.locator(".model-line")).to_contain_text("No model can speak.")
        await expect(page.locator(".model-line")).to_contain_text("http://127.0.0.1:9/v1")


# The sample


async def test_the_sample_says_that_it_is_one_and_is_played_without_the_servers_help(
    visit: Visit, fake: FakeUpstream
) -> None:
    async with visit() as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        await page.clock.install()
        await page.get_by_role("link", name="Watch a sample").click()
        await expect(page.locator(".sample-line")).to_contain_text(
            "written by hand for this page: no model speaks here"
        )
        speech = page.locator(".speech").first
        await expect(speech).to_be_attached()
        await page.clock.run_for(3_000)
        await expect(speech).to_contain_text("Yes. A meeting")
        await expect(speech).not_to_contain_text("driver?")
        await expect(page.get_by_role("button", name="Stop generating")).to_be_hidden()
        await page.keyboard.press("Escape")
        await page.clock.run_for(60_000)
        await expect(page.locator(".standing")).to_have_text("The debate is finished")
        await expect(page.locator(".speech")).to_have_count(5)
        await expect(page.locator(".decision")).to_contain_text("I am 65% sure")
        await expect(page.get_by_role("link", name="Markdown")).to_be_hidden()
        await expect(page.locator(".problem:visible")).to_have_count(0)
        await page.get_by_role("link", name="Start a debate of your own").click()
        await expect(page.get_by_label("What shall be debated?")).to_be_focused()
    assert not [url for url in asked if "/api/debate/" in url or "/api/debates/" in url]
    assert not fake.requests


# How it looks


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("server", [{"demo": True, "ollama": True}], indirect=True, ids=["demo and ollama"])
async def test_axe_finds_nothing_on_the_start_and_in_the_sample(visit: Visit, scheme: str) -> None:
    async with visit(color_scheme=scheme, bypass_csp=True, reduced_motion="reduce") as page:
        await expect(page.locator(".model-line")).to_contain_text("Also found")
        await page.get_by_role("button", name="Start the debate").click()
        await expect(page.locator("#start-problem")).not_to_be_empty()
        await choose(page, "Optimist", "qwen3:4b")
        await accessible(page)
        await page.goto("/?sample")
        await expect(page.locator(".standing")).to_have_text("The debate is finished")
        await accessible(page)


@pytest.mark.parametrize("width", [320, 640], ids=["320 px", "200% zoom"])
@pytest.mark.parametrize("server", [{"demo": True, "ollama": True}], indirect=True, ids=["demo and ollama"])
async def test_bad_topics_are_shown_as_text_and_keep_the_layout(
    visit: Visit, server: Server, fake: FakeUpstream, width: int
) -> None:
    held = asyncio.Event()
    fake.play([Say("So f", finish=None), Gate(held), Say("ar.")])
    async with visit(viewport={"width": width, "height": 600}) as page:
        await choose(page, "Rounds", "1")
        await within(page)
        await start(page, EVIL)
        await expect(page.get_by_role("heading", level=1)).to_have_text(EVIL.strip())
        await within(page)
        held.set()
        await server.debate("x" * 2_000, rounds=1)
        await page.goto("/")
        await expect(page.locator(".recent a")).to_have_text(["x" * 2_000, EVIL.strip()])
        await page.get_by_role("button", name="Export or delete").first.click()
        await within(page)
        for link in await page.locator(".recent li > a").all():
            box = await link.bounding_box()
            assert box is not None
            assert box["height"] < 80  # two lines


async def test_a_format_offers_what_it_has_with_what_it_takes_at_most_and_a_budget(
    visit: Visit, server: Server
) -> None:
    async with visit() as page:
        await choose(page, "Format", "oxford")
        await expect(page.get_by_label("Rounds")).to_be_visible()
        await expect(page.locator(".choices [name='Opposition']")).to_be_visible()
        most = page.get_by_text("At most ")
        await expect(most).to_contain_text("what that costs is not known")
        before = await most.text_content()
        await choose(page, "Format", "council")
        await expect(page.get_by_label("Rounds")).to_be_hidden()
        await expect(most).not_to_have_text(before or "")
        await page.get_by_label("What shall be debated?").fill("A budget?")
        await page.get_by_label("Budget, USD").fill("0.5")
        await page.get_by_role("button", name="Start the debate").click()
        await expect(page.locator("#choice-problem")).to_contain_text("costs is not known")
        await expect(page.get_by_label("Budget, USD")).to_have_attribute("aria-invalid", "true")
        await page.get_by_label("Budget, USD").fill("")
        await page.get_by_label("Budget, tokens").fill("123456")
        async with page.expect_request("**/api/debates") as asked:
            await page.get_by_role("button", name="Start the debate").click()
        assert (await asked.value).post_data_json["budget_tokens"] == 123456  # type: ignore[index]
        await page.wait_for_url("**/d/*")
