"""What can be asked for, and how it is refused when it cannot."""

from dataclasses import replace

import pytest

from debate_server.core.agenda import agenda
from debate_server.core.errors import DebateError, InvalidRequest, LimitExceeded, NotJSON
from debate_server.core.format.file import check, nothing
from debate_server.core.format.shape import Format
from debate_server.core.format.size import Size, size
from debate_server.core.money.budget import Budget
from debate_server.core.plan import Limits, Plan, Start, from_fields, from_json, plan
from debate_server.formats import Formats

SHIPPED = Formats()
LIMITS = Limits(topic=2000, rounds=10, turns=300, agents=12, message=4000, messages=1000, budget=Budget())


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


def long(speakers: int = 2, voters: int = 0, rounds: int = 1) -> Format:
    """A format of so many turns and so many voters in each of its rounds, which repeat."""
    agents = [{"name": name, "side": name, "persona": "p"} for name in ("Ann", "Bob", "Cleo", "Dan")]
    vote = {"name": "Vote", "task": "t", "voters": ["Cleo", "Dan"][:voters], "candidates": ["Ann", "Bob"]}
    talk = {"name": "Talk", "task": "t", "speakers": (["Ann", "Bob"] * speakers)[:speakers]}
    said = [talk | {"name": f"Talk {number}", "repeat": True} for number in range(rounds)]
    said += [vote | {"repeat": True}] if voters else []
    whole = {"name": "long", "title": "t", "about": "a", "manners": "m", "agents": agents}
    after = {"name": "After", "task": "t", "speakers": ["Ann"], "counts": False}
    return check(whole | {"rounds": [talk | {"counts": False}, *said, after]}, "format", nothing)


@pytest.mark.parametrize("name", SHIPPED.all())
@pytest.mark.parametrize(("rounds", "more"), [(0, ()), (1, ()), (3, (1, 2))])
def test_a_debate_is_as_large_as_its_agenda(name: str, rounds: int, more: tuple[int, ...]) -> None:
    for format_ in (SHIPPED.get(name), long(3, 2)):
        items = agenda(format_, rounds, more)
        turns = sum(len(item.turns) for item in items)
        assert size(format_, rounds, more) == Size(turns, sum(len([*item.ballots()]) for item in items))


@pytest.mark.parametrize(
    ("format_", "rounds", "turns", "field", "said"),
    [
        (long(2), 2, 6, "rounds", "long has 7 turns in 2 rounds. The limit is 6; the server's --max-turns changes it."),
        (long(2), 1, 4, "format", "long has 5 turns in 1 round. The limit is 4; the server's --max-turns changes it."),
        (long(1, 2), 4, 7, "rounds", "long has 16 ballots in 4 rounds. The limit is 14; the server's --max-turns ch"),
        (long(100, rounds=98), 10, 300, "format", "long has 98101 turns in 10 rounds. The limit is 300; the server"),
    ],
)
def test_a_debate_of_too_many_turns_is_refused(format_: Format, rounds: int, turns: int, field: str, said: str) -> None:
    with pytest.raises(LimitExceeded) as refused:
        plan(Start(topic="x", rounds=rounds), format_, replace(LIMITS, turns=turns), detached=False)
    assert refused.value.message.startswith(said)
    assert (refused.value.field, refused.value.setting) == (field, "--max-turns")
    assert plan(Start(topic="x"), long(), replace(LIMITS, turns=5), detached=False).rounds == 1


def test_a_plan_lays_its_agenda_out_once_and_a_copy_its_own() -> None:
    made = planned(b'{"topic":"x"}')
    assert made.items is made.items
    longer = made.model_copy(update={"more": (1,)})
    assert len(longer.items) > len(made.items)
    assert Plan.model_validate_json(made.model_dump_json()) == made


@pytest.mark.parametrize("rounds", [None, 1, 2, 9])
def test_a_format_that_needs_more_rounds_than_there_may_be_says_so(rounds: int | None) -> None:
    with pytest.raises(LimitExceeded) as refused:
        plan(Start(topic="x", rounds=rounds), SHIPPED.get("oxford"), replace(LIMITS, rounds=1), detached=False)
    assert refused.value.message == "oxford needs 2 rounds. The limit is 1; the server's --max-rounds changes it."
    assert refused.value.field == "format"
