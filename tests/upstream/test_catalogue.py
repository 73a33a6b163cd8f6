"""Which model is used where nobody names one, and what is there to choose from."""

import asyncio
import time

import pytest

from debate_server.core.errors import NotInstalled, SettingsError, UnknownModel, Unreachable, UpstreamError
from debate_server.core.money.price import Price
from debate_server.settings import Settings
from debate_server.upstream.catalogue import Catalogue
from debate_server.upstream.discover import LocalServer
from debate_server.upstream.endpoint import UNKNOWN_CONTEXT, Endpoint, Model
from debate_server.upstream.lists import KEEP, KEEP_FAULT, Lists
from debate_server.upstream.upstream import Upstream
from tests.fakes.script import HTML, Answer, Forever, Raw, Script, Stall, refuse
from tests.fakes.upstream import FakeUpstream
from tests.upstream.conftest import Open, StubEmbedded, listen

CHAT = ("nomic-embed-text:latest", "qwen3:4b", "llama3.2:1b")


def local(*fakes: FakeUpstream, patience: float = 10.0) -> tuple[LocalServer, ...]:
    """Long-suffering by default: no test that wants an answer depends on how fast the machine is."""
    return tuple(LocalServer(f"Local {number}", fake.port, patience) for number, fake in enumerate(fakes, 1))


async def test_demo_beats_all_that_is_set(fake: FakeUpstream, open_upstream: Open) -> None:
    upstream = await open_upstream(demo=True, model="other", api_key="sk-mine", servers=local(fake))
    model = await upstream.model(None)
    assert (model.name, model.endpoint.demo, model.context) == ("stub-embedded", True, 2048)
    assert "--demo" in (await upstream.listing()).why


async def test_a_file_of_ones_own_beats_an_address(open_upstream: Open) -> None:
    upstream = await open_upstream(gguf="/models/mine.gguf", embedded=StubEmbedded("mine"))
    assert (await upstream.model(None)).name == "mine"
    assert "--gguf" in (await upstream.listing()).why


async def test_an_address_that_is_set_beats_a_server_that_is_found(fake: FakeUpstream, open_upstream: Open) -> None:
    async with FakeUpstream(models=CHAT) as found:
        upstream = await open_upstream(servers=local(found))
        assert (await upstream.model(None)).endpoint.base_url == fake.base_url
        assert "--base-url" in (await upstream.listing()).why


class FixedLists(Lists):
    """Every endpoint has the same models."""

    async def of(self, endpoint: Endpoint, *, timeout: float = 0) -> tuple[Model, ...]:
        return Model("gpt-5-pro", endpoint), Model("gpt-4.1-mini", endpoint)


async def test_a_key_alone_means_openai_and_says_that_it_costs() -> None:
    settings = Settings(api_key="sk-mine")
    catalogue = Catalogue(settings, StubEmbedded(), missing=lambda: None, lists=FixedLists(), servers=())

    model, listing = await catalogue.model(None), await catalogue.listing()

    assert model == Model("gpt-4.1-mini", Endpoint("api.openai.com", "https://api.openai.com/v1", "sk-mine"))
    assert (await catalogue.model("gpt-4o-mini")).price == Price(0.15, 0.6), "what is not listed is priced too"
    assert "costs money" in listing.why
    assert "--demo" in listing.why


async def test_a_server_found_on_this_machine_beats_the_embedded_model(open_upstream: Open) -> None:
    async with FakeUpstream(models=CHAT) as first, FakeUpstream(models=["other"]) as second:
        upstream = await open_upstream(base_url="", servers=local(first, second))

        model, listing = await upstream.model(None), await upstream.listing()

        assert (model.name, model.endpoint.name) == ("qwen3:4b", "Local 1")
        assert "Local 1" in listing.why
        assert [listed.endpoint.name for listed in listing.endpoints] == ["Local 1", "Local 2", "embedded"]
        assert (await upstream.model("other")).endpoint.name == "Local 2", "where the name is listed"


