"""A model that does not take a parameter is asked without it, and the next time at once."""

import asyncio
from typing import Any

import pytest

from debate_server.core.errors import Rejected
from debate_server.upstream.adapt import Dialect
from debate_server.upstream.endpoint import Endpoint, Model
from debate_server.upstream.request import Request
from debate_server.upstream.upstream import Upstream
from tests.fakes.script import Answer, Gate, refuse
from tests.fakes.upstream import FakeUpstream
from tests.upstream.conftest import MESSAGES, listen

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"winner": {"type": "string", "enum": ["A", "B"]}},
    "required": ["winner"],
    "additionalProperties": False,
}
STRICT = {"type": "json_schema", "json_schema": {"name": "ballot", "strict": True, "schema": SCHEMA}}
LOOSE = {"type": "json_object"}

# What a refusal says, and what is asked for instead.
ADAPTATIONS: dict[str, tuple[list[Answer], set[str]]] = {
    "max_tokens": (
        [refuse(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.", param="max_tokens")],
        {"stream_options", "temperature", "max_completion_tokens", "seed"},
    ),
    "both limits": (
        [refuse(400, "unknown field max_tokens"), refuse(422, "unknown field max_completion_tokens")],
        {"stream_options", "temperature", "seed"},
    ),
    "temperature": ([refuse(400, "no", param="temperature")], {"stream_options", "max_tokens", "seed"}),
    "seed": (
        [refuse(422, '[{"type": "extra_forbidden", "loc": ["body", "seed"]}]')],
        {"stream_options", "temperature", "max_tokens"},
    ),
    "stream_options": ([refuse(422, "extra field stream_options")], {"temperature", "max_tokens", "seed"}),
    "all of them": (
        [refuse(400, "stream_options?"), refuse(400, "temperature?"), refuse(400, "seed?"),
         refuse(400, "max_tokens?"),
         refuse(400, "max_completion_tokens?")],
        set(),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("refusals", "sent"), ADAPTATIONS.values(), ids=ADAPTATIONS.keys())
async def test_a_refused_parameter_is_changed_and_the_change_remembered(
    fake: FakeUpstream, upstream: Upstream, refusals: list[Answer], sent: set[str]
) -> None:
    fake.play(*([refusal] for refusal in refusals))

    first = await listen(upstream, temperature=0.5, max_tokens=9, seed=7)
    second = await listen(upstream, temperature=0.5, max_tokens=9, seed=7)

    assert first.finish.reason == second.finish.reason == "stop"
    assert first.finish.usage.estimated is ("stream_options" not in sent)
    bodies = [asked.body.keys() - {"model", "messages", "stream"} for asked in fake.requests]
    assert len(bodies) == len(refusals) + 2
    assert bodies[-2:] == [sent, sent]


async def test_what_one_model_refuses_another_still_gets(fake: FakeUpstream, upstream: Upstream) -> None:
    fake.play([refuse(400, "no temperature")])

    await listen(upstream, "one", temperature=0.5)
    await listen(upstream, "two", temperature=0.5)

    assert ["temperature" in asked.body for asked in fake.requests] == [True, False, True]


async def test_two_that_learn_at_once_do_not_unlearn_each_other(fake: FakeUpstream, upstream: Upstream) -> None:
    first, second = asyncio.Event(), asyncio.Event()
    fake.play([Gate(first), refuse(400, "temperature")], [Gate(second), refuse(400, "stream_options")])
    speaking = [asyncio.create_task(listen(upstream, temperature=0.5)) for _ in range(2)]
    await fake.asked(2)

    first.set()
    await fake.asked(3)
    second.set()
    await asyncio.gather(*speaking)
    fake.play([refuse(400, "stream_options")])
    await listen(upstream, temperature=0.5)

    assert "temperature" not in fake.requests[-1].body


async def test_an_answer_by_a_schema_is_asked_for_by_it(fake: FakeUpstream, upstream: Upstream) -> None:
    await listen(upstream, schema=SCHEMA)
    await listen(upstream)
    assert fake.requests[0].body["response_format"] == STRICT
    assert "response_format" not in fake.requests[1].body


@pytest.mark.parametrize(
    ("refusals", "formats"),
    [
        ([], [STRICT]),
        # OpenAI's older models, DeepSeek, ByteDance, LM Studio, FastAPI servers, OpenAI of a schema, llama.cpp.
        (["'response_format' of type 'json_schema' is not supported with this model."], [STRICT, LOOSE]),
        (["This response_format type is unavailable now", "json_object is not available"], [STRICT, LOOSE, None]),
        (["invalid value: `json_schema`, supported values are: `json_object` and `text`"], [STRICT, LOOSE]),
        (["json_schema", "'response_format.type' must be 'json_schema' or 'text'"], [STRICT, LOOSE, None]),
        (["extra_forbidden: body.response_format", "extra_forbidden: body.response_format"], [STRICT, LOOSE, None]),
        (["Invalid schema for response_format 'ballot': In context=('properties', 'winner'), 'enum' is not permitted."],
         [STRICT, LOOSE]),
        (["failed to parse grammar"], [STRICT, LOOSE]),
    ],
)  # fmt: skip
async def test_a_schema_that_is_refused_becomes_any_json_and_then_nothing(
    fake: FakeUpstream, upstream: Upstream, refusals: list[str], formats: list[dict[str, Any] | None]
) -> None:
    fake.play(*([refuse(400, refusal)] for refusal in refusals))

    said = await listen(upstream, schema=SCHEMA, temperature=0.5, max_tokens=9)
    again = await listen(upstream, schema=SCHEMA, temperature=0.5, max_tokens=9)

    assert said.finish.reason == again.finish.reason == "stop"
    assert [asked.body.get("response_format") for asked in fake.requests] == [*formats, formats[-1]]
    assert all({"temperature", "max_tokens", "stream_options"} <= asked.body.keys() for asked in fake.requests)


@pytest.mark.parametrize(
    "complaint",
    [
        "This model's maximum context length is 8192 tokens, you asked for 9000 (8900 in messages, 100 in "
        "response_format).",
        "Generated JSON does not match the expected schema. code: json_validate_failed",
        "messages: at least one message is required",
    ],
)
async def test_a_complaint_that_no_other_dialect_mends_is_told(
    fake: FakeUpstream, upstream: Upstream, complaint: str
) -> None:
    fake.play([refuse(400, complaint)])
    assert isinstance((await listen(upstream, schema=SCHEMA)).error, Rejected)
    await listen(upstream, schema=SCHEMA)
    assert fake.requests[-1].body["response_format"] == STRICT


@pytest.mark.parametrize(
    ("complaint", "instead"),
    [
        ("the body does not fit its schema: temperature is above 1", Dialect(temperature=False)),
        ("the body does not fit its schema: max_tokens", Dialect(limit="max_completion_tokens")),
        ("the body does not fit its schema: stream_options", Dialect(stream_options=False)),
        ("the body does not fit its schema: Seed", Dialect(seed=False)),
    ],
)
def test_a_complaint_about_another_parameter_costs_no_schema(complaint: str, instead: Dialect) -> None:
    model = Model("m", Endpoint("e", "http://127.0.0.1:9/v1"))
    assert Dialect().after(complaint, Request(model, MESSAGES, 2.0, 9, SCHEMA, seed=7)) == instead


def test_a_complaint_about_a_schema_that_was_not_sent_teaches_nothing() -> None:
    model = Model("m", Endpoint("e", "http://127.0.0.1:9/v1"))
    assert Dialect().after("response_format", Request(model, MESSAGES, 2.0, 9)) is None
    assert Dialect(schema=None).after("response_format", Request(model, MESSAGES, 2.0, 9, SCHEMA)) is None


@pytest.mark.parametrize("complaint", ["bytedance/seed-oss-36b cannot do this", "doubao-seed-1-6 is busy", "unseeded"])
def test_a_model_with_seed_in_its_name_is_no_complaint_about_the_seed(complaint: str) -> None:
    model = Model("m", Endpoint("e", "http://127.0.0.1:9/v1"))
    assert Dialect().after(complaint, Request(model, MESSAGES, seed=7)) is None
