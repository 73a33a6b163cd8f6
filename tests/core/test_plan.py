"""What can be asked for, and how it is refused when it cannot."""

from dataclasses import replace

import pytest

from debate_server.core.errors import DebateError, InvalidRequest, LimitExceeded, NotJSON
from debate_server.core.money.budget import Budget
from debate_server.core.plan import Limits, Plan, Start, from_fields, from_json, plan
from debate_server.formats import Formats

SHIPPED = Formats()
LIMITS = Limits(topic=2000, rounds=10, agents=12, message=4000, messages=1000, budget=Budget())


def planned(body: bytes) -> Plan:
    start = from_json(Start, body)
    return plan(start, SHIPPED.of(start.format), LIMITS, detached=False)


@pytest.mark.parametrize(
    ("body", "error", "field"),
    [
        (b"", NotJSON, None),
        (b"nope", NotJSON, None),
        (b"[" * 100_000, NotJSON, None),
        (b'{"topic":"\xff"}', NotJSON, None),
        (b'{"topic":"\\ud800"}', NotJSON, None),
        (b'{"topic":"x","rounds":' + b"9" * 5000 + b"}", NotJSON, None),
        (b"[]", InvalidRequest, None),
        (b"{}", InvalidRequest, "topic"),
        (b'{"topic":NaN}', InvalidRequest, "topic"),
        (b'{"topic":null}', InvalidRequest, "topic"),
        (b'{"topic":["x"]}', InvalidRequest, "topic"),
        (b'{"topic":" \\n"}', InvalidRequest, "topic"),
        (b'{"topic":"\\u200b\\u0000"}', InvalidRequest, "topic"),
        (b'{"topic":"' + b"x" * 2001 + b'"}', LimitExceeded, "topic"),
        (b'{"topic":"x","format":"opera"}', InvalidRequest, "format"),
        (b'{"topic":"x","rounds":"2"}', InvalidRequest, "rounds"),
        (b'{"topic":"x","rounds":1.5}', InvalidRequest, "rounds"),
        (b'{"topic":"x","rounds":true}', InvalidRequest, "rounds"),
        (b'{"topic":"x","rounds":0}', InvalidRequest, "rounds"),
        (b'{"topic":"x","rounds":-1}', InvalidRequest, "rounds"),
        (b'{"topic":"x","rounds":11}', LimitExceeded, "rounds"),
        (b'{"topic":"x","agents":{}}', InvalidRequest, "agents"),
        (b'{"topic":"x","agents":[{"name":"Judge"}]}', InvalidRequest, "agents"),
        (b'{"topic":"x","agents":[{"name":"Skeptic"},{"name":"Skeptic"}]}', InvalidRequest, "agents"),
        (b'{"topic":"x","agents":[{"name":"Skeptic","temperature":3}]}', InvalidRequest, "agents"),
        (b'{"topic":"x","agents":[{"name":"Skeptic","mood":"bad"}]}', InvalidRequest, "agents"),
        (b'{"topic":"x","agents":[{"name":"Skeptic","persona":" "}]}', InvalidRequest, "agents"),
        (b'{"topic":"x","moderator":"me"}', InvalidRequest, "moderator"),
        (b'{"topic":"x","detached":"yes"}', InvalidRequest, "detached"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_names_the_field(body: bytes, error: type[DebateError], field: str | None) -> None:
    with pytest.raises(error) as caught:
        planned(body)
    assert type(caught.value) is error
    assert getattr(caught.value, "field", None) == field


def test_a_passed_limit_names_the_limit_and_its_setting() -> None:
    with pytest.raises(LimitExceeded, match=r"2001 characters.* 2000.*--max-topic"):
        planned(b'{"topic":"' + b"x" * 2001 + b'"}')


def test_a_topic_is_measured_in_characters_and_trimmed() -> None:
    assert planned('{"topic":" \n%s "}'.replace("\n", "").encode() % ("щ" * 2000).encode()).topic == "щ" * 2000


def test_what_is_not_asked_for_comes_from_the_format_and_the_route() -> None:
    made = planned(b'{"topic":"x"}')
    assert (made.rounds, made.detached, made.format.name) == (2, False, "classic")
    assert planned(b'{"topic":"x","detached":true}').detached is True


def test_a_query_gives_strings_and_is_understood() -> None:
    start = from_fields(Start, {"topic": "x", "rounds": "3", "agents": [{"name": "Skeptic", "model": "m@http://h/v1"}]})
    assert (start.rounds, start.agents[0].model) == (3, "m@http://h/v1")


def test_a_plan_survives_the_way_to_the_log_and_back() -> None:
    made = planned(b'{"topic":"x","agents":[{"name":"Skeptic","persona":"I am {not} a template."}]}')
    assert Plan.model_validate_json(made.model_dump_json()) == made


def test_a_format_of_more_agents_than_there_may_be_is_refused() -> None:
    start = from_json(Start, b'{"topic":"x"}')
    with pytest.raises(LimitExceeded) as refused:
        plan(start, SHIPPED.get("classic"), replace(LIMITS, agents=2), detached=False)
    assert (refused.value.limit, refused.value.setting) == (2, "--max-agents")
