"""The headline: what a run shows in a few plain sentences, each rate with what it is of and its interval. Where nothing
can be told, it says so."""

from collections.abc import Sequence
from typing import Final

from debate_server.core.judging.counting import TIE
from debate_server.core.telling.words import listed, many
from debate_server.runs.evaluation.shape import Matched, Score
from debate_server.runs.evaluation.statistics import wilson
from debate_server.runs.evaluation.trial import is_baseline
from debate_server.runs.rating.consistency import Consistency
from debate_server.runs.rating.rate import Rated, Ratings
from debate_server.runs.rating.untold import some, unlinked
from debate_server.runs.report.shape import Report
from debate_server.runs.report.tally import Endings, Tally
from debate_server.runs.report.words import (
    WORTH,
    count,
    names_of,
    p_of,
    points,
    rating_of,
    short_models,
    tenths,
    with_interval,
)

# Below it a difference is called one.
_SURE: Final = 0.05
# Of so many formats the winners are told in the headline; the rest is in the table.
_FORMATS: Final = 3
_OVERLAP: Final = "overlap, so which is better is not settled"


def headline(report: Report, told: Tally) -> list[str]:
    """The sentences, the weightiest first."""
    if not told.debates:
        return ["Nothing can be said: no debate of this run has ended yet."]
    if told.failed == told.debates:
        return [f"Nothing can be said: {_all(told.debates)} failed."]
    scored = [score for score in report.evaluation.scores if score.accuracy and score.scored]
    if report.ratings and report.ratings.models:
        said = _rated(report.ratings)
    elif scored:
        said = _scored(report, scored)
    else:
        said = _decided(report)
    said += _unsteady(report.judges)
    if unread := sum(score.unread for score in scored):
        held = sum(score.scored for score in scored)
        said.append(f"{unread:,} of {many(held, 'debate')} came to no answer: they count as wrong.")
    said += _left_out(report, told)
    if (total := report.run.total) > told.debates:
        said.append(f"{told.debates:,} of {many(total, 'debate')} are over by now: the rest may change this.")
    if told.failed:
        said.append(f"{told.failed:,} of {many(told.debates, 'debate')} failed and are in none of these rates.")
    return said


def _left_out(report: Report, told: Tally) -> list[str]:
    """What nobody has marked, and what could not be decided."""
    said = []
    scores, endings = report.evaluation.scores, told.endings.values()
    if unmarked := sum(score.unmarked for score in scores):
        of = unmarked + sum(score.scored for score in scores)
        said.append(
            f"Left out: {unmarked:,} of {many(of, 'debate')}, where the judge did not say if the answer is right."
        )
    if void := sum(ended.void for ended in endings):
        undecided = sum(ended.unvoted for ended in endings)
        rated = f" and {'is' if undecided == 1 else 'are'} in no rating" if report.ratings else ""
        left = f": {many(undecided, 'debate has', 'debates have')} no winner for that{rated}" if undecided else ""
        said.append(
            f"{void:,} of {many(sum(ended.ballots for ended in endings), 'ballot')} could not be counted{left}."
        )
    return said


def _all(debates: int) -> str:
    return "the one debate of this run" if debates == 1 else f"all {debates:,} debates"


def _scored(report: Report, scored: list[Score]) -> list[str]:
    asked = [score for score in scored if score.role == "debate"]
    # Of debates, where there are any, and not of what is there to be compared with, whoever asked for it.
    debates = [score for score in asked if not is_baseline(_arm(score))] or asked
    best = max(debates or scored, key=lambda score: score.right / score.scored)
    names = names_of((score.format, score.model) for score in scored)
    alone = [one for one in scored if one is not best and _arm(one) == ("single", best.model)]
    if not any(score.right for score in scored):
        held = sum(score.scored for score in scored)
        rates = "; ".join(f"{names[_arm(score)]} {_rate(score)}" for score in (best, *alone))
        return [f"Of {many(held, 'debate')} that were scored none was right: {rates}."]
    picked = len(debates) > 1 and best.right > 0
    compared = f"Of {len(debates)} that were compared" if len(debates) > 1 else ""
    most = ", " if picked else " none was right once: " if compared else ""
    first = f"{compared}{most}{names[_arm(best)]} was right {'most often, ' * picked}{_rate(best)}"
    first += "".join(f"; single {_rate(one)}" for one in alone)
    beside = [matched for matched in report.evaluation.matched if (matched.format, matched.model) == _arm(best)]
    # Against a vote for as much is the harder test; one answer alone is what people know.
    against = max(beside, key=lambda matched: matched.baseline != "single", default=None)
    said = [f"{first}."]
    if against is not None:
        said.append(_against(against))
    if picked:
        said.append("The first of several is a little flattered: it was picked for having come first.")
    return said


def _arm(score: Score) -> tuple[str, str]:
    return score.format, score.model


def _rate(score: Score) -> str:
    assert score.accuracy is not None
    return f"on {count(score.right)} of {count(score.scored)}, {with_interval(score.accuracy)}"


