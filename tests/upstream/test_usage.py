"""What a speech cost: the tokens that are told or estimated, and the dollars they come to."""

import pytest

from debate_server.core.events import Usage
from debate_server.upstream.endpoint import Endpoint
from debate_server.upstream.upstream import Upstream
from tests.fakes.script import Drop, Say, Think
from tests.fakes.upstream import FakeUpstream
from tests.upstream.conftest import Open, StubEmbedded, listen

PRICED = {"id": "priced", "pricing": {"input": 2.0, "output": 8.0}}


@pytest.mark.parametrize("usage", [None, {"prompt_tokens": "many"}, {"prompt_tokens": -1}, {"prompt_tokens": True}])
async def test_usage_that_is_not_told_is_estimated(
    fake: FakeUpstream, upstream: Upstream, usage: dict[str, object] | None
) -> None:
    fake.play([Think("Reasoning counts, as it is paid for. " * 20), Say("Words.", usage=usage)])

    usage_ = (await listen(upstream)).finish.usage

    assert usage_.estimated
    assert usage_.cost_usd is None
    assert 5 < usage_.input < 50
    assert 120 < usage_.output < 300


async def test_a_speech_costs_what_its_model_costs(fake: FakeUpstream, upstream: Upstream) -> None:
    fake.models = [PRICED]
    fake.play([Say("Words.", usage={"prompt_tokens": 1000, "completion_tokens": 500})])
    assert (await listen(upstream)).finish.usage == Usage(1000, 500, 0.006)


async def test_what_is_estimated_is_priced_too(fake: FakeUpstream, upstream: Upstream) -> None:
    fake.models = [PRICED]
    fake.play([Say("Words.", usage=None)], [Say("Words", finish=None), Drop()])

    for _ in range(2):
        usage = (await listen(upstream)).finish.usage
        assert usage.estimated
        assert usage.cost_usd == (usage.input * 2 + usage.output * 8) / 1e6 > 0


async def test_what_the_embedded_model_says_is_free(fake: FakeUpstream, open_upstream: Open) -> None:
    upstream = await open_upstream(demo=True, embedded=StubEmbedded(endpoint=Endpoint("demo", fake.base_url)))
    assert (await listen(upstream)).finish.usage.cost_usd == 0.0


@pytest.mark.parametrize(
    ("told", "cost"),
    [
        ({"cost": 0.0125}, 0.0125),
        ({"cost": 0}, 0.0),
        ({"cost": 0.0125, "is_byok": False}, 0.0125),
        ({"cost": 0.0003, "is_byok": True}, 0.006),
        ({"cost": -1}, 0.006),
        ({"cost": 1e308}, 0.006),
        ({"cost": {"total_cost": 1}}, 0.006),
        ({"cost": True}, 0.006),
    ],
)
async def test_a_cost_that_the_endpoint_tells_beats_the_price(
    fake: FakeUpstream, upstream: Upstream, told: dict[str, object], cost: float
) -> None:
    fake.models = [PRICED]
    fake.play([Say("Words.", usage={"prompt_tokens": 1000, "completion_tokens": 500, **told})])
    assert (await listen(upstream)).finish.usage == Usage(1000, 500, cost)


@pytest.mark.parametrize(
    ("total", "output"), [(331, 319), (14, 2), (0, 2), (None, 2), ("many", 2)],
    ids=["apart from the words", "among them", "none", "untold", "nonsense"],
)  # fmt: skip
async def test_reasoning_is_counted_wherever_it_is_told(
    fake: FakeUpstream, upstream: Upstream, total: object, output: int
) -> None:
    fake.play([Say("Words.", usage={"prompt_tokens": 12, "completion_tokens": 2, "total_tokens": total})])
    assert (await listen(upstream)).finish.usage == Usage(12, output)
