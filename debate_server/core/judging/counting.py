"""Counting: what votes and answers come to. Plain arithmetic on what was said."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from debate_server.core.events import Ballot
from debate_server.core.transcript import Transcript

TIE: Final = "tie"
# How a speech ends that gives an answer which can be counted.
_ANSWER: Final = re.compile(r"^\W*answer\W*:\W*(.+?)\W*$", re.IGNORECASE | re.MULTILINE)


def answer_of(speech: str) -> str | None:
    """The answer that a speech gives in its last line that begins with "Answer:"; None where there is none."""
    found = _ANSWER.findall(speech)
    return str(found[-1]).strip() if found else None


def same(answer: str) -> str:
    """What two answers have in common that are the same but for case, spaces and marks."""
    return " ".join(re.findall(r"[\w%.,+-]*\w%?", answer.casefold()))


def agreed(speeches: Iterable[str]) -> bool:
    """Whether at least two spoke, and all gave the same answer."""
    answers = [answer_of(speech) for speech in speeches]
    return len(answers) > 1 and None not in answers and len({same(answer or "") for answer in answers}) == 1


def leader(scores: Mapping[str, float]) -> str | None:
    """Who has the most, a tie where several have, None where there is nobody."""
    first = [name for name, score in scores.items() if score == max(scores.values())]
    return None if not first else first[0] if len(first) == 1 else TIE


def by_voter(ballots: Sequence[Ballot]) -> dict[str, str | None]:
    """The vote of each voter who cast a ballot: whom all its ballots name; a tie where they differ, and None where one
    of them counts as none, so that nobody wins by the order in which they were shown."""
    named: dict[str, list[str | None]] = {}
    for ballot in ballots:
        named.setdefault(ballot.judge, []).append(ballot.winner)
    return {
        voter: None if None in winners else winners[0] if len(set(winners)) == 1 else TIE
        for voter, winners in named.items()
    }


def consistent(ballots: Sequence[Ballot]) -> bool:
    """Whether no voter named one in one order and another in the other, in one vote."""
    pairs: dict[str, set[str]] = {}
    for ballot in ballots:
        if ballot.winner is not None:
            pairs.setdefault(ballot.judge, set()).add(ballot.winner)
    return all(len(winners) == 1 for winners in pairs.values())


def winner(ballots: Sequence[Ballot]) -> str | None:
    """Whom most voters name, a tie where none is, None where no ballot counts."""
    votes = [vote for vote in by_voter(ballots).values() if vote is not None]
    return leader(Counter(votes))


def decided(said: Transcript, title: str, round_: int) -> bool:
    """Whether the last vote of that title, up to that round, has a winner."""
    rounds = [ballot.round for _, ballot in said.ballots if ballot.title == title and ballot.round <= round_]
    ballots = [ballot for _, ballot in said.cast(title, max(rounds, default=-1))]
    return winner(ballots) not in (None, TIE)


def borda(ballots: Sequence[Ballot]) -> dict[str, float]:
    """The mean share of the others that each candidate is ranked above, from 0 (always last) to 1 (always first), the
    best first (Borda, 1781). A voter's own answer is not before it, so points are shares and not sums."""
    shares: dict[str, list[float]] = {}
    for ballot in ballots:
        ranked = ballot.ranking or ()
        for place, name in enumerate(ranked):
            shares.setdefault(name, []).append(1 - place / max(1, len(ranked) - 1))
    means = {name: sum(points) / len(points) for name, points in shares.items()}
    return dict(sorted(means.items(), key=lambda pair: -pair[1]))


def tally(said: Transcript, title: str | None) -> str:
    """How the last vote of that title went, in words; empty where none was held."""
    rounds = [ballot.round for _, ballot in said.ballots if ballot.title == title]
    ballots = [ballot for _, ballot in said.cast(title or "", max(rounds, default=-1))]
    if ranked := borda(ballots):
        told = ", ".join(f"{name} {share:.0%}" for name, share in ranked.items())
        return f"{told}, where 100% is the first place in every ranking and 0% the last"
    return listed(Counter(vote for vote in by_voter(ballots).values() if vote is not None))


def listed(votes: Counter[str]) -> str:
    """The votes in words, the most first."""
    return ", ".join(f"{name} {number}" for name, number in votes.most_common())
