"""Counting: what votes and answers come to. Plain arithmetic on what was said."""

from collections import Counter
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Final, Protocol, TypeVar

from debate_server.core.answer.line import answer_of
from debate_server.core.answer.same import same
from debate_server.core.events import Ballot
from debate_server.core.transcript import Transcript

TIE: Final = "tie"


class Voted(Protocol):
    """What of a ballot says how it was cast."""

    @property
    def judge(self) -> str: ...

    @property
    def order(self) -> tuple[str, ...]: ...

    @property
    def winner(self) -> str | None: ...


AnyBallot = TypeVar("AnyBallot", bound=Voted)


def agreed(speeches: Iterable[str]) -> bool:
    """Whether at least two spoke, and all gave the same answer."""
    answers = [answer_of(speech) for speech in speeches]
    return len(answers) > 1 and None not in answers and len({same(answer or "") for answer in answers}) == 1


def leader(scores: Mapping[str, float | Fraction]) -> str | None:
    """Who has the most, a tie where several have, None where there is nobody."""
    first = [name for name, score in scores.items() if score == max(scores.values())]
    return None if not first else first[0] if len(first) == 1 else TIE


def last(said: Transcript, title: str | None, round_: int | None = None) -> list[tuple[int, Ballot]]:
    """The ballots of the last vote of that title, up to that round where one is given, with their seqs."""
    rounds = [ballot.round for _, ballot in said.ballots if ballot.title == title]
    held = [number for number in rounds if round_ is None or number <= round_]
    return said.cast(title or "", max(held, default=-1))


def whole(ballots: Iterable[AnyBallot]) -> dict[str, list[AnyBallot]]:
    """By voter, the ballots of those who cast one in each order, all of which count: nobody wins by the order in which
    they were shown."""
    cast: dict[str, list[AnyBallot]] = {}
    for ballot in ballots:
        cast.setdefault(ballot.judge, []).append(ballot)
    return {
        voter: both
        for voter, both in cast.items()
        if all(ballot.winner for ballot in both) and {ballot.order for ballot in both} >= {both[0].order[::-1]}
    }


def by_voter(ballots: Iterable[Ballot]) -> dict[str, str]:
    """The vote of each voter that has one: whom all its ballots name, and a tie where they differ."""
    named = {voter: {ballot.winner or TIE for ballot in both} for voter, both in whole(ballots).items()}
    return {voter: winners.pop() if len(winners) == 1 else TIE for voter, winners in named.items()}


def consistent(ballots: Iterable[Ballot]) -> bool:
    """Whether no voter named one in one order and another in the other, in one vote."""
    return all(len({ballot.winner for ballot in both}) == 1 for both in whole(ballots).values())


def winner(ballots: Iterable[Ballot]) -> str | None:
    """Who has most votes, where a tie is a vote for nobody; a tie where that is not one, None where no vote counts."""
    return leader(Counter(by_voter(ballots).values()))


def decided(said: Transcript, title: str, round_: int) -> bool:
    """Whether the last vote of that title, up to that round, has a winner."""
    return winner(ballot for _, ballot in last(said, title, round_)) not in (None, TIE)


def borda(ballots: Iterable[Ballot]) -> dict[str, Fraction]:
    """The mean share of the others that each candidate is ranked above, from 0 (always last) to 1 (always first), the
    best first, whichever ballot came first (Borda, 1781). A voter's own answer is not before it, so points are shares
    and not sums."""
    shares: dict[str, list[Fraction]] = {}
    for ballot in ballots:
        ranked = ballot.ranking or ()
        for place, name in enumerate(ranked):
            shares.setdefault(name, []).append(1 - Fraction(place, max(1, len(ranked) - 1)))
    means = {name: sum(points, Fraction()) / len(points) for name, points in shares.items()}
    return dict(sorted(means.items(), key=lambda pair: (-pair[1], pair[0])))


def tally(said: Transcript, title: str | None) -> str:
    """How the last vote of that title went, in words; empty where none was held."""
    ballots = [ballot for _, ballot in last(said, title)]
    if ranked := borda(ballot for both in whole(ballots).values() for ballot in both):
        told = ", ".join(f"{name} {float(share):.0%}" for name, share in ranked.items())
        return f"{told}, where 100% is the first place in every ranking and 0% the last"
    return listed(Counter(by_voter(ballots).values()))


def listed(votes: Counter[str]) -> str:
    """The votes in words, the most first, such as "22 (2), 6 (1)"."""
    in_order = sorted(votes.items(), key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{name} ({number})" for name, number in in_order)
