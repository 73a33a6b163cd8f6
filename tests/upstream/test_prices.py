"""What a model costs: by its endpoint's list, else by what its provider publishes."""

import asyncio
import sys
from datetime import UTC, datetime

import pytest

from debate_server.core.money.price import FREE, Price
from debate_server.upstream.prices import listed, price, published
from debate_server.upstream.upstream import Upstream
from tests.fakes.upstream import FakeUpstream
from tests.upstream.conftest import Open

OPENAI = "https://api.openai.com/v1"
OPENROUTER = "https://openrouter.ai/api/v1"
CLOUD = Price(0.15, 0.6)
NIGHT = datetime(2026, 1, 31, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"pricing": {"prompt": "0.00000015", "completion": "0.0000006", "request": "0"}}, CLOUD),
        ({"pricing": {"input": 0.15, "output": 0.6, "hourly": 0}}, CLOUD),
        ({"pricing": {"input": "0.00000015", "output": "0.0000006"}}, CLOUD),
        ({"pricing": {"prompt": 0.15, "completion": 0.6}}, CLOUD),
        ({"metadata": {"pricing": {"input_tokens": 0.15, "output_tokens": 0.6}}}, CLOUD),
        ({"pricing": {"prompt": "0", "completion": "0"}}, FREE),
    ],
    ids=["OpenRouter", "Together", "Vercel", "Chutes", "DeepInfra", "free"],
)
def test_the_endpoints_own_list_is_read_in_the_units_it_counts_in(entry: dict[str, object], said: Price) -> None:
    assert listed(entry) == said


@pytest.mark.parametrize(
    "pricing",
    [
        {"prompt": "-1", "completion": "-1"},
        {"prompt": "0.00000015"},
        {"prompt": "0.00000015", "completion": "varies"},
        {"prompt": "NaN", "completion": "inf"},
        {"prompt": None, "completion": True},
        {"input": "1.25", "output": "10"},  # a string, but per million
        {"input": 1.5e-7, "output": 6e-7},  # a number, but per token
        "cheap",
        [],
    ],
)
def test_nonsense_in_a_list_is_no_price(pricing: object) -> None:
    assert listed({"pricing": pricing, "metadata": "none"}) is None


def test_a_price_that_the_list_does_not_tell_is_the_published_one() -> None:
    assert price({"id": "gpt-4o-mini"}, OPENAI) == CLOUD
    assert price({"id": "openai/gpt-4o", "pricing": {"prompt": "-1", "completion": "-1"}}, OPENROUTER) == Price(2.5, 10)
    own = {"id": "openai/gpt-4o", "pricing": {"prompt": "0.000001", "completion": "0.000002"}}
    assert price(own, OPENROUTER) == Price(1, 2)


def test_a_price_in_tiers_is_that_of_short_prompts() -> None:
    google = "https://generativelanguage.googleapis.com/v1beta/openai"
    assert published(google, "models/gemini-2.5-pro", NIGHT) == Price(1.25, 10)


@pytest.mark.parametrize(
    ("url", "name"),
    [(OPENAI, "no-such-model"), ("https://models.example.org/v1", "gpt-4o"), (OPENAI, "text-embedding-3-small")],
)
def test_what_nobody_publishes_is_unknown(url: str, name: str) -> None:
    assert published(url, name, NIGHT) is None


def test_a_price_that_changes_with_the_hour_is_that_of_the_dearest() -> None:
    # A quarter of that at night.
    assert published("https://api.deepseek.com/v1", "deepseek-reasoner", NIGHT) == Price(0.55, 2.19)


async def test_models_have_the_prices_of_the_list(fake: FakeUpstream, upstream: Upstream) -> None:
    fake.models = ["gpt-4o", {"id": "priced", "pricing": {"input": 0.15, "output": 0.6}}]
    assert (await upstream.model("priced")).price == CLOUD
    assert (await upstream.model("gpt-4o")).price is None, "it runs on this machine, whatever it is called"
    assert (await upstream.model("unlisted")).price is None
    assert [model.price for model in (await upstream.listing()).endpoints[0].models] == [None, CLOUD]


@pytest.mark.parametrize("gguf", ["", "/models/mine.gguf"])
async def test_the_embedded_model_costs_nothing(open_upstream: Open, gguf: str) -> None:
    upstream = await open_upstream(demo=True, gguf=gguf)
    assert (await upstream.model(None)).price == FREE
    assert (await upstream.listing()).endpoints[-1].models[0].price == FREE


async def test_for_servers_on_this_machine_the_library_is_not_loaded(fake: FakeUpstream) -> None:
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", LISTING, fake.base_url), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await program.communicate()
    assert out.split() == [b"fake-chat", b"False"]


LISTING = """
import asyncio, sys
from debate_server.settings import Settings
from debate_server.upstream.upstream import Upstream

async def main():
    async with Upstream(Settings(base_url=sys.argv[1], discover=False)) as upstream:
        print((await upstream.model(None)).name)
    print("genai_prices" in sys.modules)

asyncio.run(main())
"""
