"""What was asked is told whole, with what the run added to it, and nothing that nobody asked for."""

from dataclasses import replace
from importlib.metadata import version
from typing import Any

import pytest

from debate_server.core.plan import AgentChange
from debate_server.core.run import Run
from debate_server.runs.report.asked import asked
from debate_server.runs.report.tally import tally
from debate_server.runs.result import Result, Vote
from tests.runs.report.sample import report, result, seats


def told(results: list[Result], **changes: Any) -> dict[str, str]:
    made = report(results)
    return dict(asked(replace(made, run=made.run.model_copy(update=changes)), tally(results)))


def baseline(number: int, format_: str, samples: int, **changes: Any) -> Result:
    return result(number, format=format_, role="baseline", agents=seats(samples), **changes)


def test_all_that_was_asked_is_told() -> None:
    agents = (
        AgentChange(name="Skeptic", model="openai/gpt-5-mini"),
        AgentChange(name="Optimist", persona="You doubt.", temperature=0.2, max_tokens=300),
    )
    said = told(
        [result()], items=12, rounds=2, agents=agents, score="judge", judges=("openai/gpt-5",), repeat=3, budget_usd=2.5
    )
    assert said["File"] == "arithmetic.jsonl, 12 items"
    assert said["Rounds"] == "2"
    assert said["Agents"] == "Skeptic: gpt-5-mini; Optimist: a persona of its own, temperature 0.2, at most 300 tokens"
    assert (said["Each"], said["Scored"], said["Budget"]) == ("3 times", "by a judge, gpt-5", "$2.50")
    assert said["Written by"] == f"debate-server {version('debate-server')}"


def test_baselines_are_told_from_what_was_asked_for_and_what_they_are() -> None:
    held = [result(1), result(2), baseline(1, "single", 1), baseline(1, "vote-11", 11), baseline(2, "vote-11", 11)]
    never = baseline(2, "single", 0, status="failed")  # it could not be begun
    said = told([*held, never])
    assert said["Formats"] == "society"
    assert said["Baselines"] == (
        "single (one answer) and vote-11 (a vote of 11 samples), which the run added: 4 of the debates"
    )
    assert said["Debates"] == "6 of 6 held; 1 failed"
    assert told(held[:2])["Baselines"] == "none"


@pytest.mark.parametrize(
    ("changes", "scored", "words"),
    [
        ({"score": "exact"}, "number", "as the same words"),
        ({"score": None}, "number", "as the same number"),
        ({"score": "judge", "addresses": {"": "qwen3:4b@http://127.0.0.1:1/v1"}}, "judge", "by a judge, qwen3:4b"),
        ({"score": "judge"}, "judge", "by a judge"),
    ],
)
def test_how_answers_are_scored_is_told_though_nobody_asked_for_it(
    changes: dict[str, Any], scored: str, words: str
) -> None:
    assert told([result(scored=scored)], **changes)["Scored"] == words


def test_a_tournament_tells_its_judges() -> None:
    held = [result(scored=None, correct=None, votes=(Vote("Judge", "org/gemma3", "Verdict", 1, ("A", "B"), "A"),))]
    asked_for: dict[str, Any] = {"kind": "tournament", "score": None}
    assert told(held, judges=("gpt-5", "gpt-5", "o9"), **asked_for)["Judges"] == "gpt-5, gpt-5 and o9"
    assert told(held, **asked_for)["Judges"] == "gemma3, as none was named"
    assert not {"Scored", "Baselines", "Rounds", "Agents"} & told(held, **asked_for).keys()


def test_a_run_of_which_less_was_kept_is_told_as_far_as_it_is_known() -> None:
    kept = b'{"asked": "a", "source": "a.txt", "total": 2, "formats": ["society"]}'
    made = report([result(1), result(2)])
    said = dict(asked(replace(made, run=Run.model_validate_json(kept)), tally(made.results)))
    assert (said["File"], said["Models"]) == ("a.txt, 2 items", "m")
    assert not {"Judges", "Rounds", "Agents", "Seed", "Budget"} & said.keys()