async def test_nothing_is_looked_for_without_discovery(fake: FakeUpstream, open_upstream: Open) -> None:
    upstream = await open_upstream(base_url="", discover=False, servers=local(fake))
    assert (await upstream.model(None)).endpoint.demo
    assert len((await upstream.listing()).endpoints) == 1
    assert fake.lookups == []


async def test_without_anything_the_embedded_model_speaks_and_says_how_to_get_a_better_one(
    open_upstream: Open,
) -> None:
    upstream = await open_upstream(base_url="")
    assert (await upstream.model(None)).endpoint.demo
    assert "OPENAI_API_KEY" in (await upstream.listing()).why


async def test_an_embedded_model_that_is_not_installed_is_listed_and_says_what_to_do(open_upstream: Open) -> None:
    upstream = await open_upstream(base_url="", missing="It is not installed. Type: debate demo install.")

    with pytest.raises(NotInstalled, match="debate demo install"):
        await upstream.model(None)
    listing = await upstream.listing()

    assert listing.default is None
    assert "debate demo install" in listing.why
    [listed] = listing.endpoints
    assert [model.name for model in listed.models] == ["stub-embedded"]
    assert "debate demo install" in (listed.reason or "")


async def test_a_sensible_model_of_those_listed_is_the_default(fake: FakeUpstream, upstream: Upstream) -> None:
    fake.models = ["whisper-1", "gpt-5-pro", "text-embedding-3-small", "gpt-4o", "gpt-4.1-mini", "gpt-4o-mini"]
    assert (await upstream.model(None)).name == "gpt-4.1-mini"


async def test_only_models_that_can_hold_a_debate_are_listed(fake: FakeUpstream, upstream: Upstream) -> None:
    fake.models = CHAT
    listing = await upstream.listing()
    assert [model.name for model in listing.endpoints[0].models] == ["qwen3:4b", "llama3.2:1b"]


async def test_an_endpoint_without_a_chat_model_says_how_to_get_one(fake: FakeUpstream, upstream: Upstream) -> None:
    fake.models = ["nomic-embed-text"]
    with pytest.raises(UnknownModel, match="ollama pull"):
        await upstream.model(None)
    assert "ollama pull" in ((await upstream.listing()).endpoints[0].reason or "")


async def test_model_names_what_is_used(fake: FakeUpstream, open_upstream: Open) -> None:
    fake.models = CHAT
    upstream = await open_upstream(model="llama3.2:1b")
    assert (await upstream.model(None)).name == "llama3.2:1b"
    assert (await upstream.model("qwen3:4b")).name == "qwen3:4b"
    assert (await upstream.model("not-listed")).name == "not-listed"


async def test_an_address_with_the_name_goes_anywhere(fake: FakeUpstream, open_upstream: Open) -> None:
    upstream = await open_upstream(base_url="", model=f"mine@{fake.base_url}/")
    assert (await upstream.model(None)).endpoint.base_url == fake.base_url
    async with FakeUpstream(models=["theirs"]) as other:
        assert (await upstream.model(f"any@{other.base_url}")).endpoint.base_url == other.base_url
        assert (await upstream.model(f"@{other.base_url}")).name == "theirs"


async def test_what_a_listing_shows_can_be_asked_for(fake: FakeUpstream, open_upstream: Open) -> None:
    async with FakeUpstream(models=CHAT) as found:
        upstream = await open_upstream(servers=local(found))
        listing = await upstream.listing()
        models = [model for listed in listing.endpoints for model in listed.models]
        assert [listing.spelling(model) for model in models] == [
            "fake-chat", f"qwen3:4b@{found.base_url}", f"llama3.2:1b@{found.base_url}", "stub-embedded",
        ]  # fmt: skip
        assert [await upstream.model(listing.spelling(model)) for model in models] == models