def _against(matched: Matched) -> str:
    beside = "one answer alone"
    if matched.unit is not None:
        beside = f"a vote for {WORTH[matched.unit]} ({matched.samples:.1f} samples on average)"
    right = f"which is right on {tenths(matched.baseline_right)} of {count(matched.items)}"
    told = f"the difference is {points(matched.difference)}, p {_p(matched.p)}"
    if matched.p < _SURE and not matched.difference.low <= 0 <= matched.difference.high:
        better = "better" if matched.difference.value > 0 else "worse"
        return f"Beside {beside}, {right}, it did {better}: {told}.{_but(matched)}"
    none = f"no difference can be told from {many(matched.items, 'item')}"
    return f"Beside {beside}, {right}, {told}: {none}.{_but(matched)}"


def _but(matched: Matched) -> str:
    """What there is to be said against the comparison, in sentences."""
    said = ""
    if not matched.same_model:
        said += " More models than one spoke in these debates, and the baseline is of the run's own alone."
    if matched.short:
        of = f"{count(matched.short)} of {many(matched.items, 'item')}"
        said += f" On {of} it had fewer samples than that, which flatters the debate."
    if matched.unmarked:
        left_out = many(matched.unmarked, "more item")
        said += f" Left out: {left_out}, where nobody has said whether what it comes to is right."
    return said


def _p(p: float) -> str:
    said = p_of(p)
    return said if said.startswith("<") else f"= {said}"


def _rated(ratings: Ratings) -> list[str]:
    """Who is first of those that are linked, and what is known of the others; before it whether some are ahead."""
    names = short_models(rated.model for rated in ratings.models)
    said = unlinked(ratings, names.__getitem__)
    linked = [rated for rated in ratings.models if rated.stands == "within"]
    if len(linked) > 1:
        of = "" if len(linked) == len(ratings.models) else f"Of the {len(linked)} that can be compared, "
        ahead = any(rated.stands == "ahead" for rated in ratings.models)
        said.insert(ahead, f"{of}{_first(linked, names)}.")
    return said


def _first(linked: list[Rated], names: dict[str, str]) -> str:
    """Who is rated first and who second; each of them may be several that are rated the same."""
    best = _alike(linked)
    who, at = some(names[rated.model] for rated in best), _at(best)
    if len(best) > 1:
        return f"{who} are rated the same: {at}"
    second = _alike(linked[1:])
    first = f"{who} is rated first, {at}; {some(names[rated.model] for rated in second)} second, {_at(second)}"
    low, highs = best[0].rating.low, [rated.rating.high for rated in second if rated.rating.high is not None]
    if low is None or len(highs) < len(second):
        return f"{first}: which is better is not settled, since matches are too few or too much alike to tell"
    return f"{first}: their intervals {'do not overlap' if low > max(highs) else _OVERLAP}"


def _alike(models: list[Rated]) -> list[Rated]:
    """The first of them, and those that are rated the same, to the point."""
    return [rated for rated in models if count(rated.rating.value) == count(models[0].rating.value)]


def _at(models: list[Rated]) -> str:
    return some(dict.fromkeys(rating_of(rated.rating) for rated in models))


def _unsteady(judges: Sequence[Consistency]) -> list[str]:
    """On judges whom the other order had name another winner more often than not."""
    models = short_models(judge.model for judge in judges)
    told = [
        f"{judge.judge} · {models[judge.model]} on only {judge.same:,} of {many(judge.pairs, 'pair')} of ballots, "
        f"{with_interval(judge.share)}"
        for judge in judges if 2 * judge.same < judge.pairs
    ]  # fmt: skip
    return [f"In both orders the same winner was named by {some(told)}: that is little to build on."] if told else []


def _decided(report: Report) -> list[str]:
    """Of each format whom its debates were won by; formats whose debates have no winners are only counted."""
    formats: dict[str, Endings] = {}
    for result in report.results:
        if not result.failed:
            formats.setdefault(result.format, Endings()).add(result)
    said = [_won(name, endings) for name, endings in formats.items() if endings.won]
    if not said:
        ended = sum(endings.debates for endings in formats.values())
        return [f"{many(ended, 'debate')} came to an end; there are neither answers to score nor winners to count."]
    return said[:_FORMATS]


def _won(name: str, endings: Endings) -> str:
    winners = [(who, won) for who, won in endings.winners.most_common() if who != TIE]
    if not winners:
        return f"In {name}, all {many(endings.decided, 'decided debate')} tied."
    (first, often), *rest = winners
    others = [f"{who} {won:,}" for who, won in rest]
    others += [f"{endings.winners[TIE]:,} tied"] * bool(endings.winners[TIE])
    others += [f"{endings.alone:,} with an answer alone"] * bool(endings.alone)
    others += [f"{endings.nobody:,} without a decision"] * bool(endings.nobody)
    share = wilson(often, endings.debates)
    won = f"{first} won {often:,} of {many(endings.debates, 'debate')}, {with_interval(share)}"
    return f"In {name}, {won}{'; ' + listed(others) if others else ''}."
