"""Baselines: one answer, and as many as a debate's tokens buy."""

from pathlib import Path

import pytest

from debate_server.core.agenda import agenda
from debate_server.core.money.forecast import forecast, total
from debate_server.core.transcript import Transcript
from debate_server.engine.budget import UNKNOWN
from debate_server.formats import Formats
from debate_server.runs.orders.baseline import LEAST, baselines, vote_of
from debate_server.runs.orders.product import Chosen

FORMATS = Formats("")
MANY = 1000


def chosen(*names: str) -> list[Chosen]:
    return [Chosen.of(FORMATS.get(name), name) for name in names]


def tokens(one: Chosen) -> int:
    """What a debate in it takes at most."""
    format_ = FORMATS.of(one.asked)
    items = agenda(format_, format_.default_rounds)
    voices = {agent.name: UNKNOWN for agent in format_.agents}
    usage = total(forecast(format_, voices, Transcript(topic="x" * 120), items)).usage
    return usage.input + usage.output


def test_a_vote_is_as_dear_as_the_dearest_debate() -> None:
    debates = chosen("quick", "society")
    beside = {one.name.partition("-")[0]: one for one in baselines(FORMATS, debates, MANY)}
    assert set(beside) == {"vote", "single"}
    assert all(one.beside for one in beside.values())
    dearest, single = max(map(tokens, debates)), tokens(beside["single"])
    assert dearest <= tokens(beside["vote"]) < dearest + single


def test_what_is_held_anyhow_is_not_held_twice_and_beside_no_debate_there_is_nothing() -> None:
    assert [one.name.partition("-")[0] for one in baselines(FORMATS, chosen("single", "quick"), MANY)] == ["vote"]
    assert baselines(FORMATS, chosen("single", "vote"), MANY) == []


@pytest.mark.parametrize("most", [LEAST, 4, 7])
def test_what_one_vote_may_not_hold_several_do(most: int) -> None:
    [whole, _], [part, _] = (baselines(FORMATS, chosen("classic"), seats) for seats in (MANY, most))
    samples, each = (int(one.name.partition("-")[2]) for one in (whole, part))
    assert (whole.times, each <= most) == (1, True)
    assert samples <= part.times * each < samples + part.times


def test_beside_one_that_only_a_server_knows_there_are_as_many_as_a_vote_may_have() -> None:
    unknown = Chosen("theirs", "theirs", [("A", "for")])
    assert [(one.name, one.times) for one in baselines(FORMATS, [unknown], 6)] == [("vote-6", 1), ("single", 1)]
    [dear, _] = baselines(FORMATS, [unknown, *chosen("society")], 6)
    assert dear == baselines(FORMATS, chosen("society"), 6)[0]


def test_a_vote_is_as_dear_as_a_debate_of_the_rounds_that_are_asked_for() -> None:
    few, usual, many = (baselines(FORMATS, chosen("society"), MANY, rounds)[0].name for rounds in (1, 3, 6))
    assert usual == baselines(FORMATS, chosen("society"), MANY)[0].name
    assert [int(name.partition("-")[2]) for name in (few, usual, many)] == sorted(
        {int(name.partition("-")[2]) for name in (few, usual, many)}
    )


def test_where_no_debate_comes_to_an_answer_there_is_nothing_to_hold_beside_them() -> None:
    assert baselines(FORMATS, chosen("judge-only", "tit-for-tat"), MANY) == []
    assert baselines(FORMATS, chosen("judge-only", "quick"), MANY) == baselines(FORMATS, chosen("quick"), MANY)


def test_a_vote_of_so_many_is_one(tmp_path: Path) -> None:
    format_ = FORMATS.of(vote_of(FORMATS, 5))
    assert (format_.name, len(format_.agents)) == ("vote-5", 5)
