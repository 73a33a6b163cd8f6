"""The sections of a report, with the tables that are in them, for whoever lays them out. A section stands only where
there is something to tell in it; its ``method`` says how its numbers came about."""

from collections.abc import Iterator, Sequence
from typing import Final

from debate_server.core.judging.counting import TIE
from debate_server.core.telling.words import many
from debate_server.runs.evaluation.shape import Arm, Score
from debate_server.runs.rating.consistency import Consistency
from debate_server.runs.rating.rate import RESAMPLES as RATED_ANEW
from debate_server.runs.rating.rate import Ratings
from debate_server.runs.rating.untold import around, untold
from debate_server.runs.report.comparisons import MOST_PAIRS, matched, pairs, swaps
from debate_server.runs.report.section import Section, Table
from debate_server.runs.report.shape import Report
from debate_server.runs.report.tally import Endings, Tally
from debate_server.runs.report.words import (
    NONE,
    cost,
    count,
    names_of,
    percent,
    rating_span,
    short_models,
    span,
)

# Rows of a table that grows with how many ways there are to fail.
MOST_FAILURES: Final = 100
_ROLES: Final = ("debate", "baseline")
# What is added to a method where items were held several times.
_REPEATS: Final = " Repeats of an item count for as much as they tell (Kish, 1965)."


def sections(report: Report, told: Tally) -> Iterator[Section]:
    """All that have something to tell, in their order."""
    shown = report.evaluation
    names = names_of((score.format, score.model) for score in shown.scores)
    if scored := [score for score in shown.scores if score.accuracy]:
        yield _accuracy(scored, names, _REPEATS * (report.run.repeat > 1))
    if shown.matched:
        yield matched(shown, names)
    if shown.pairs:
        yield pairs(shown, names)
    if shown.swaps:
        yield swaps(shown)
    if rounds := [score for score in scored if score.rounds]:
        yield _rounds(rounds, names)
    if scored:
        yield _cost(scored, names)
    if winners := {arm: endings for arm, endings in told.endings.items() if endings.won}:
        yield _winners(winners)
    elif told.endings and not scored:
        yield _endings(told)
    if report.ratings:
        yield _ratings(report.ratings)
        yield _met(report.ratings)
    if report.judges:
        yield _judges(report.judges)


def failures(told: Tally) -> Section:
    """Why debates failed; the section stands only where some did."""
    names = names_of(failure.arm for failure in told.failures)
    kinds = sorted(told.failures.items(), key=lambda kind: -kind[1][0])
    rows = tuple(
        (names[kind.arm], ": ".join(dict.fromkeys((kind.status, kind.code))), kind.message, first, count(often))
        for kind, (often, first) in kinds[:MOST_FAILURES]
    )
    more = (
        f" The {MOST_FAILURES} most frequent kinds of {len(kinds):,} are shown." if len(kinds) > MOST_FAILURES else ""
    )
    return Section(
        "failures", "Failures",
        f"{told.failed:,} of {many(told.debates, 'debate')} came to no end of their own: they are in no rate.{more}",
        "What they had spent until then is in the costs.",
        Table(("what", "why", "message", "first of them", "debates"), rows, 4),
    )  # fmt: skip


def _accuracy(scored: list[Score], names: dict[Arm, str], more: str) -> Section:
    rows = tuple(
        (names[_arm(score)], score.role, count(score.debates), count(score.failed), count(score.scored),
         count(score.right), count(score.scored - score.right - score.unread), count(score.unread),
         percent(score.accuracy.value), span(score.accuracy))
        for score in best_first(scored) if score.accuracy
    )  # fmt: skip
    return Section(
        "accuracy", "How often right",
        "Of the debates that came to an end and have a right answer to be held against, the share that gave it."
        f"{_added(scored)}",
        "No answer: a tie, or words in which none can be read; it counts as wrong. 95% interval: Wilson (1927)."
        f"{more}",
        Table(
            ("what", "role", "debates", "failed", "scored", "right", "wrong", "no answer", "accuracy",
             "95% interval, %"), rows, 2,
        ),
    )  # fmt: skip


