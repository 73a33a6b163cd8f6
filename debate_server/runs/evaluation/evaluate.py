"""The evaluation of a run, from its results."""

from collections.abc import Iterable

from debate_server.runs.evaluation.compare import pairs, standings
from debate_server.runs.evaluation.marks import Marks
from debate_server.runs.evaluation.matched import Baselines, matched
from debate_server.runs.evaluation.scores import role, score
from debate_server.runs.evaluation.shape import Arm, Evaluation
from debate_server.runs.evaluation.swaps import meetings, sides, swaps
from debate_server.runs.evaluation.trial import Trial, is_baseline, trial
from debate_server.runs.result import Result


def evaluate(results: Iterable[Result], *, seed: int) -> Evaluation:
    """What the results of a run show, in whatever order they come; of the attempts of an entry the last counts, which
    has the earlier ones' usage in its own."""
    trials, marks = _gathered(results)
    arms: dict[Arm, list[Trial]] = {}
    for one in trials:
        arms.setdefault(one.arm, []).append(one)
    told = {arm: role(arms[arm]) for arm in arms}
    order = sorted(arms, key=lambda arm: (told[arm] == "baseline", arm))
    standing = {arm: standings(arms[arm]) for arm in order if told[arm] == "debate"}
    baselines = {
        model: Baselines((one for one in trials if one.arm[1] == model), marks) for model in {arm[1] for arm in arms}
    }
    held = meetings(trials)
    return Evaluation(
        scores=tuple(score(arm, arms[arm], marks) for arm in order),
        matched=tuple(
            one
            for arm in standing
            if not is_baseline(arm)
            for one in matched(arm, _models(arms[arm]), standing[arm], baselines[arm[1]], seed=seed)
        ),
        pairs=pairs(standing, seed=seed),
        swaps=swaps(held),
        sides=sides(held),
    )


def _models(trials: Iterable[Trial]) -> frozenset[str]:
    """Those that spoke in what was scored."""
    return frozenset(model for trial in trials if trial.correct is not None for model in trial.models)


def _gathered(results: Iterable[Result]) -> tuple[list[Trial], Marks]:
    """The trials, in an order of their own, so that sums do not depend on that of the results."""
    marks, kept = Marks(), dict[tuple[str, str], Trial]()
    for result in results:
        marks.learn(result)
        key = result.run, result.entry
        if key not in kept or kept[key].attempt <= result.attempt:
            kept[key] = trial(result)
    return [kept[key] for key in sorted(kept)], marks
