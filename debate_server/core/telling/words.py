"""In which words what is no speech is told wherever a debate is read as text: ballots, the verdict, what it cost."""

from collections.abc import Iterable
from typing import Final

from debate_server.core.events import Ballot, Usage, Verdict
from debate_server.core.judging.counting import TIE

# The least amount in dollars that is told as such.
_LEAST: Final = 0.0001
SWAPPED: Final = "A judge decided otherwise when those it judged were shown in another order."


def vote_of(ballot: Ballot) -> str:
    """Whom a ballot is for: such as "Optimist, 0.7", "a tie", "B, A" where it ranks them, or "no vote"."""
    if ballot.winner is None:
        return "no vote"
    if ballot.ranking:
        return ", ".join(ballot.ranking)
    if ballot.winner == TIE:
        return "a tie"
    return ballot.winner if ballot.margin is None else f"{ballot.winner}, {ballot.margin:.2g}"


def why_of(ballot: Ballot) -> str:
    """Its reason, or why it counts as none."""
    return ballot.problem or ballot.reason


def news_of(verdict: Verdict, spoken: Iterable[str]) -> list[str]:
    """What a verdict says that was not said in those speeches already: its summary, its answer."""
    known, news = list(spoken), list[str]()
    for text in (verdict.summary, verdict.answer):
        if text and not any(text.removesuffix(" …") in said for said in known + news):
            news.append(text)
    return news if verdict.consistent else [*news, SWAPPED]


def round_of(number: int, rounds: int) -> str:
    """The heading of a round, in a debate of so many; behind them stands the decision."""
    return f"Round {number}" if number <= rounds else "The decision"


def cost_of(usage: Usage) -> str:
    """What a debate cost, such as "≈ 1,204 tokens in, 310 out, $0.0021"; a dash where the price is not known."""
    about = "≈ " if usage.estimated else ""
    cost = "cost —" if usage.cost_usd is None else dollars(usage.cost_usd, about)
    return f"{about}{usage.input:,} tokens in, {usage.output:,} out, {cost}"


def listed(words: Iterable[str]) -> str:
    """Such as "a, b and c"; empty where there are none."""
    *first, last = list(words) or [""]
    return f"{', '.join(first)} and {last}" if first else last


def many(number: int, one: str, more: str = "") -> str:
    """Such as "1 debate" or "1,204 debates"."""
    return f"{number:,} {one if number == 1 else more or one + 's'}"


def dollars(amount: float, about: str = "") -> str:
    """An amount, such as "$0.0021", "≈ $12.50" or "< $0.0001"."""
    if 0 < amount < _LEAST:
        return f"< ${_LEAST:.4f}"
    return f"{about}${amount:.{4 if 0 < amount < 1 else 2}f}"