def _added(scored: list[Score]) -> str:
    """How much of all there is was added to be compared with."""
    held = {role: sum(score.debates + score.failed for score in scored if score.role == role) for role in _ROLES}
    of = f"{held['baseline']:,} of {sum(held.values()):,} debates"
    return f" Baselines are what the run added to compare with: {of}." if held["baseline"] else ""


def _rounds(scored: list[Score], names: dict[Arm, str]) -> Section:
    rows = tuple(
        (names[_arm(score)], count(row.round), count(row.items), count(row.right), f"+{row.won:,}" if row.won else "0",
         f"−{row.lost:,}" if row.lost else "0")
        for score in scored for row in score.rounds
    )  # fmt: skip
    left_out = sum(score.scored - score.rounds[0].items for score in scored)
    return Section(
        "rounds", "What the rounds did",
        "After each round, in how many debates most agents are right, and after a debate's last round, how many are "
        "decided right; won: they were wrong the round before; lost: they were right.",
        "Counts. The answer is what most of the agents gave last, and a tie and no answer are wrong; after the last "
        "round it is the debate's own, whoever decided on it, as it is scored. A debate that was over before keeps "
        "what it had."
        f"{f' Left out: {left_out:,}, an answer of which nobody has marked.' * bool(left_out)}",
        Table(("what", "round", "debates", "right", "won", "lost"), rows),
    )  # fmt: skip


def _cost(scored: list[Score], names: dict[Arm, str]) -> Section:
    rows = tuple(
        (names[_arm(score)], count(score.tokens_each), cost(score.cost_each), count(score.tokens_per_right),
         cost(score.cost_per_right), count(score.tokens), cost(score.cost_usd))
        for score in best_first(scored)
    )  # fmt: skip
    return Section(
        "cost", "What being right costs",
        "How often right against what a debate costs: higher and further left is better.",
        "Tokens are read and said together; to be right counts all that was spent, failures too, but "
        "for debates that nobody has marked. — : the price is not "
        "known, or nothing is right. Bars: 95% intervals, Wilson (1927).",
        Table(
            ("what", "tokens a debate", "cost a debate", "tokens a right answer", "cost a right answer",
             "tokens in all", "cost in all"), rows,
        ),
    )  # fmt: skip


def _winners(winners: dict[Arm, Endings]) -> Section:
    names = names_of(winners)
    rows = tuple(
        (names[arm], "; ".join(f"{who} {often:,}" for who, often, _ in in_order(ended)), count(ended.debates),
         *_manner(ended))
        for arm, ended in winners.items()
    )  # fmt: skip
    return Section(
        "winners", "Who won", "Of the debates that came to an end, whom they were decided for.",
        "Counts. Confidence: the mean of what the verdicts say of themselves. Steady: of the debates with ballots that "
        "count, those in which no judge decided otherwise with the agents shown in another order.",
        Table(("what", "won", "debates", "confidence", "steady", "tokens a debate", "cost a debate"), rows, 2),
    )  # fmt: skip


def _endings(told: Tally) -> Section:
    names = names_of(told.endings)
    rows = tuple((names[arm], count(ended.debates), *_manner(ended)) for arm, ended in told.endings.items())
    return Section(
        "endings", "How they ended", "There are neither answers to score nor winners to count.",
        "Confidence: the mean of what the verdicts say of themselves.",
        Table(("what", "debates", "confidence", "steady", "tokens a debate", "cost a debate"), rows),
    )  # fmt: skip


