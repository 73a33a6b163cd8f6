"""What an evaluation tells of some results."""

from debate_server.runs.evaluation.evaluate import evaluate
from debate_server.runs.evaluation.shape import Matched, Score
from debate_server.runs.result import Result


def score(*results: Result) -> Score:
    [one] = evaluate(results, seed=1).scores
    return one


def matched(*results: Result) -> dict[str, Matched]:
    return {one.baseline: one for one in evaluate(results, seed=1).matched}