async def test_one_server_by_two_addresses_is_listed_once(fake: FakeUpstream, open_upstream: Open) -> None:
    upstream = await open_upstream(base_url=f"http://localhost:{fake.port}/v1/", servers=local(fake))
    listing = await upstream.listing()
    assert [listed.endpoint.base_url for listed in listing.endpoints] == [f"http://localhost:{fake.port}/v1", ""]


@pytest.mark.parametrize(
    "url",
    [
        "localhost:11434/v1", "ftp://x/v1", "http://", "http://a b/v1", "http://x/v1?a=b", "http://user:pass@x/v1",
        "http://x:port/v1", "http://[::1/v1", "http://a..b/v1", "http://xn--/v1", f"http://{'x' * 300}/v1",
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_refused_with_what_to_write(url: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Upstream(Settings(base_url=url))
    assert "pass" not in refused.value.message.replace("password", "")
    assert "." in refused.value.message


@pytest.mark.parametrize(
    "settings",
    [
        {"base_url": "http://me:hush@x:bad/v1"}, {"base_url": "http://me:hush@x/v1"}, {"base_url": "me:hush@x/v1"},
        {"base_url": "https:me:hush@x/v1"}, {"base_url": "http://x/v1?key=hush"}, {"base_url": "x/v1?key=hush"},
        {"base_url": "http://[x/v1?key=hush"}, {"base_url": "http:// x/v1?key=hush"}, {"base_url": "http://x/v1#hush"},
        {"model": "m@http://x/v1?key=hush"}, {"model": "m@http://me:hush@x:bad/v1"}, {"model": "m@x:80/v1?key=hush"},
    ],
)  # fmt: skip
def test_an_address_that_is_refused_is_told_without_what_may_be_a_key(settings: dict[str, str]) -> None:
    with pytest.raises(SettingsError) as refused:
        Upstream(Settings(**settings))  # type: ignore[arg-type]
    assert "hush" not in refused.value.message


@pytest.mark.parametrize("name", ["m@localhost:11434", "m@localhost", "m@192.168.1.5:8080/v1", "m@http://a b"])
async def test_a_name_with_a_wrong_address_is_refused_with_what_to_write(upstream: Upstream, name: str) -> None:
    with pytest.raises(UnknownModel, match="http://"):
        await upstream.model(name)


async def test_a_name_may_hold_an_at_sign(upstream: Upstream) -> None:
    assert (await upstream.model("@cf/meta/llama-3")).name == "@cf/meta/llama-3"


async def test_a_name_that_only_the_embedded_model_could_have_says_how_to_name_an_endpoint(
    open_upstream: Open,
) -> None:
    with pytest.raises(UnknownModel, match="OPENAI_API_KEY"):
        await (await open_upstream(base_url="")).model("gpt-4o")


async def test_an_endpoint_that_is_down_is_an_error_at_once_and_a_reason_in_the_listing(open_upstream: Open) -> None:
    upstream = await open_upstream(base_url="http://127.0.0.1:9/v1")
    for name in (None, "m"):
        with pytest.raises(Unreachable, match="debate doctor"):
            await upstream.model(name)
    listing = await upstream.listing()
    assert listing.default is None
    assert "does not answer" in (listing.endpoints[0].reason or "")


STRANGERS: dict[str, Script] = {
    "a page": [HTML],
    "404": [Answer(404, b"nope")],
    "401": [refuse(401)],
    "500": [refuse(500)],
    "a redirect": [Answer(302, b"", {"Location": "/login"})],
    "a hang": [Stall()],
    "a body without an end": [Raw(b"["), Forever(Raw(b" " * 65_536))],
    "another list": [Answer(200, [1, 2, 3])],
    "another object": [Answer(200, {"data": {"id": "x"}})],
    "a string": [Answer(200, b'"models"')],
    "an empty list": [Answer(200, {"data": []})],
    "odd entries": [Answer(200, {"data": [None, 7, {"id": None}, {"id": ""}, {"name": "x"}]})],
    "no chat model": [Answer(200, {"data": [{"id": "text-embedding-3-small"}]})],
    "broken gzip": [Answer(200, b"no gzip", {"Content-Encoding": "gzip"})],
}


@pytest.mark.parametrize("script", STRANGERS.values(), ids=STRANGERS.keys())
async def test_a_stranger_on_a_port_is_not_taken_for_a_model_server(open_upstream: Open, script: Script) -> None:
    async with FakeUpstream(listing=script) as stranger, FakeUpstream(models=CHAT) as real:
        servers = (LocalServer("Stranger", stranger.port, patience=0.3), LocalServer("Real", real.port, patience=10))
        upstream = await open_upstream(base_url="", servers=servers)
        assert (await upstream.model(None)).endpoint.name == "Real"
        assert [listed.endpoint.name for listed in (await upstream.listing()).endpoints] == ["Real", "embedded"]


async def test_a_stranger_that_speaks_no_http_is_left_alone(open_upstream: Open) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"\x00\x01SSH-2.0-OpenSSH\r\n" * 2000)
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        upstream = await open_upstream(base_url="", servers=(LocalServer("Stranger", port),))
        assert (await upstream.model(None)).endpoint.demo


async def test_many_that_hang_are_given_up_together(open_upstream: Open) -> None:
    async with FakeUpstream(listing=[Stall()]) as one, FakeUpstream(listing=[Stall()]) as two:
        upstream = await open_upstream(base_url="", servers=local(one, two, patience=1.0))
        start = time.monotonic()
        assert (await upstream.model(None)).endpoint.demo
        assert time.monotonic() - start < 2 * 1.0


async def test_an_endpoint_without_a_list_still_has_the_model_that_is_named(
    fake: FakeUpstream, upstream: Upstream
) -> None:
    fake.listing = [Answer(404, b"no")]
    assert (await listen(upstream, "mine")).finish.reason == "stop"
    with pytest.raises(UpstreamError, match="--model"):
        await upstream.model(None)


@pytest.mark.parametrize(
    ("entry", "context"),
    [
        ({"id": "m", "max_model_len": 32768}, 32768),
        ({"id": "m", "meta": {"n_ctx": 2048, "n_ctx_train": 131072}}, 2048),
        ({"id": "m", "meta": {"n_ctx_train": 131072}}, 131072),
        ({"id": "m", "context_length": 65536}, 65536),
        ({"id": "m", "max_context_length": 8192, "loaded_context_length": 4096}, 4096),
        ({"id": "m", "context_window": None, "meta": None}, UNKNOWN_CONTEXT),
        ({"id": "m", "context_window": "big"}, UNKNOWN_CONTEXT),
        ({"id": "gpt-4o-mini"}, 128_000),
    ],
)
async def test_the_context_is_what_the_endpoint_says(
    fake: FakeUpstream, upstream: Upstream, entry: dict[str, object], context: int
) -> None:
    fake.models = [entry]
    assert (await upstream.model(None)).context == context


async def test_a_list_is_asked_for_once_and_kept_for_a_while(fake: FakeUpstream) -> None:
    now = 0.0
    lists = Lists(clock=lambda: now)
    endpoint = Endpoint("fake", fake.base_url)
    await asyncio.gather(*(lists.of(endpoint) for _ in range(5)))
    assert len(fake.lookups) == 1
    now = KEEP
    await lists.of(endpoint)
    assert len(fake.lookups) == 2


async def test_a_failure_is_kept_only_for_a_moment(fake: FakeUpstream) -> None:
    now = 0.0
    lists = Lists(clock=lambda: now)
    endpoint = Endpoint("fake", fake.base_url)
    fake.listing = [refuse(500)]
    for _ in range(3):
        with pytest.raises(UpstreamError):
            await lists.of(endpoint)
    assert len(fake.lookups) == 1
    fake.listing = None
    now = KEEP_FAULT
    assert [model.name for model in await lists.of(endpoint)] == ["fake-chat"]