def _manner(ended: Endings) -> tuple[str, str, str, str]:
    """How sure and how steady the verdicts are, and what a debate cost."""
    usage, each = ended.usage, 1 / ended.debates
    return (
        percent(ended.sure / ended.told) if ended.told else NONE,
        f"{ended.fair:,} of {ended.judged:,}" if ended.judged else NONE,
        count((usage.input + usage.output) * each),
        cost(None if usage.cost_usd is None else usage.cost_usd * each),
    )


def _ratings(ratings: Ratings) -> Section:
    names = short_models(rated.model for rated in ratings.models)
    rows = tuple(
        (names[rated.model], count(rated.rating.value), rating_span(rated.rating),
         count(rated.matches), count(rated.won), count(rated.tied))
        for rated in ratings.models
    )  # fmt: skip
    drawn = "topics" if ratings.topics else "matches"
    return Section(
        "ratings", "Ratings",
        " ".join(("Who wins against whom, as one number each. Where intervals overlap, the order is not settled, nor "
                  "where there is none.", *untold(ratings, names.__getitem__))),
        f"Bradley and Terry (1952), of {many(ratings.matches, 'match', 'matches')}, ties as half a win, and half a win "
        "and half a loss more for each against the others, which holds those in bounds who have won or lost all; 95% "
        f"interval by a bootstrap of {RATED_ANEW:,} resamples of the {drawn}. Around "
        f"{around(ratings, names.__getitem__)}; 400 points apart: odds of ten to one.",
        Table(("model", "rating", "95% interval", "matches", "won", "tied"), rows),
    )  # fmt: skip


def _met(ratings: Ratings) -> Section:
    names = short_models(rated.model for rated in ratings.models)
    place = {rated.model: at for at, rated in enumerate(ratings.models)}
    shown = ratings.met[:MOST_PAIRS]
    rows = tuple(
        (names[pair.first], names[pair.second], count(pair.matches), count(pair.won), count(pair.lost),
         count(pair.tied), percent(ratings.beats[place[pair.first]][place[pair.second]] or 0))
        for pair in shown
    )  # fmt: skip
    more = f" The first {MOST_PAIRS} of {len(ratings.met):,} pairs are shown." if len(ratings.met) > MOST_PAIRS else ""
    return Section(
        "met", "Head to head",
        f"How the matches of every two that met ended, the better rated one first.{more}",
        "Counts. By the ratings: how often the first is to win where one of them does.",
        Table(("first", "second", "matches", "first won", "second won", "tied", "by the ratings"), rows, 2),
    )  # fmt: skip


def _judges(judges: Sequence[Consistency]) -> Section:
    rows = tuple(
        (judge.judge, judge.model, count(judge.pairs), count(judge.same), percent(judge.share.value), span(judge.share))
        for judge in judges
    )
    return Section(
        "judges", "How steady the judges are",
        "How often a judge names the same winner on a debate whose agents it is shown in another order.",
        "Of pairs of ballots that both count. 95% interval: Wilson (1927).",
        Table(("judge", "model", "pairs", "the same", "share", "95% interval, %"), rows, 2),
    )  # fmt: skip


def best_first(scored: list[Score]) -> list[Score]:
    """The scores by accuracy, best first; those that are equal stay as they were."""
    return sorted(scored, key=lambda score: -score.right / score.scored)


def in_order(ended: Endings) -> list[tuple[str, int, str]]:
    """Who won, how often, and what it spoke for: those who spoke for, those against, others, and then ties, answers
    without a winner, and what was not decided."""
    places = {"for": 0, "against": 1}
    won = [(who, often, ended.sides.get(who, "")) for who, often in ended.winners.items() if who != TIE]
    won.sort(key=lambda one: (places.get(one[2], 2), one[0]))
    rest = (
        ("a tie", ended.winners[TIE], "tie"), ("an answer alone", ended.alone, "answer"),
        ("no decision", ended.nobody, "nobody"),
    )  # fmt: skip
    return [*won, *(one for one in rest if one[1])]


def _arm(score: Score) -> Arm:
    return score.format, score.model
