"""What the server tells of itself, read by Prometheus' own parser."""

import asyncio

from prometheus_client.parser import text_string_to_metric_families

from tests.conftest import Server, until
from tests.fakes.script import Gate, Say, refuse
from tests.fakes.upstream import FakeUpstream


async def measured(server: Server) -> dict[str, float]:
    """Every sample by its name, with what is between braces."""
    async with server.session.get("/metrics") as response:
        assert response.headers["Content-Type"] == "text/plain; version=0.0.4"
        text = await response.text()
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {f"{sample.name}{''.join(sample.labels.values())}": sample.value for sample in samples}


async def test_what_happened_is_counted(server: Server, fake: FakeUpstream) -> None:
    before = await measured(server)
    assert (before["debate_turns_total"], before["debate_streams"], before["debate_commit_seconds_count"]) == (0, 0, 0)
    fake.play([refuse(503)], [Say("One two three.")], [Say("Four.")], [Say("Five.")])
    events = await server.debate(rounds=1)
    after = await measured(server)
    tokens = sum(event["type"] == "token" for event in events)
    assert (after["debate_turns_total"], after["debate_retries_total"], after["debate_tokens_total"]) == (3, 1, tokens)
    assert after["debate_debatescompleted"] == 1
    assert after["debate_first_token_seconds_count"] == 3
    assert after["debate_commit_seconds_count"] > 0
    assert after["debate_event_lag_seconds_count"] > 0
    assert after["debate_stream_bytes_total"] > sum(len(event["type"]) for event in events)
    for name in ("first_token", "event_lag", "commit", "loop_lag"):
        assert after[f"debate_{name}_seconds_bucket+Inf"] == after[f"debate_{name}_seconds_count"]


async def test_an_endpoint_that_refuses_more_is_told_with_its_limit(server: Server, fake: FakeUpstream) -> None:
    assert not [name for name in await measured(server) if name.startswith("debate_upstream_limit")]
    fake.play([refuse(429)])
    fake.script = lambda _: [refuse(401)]
    await server.debate(rounds=1)
    assert (await measured(server))[f"debate_upstream_limit{fake.base_url}"] == 1


async def test_open_streams_and_running_debates_are_told(server: Server, fake: FakeUpstream) -> None:
    held = asyncio.Event()
    fake.play([Say("One", finish=None), Gate(held), Say(" two.")])
    _, started = await server.json("POST", "/api/debates", json={"topic": "x", "rounds": 1})
    async with server.session.get(started["events"]) as stream:
        await until(stream, b"One")
        now = await measured(server)
        assert (now["debate_streams"], now["debate_debatesrunning"]) == (1, 1)
        held.set()
        await stream.read()
    assert (await measured(server))["debate_debatescompleted"] == 1
