"""The verdict: what the ballots, the answers or the chair's words of a debate come to. Nothing in it is made up: where
nothing can be counted there is no winner, and it says so."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from debate_server.core.agenda import Item
from debate_server.core.answer.line import answer_of
from debate_server.core.answer.same import same
from debate_server.core.events import Ballot, Verdict
from debate_server.core.format.shape import Format
from debate_server.core.judging.counting import (
    TIE,
    borda,
    by_voter,
    consistent,
    last,
    leader,
    listed,
    whole,
    winner,
)
from debate_server.core.transcript import CUT, Speech, Transcript

# Characters of a summary.
LONGEST: Final = 300

Cast = Sequence[tuple[int, Ballot]]


def verdict(format_: Format, items: Sequence[Item], said: Transcript) -> Verdict | None:
    """The verdict of a debate of that agenda that has come to its end; None where its format has none."""
    decision = format_.decision
    if decision is None:
        return None
    round_ = format_.round(decision.round)
    speech = _answer(decision.answer, items, said)
    answer = speech.content if speech is not None else None
    if round_ is None:
        return Verdict(None, answer, None, {}, (), True, _ending(speech) if speech else "The chair gave no answer.")
    if round_.speakers:
        return _by_answers(round_.speakers, said)
    cast = last(said, round_.name)
    if decision.by == "ranking":
        return _by_ranking(cast, round_.candidates or (), answer, said)
    if decision.before is not None:
        return _by_shift(last(said, decision.before), cast, answer, said)
    return _by_ballots(cast, answer, said)


def _by_ballots(cast: Cast, answer: str | None, said: Transcript) -> Verdict:
    ballots = [ballot for _, ballot in cast]
    won, fair, votes = winner(ballots), consistent(ballots), Counter(by_voter(ballots).values())
    if won is None:
        summary = "No decision: no vote could be counted."
    elif won == TIE:
        head = "A tie" if votes.total() == 1 else f"A tie: {listed(votes)}"
        summary = f"{head}{'' if fair else ', and not the same in both orders'}."
    else:
        summary = f"{won} wins: {votes[won]} of {votes.total()} {'vote' if votes.total() == 1 else 'votes'}."
    margins = [ballot.margin for ballot in ballots if ballot.winner == won and ballot.margin is not None]
    sure = sum(margins) / len(margins) if margins and won != TIE else None
    return _verdict(won, answer, sure, cast, said, summary, fair=fair)


def _by_shift(before: Cast, after: Cast, answer: str | None, said: Transcript) -> Verdict:
    """Who won more voters over, as Oxford-style debates are decided; who won none over wins nothing."""
    ballots = [[ballot for _, ballot in cast] for cast in (before, after)]
    fair, cast = all(map(consistent, ballots)), (*before, *after)
    votes = [by_voter(some) for some in ballots]
    counted = votes[0].keys() & votes[1].keys()
    if not counted:
        summary = "No decision: nobody's two votes could be counted."
        return _verdict(None, answer, None, cast, said, summary, fair=fair)
    first, then = (Counter(vote[voter] for voter in counted) for vote in votes)
    names = sorted({name for _, ballot in cast for name in ballot.order})
    won = leader({name: then[name] - first[name] for name in names if then[name] > first[name]}) or TIE
    told = ", ".join(f"{name} from {first[name]} to {then[name]}" for name in names)
    head = "A tie" if won == TIE else f"{won} won more of the audience over"
    return _verdict(won, answer, None, cast, said, f"{head}: {told} of {len(counted)} votes.", fair=fair)


def _by_ranking(cast: Cast, candidates: Sequence[str], answer: str | None, said: Transcript) -> Verdict:
    """Who is ranked best by all, and best in one order as in the other."""
    both = list(whole(ballot for _, ballot in cast).values())
    shares = borda(ballot for pair in both for ballot in pair)
    if not shares:
        return _verdict(None, answer, None, cast, said, "No ranking could be counted.", fair=True)
    # The first of a pair is in the order of the candidates, whichever was cast first.
    pairs = [sorted(pair, key=lambda ballot: candidates.index(ballot.order[0])) for pair in both]
    fair = len({leader(borda(pair[side] for pair in pairs)) for side in (0, -1)}) == 1
    won = leader(shares) if fair else TIE
    told = ", ".join(f"{name} {float(share):.0%}" for name, share in shares.items())
    head = f"{won} is ranked best" if won != TIE else "A tie" if fair else "A tie, and not the same in both orders"
    sure = float(shares[won]) if won is not None and won != TIE else None
    return _verdict(won, answer, sure, cast, said, f"{head}: {told}.", fair=fair)


def _by_answers(speakers: Sequence[str], said: Transcript) -> Verdict:
    """What most of the last answers of those speakers are."""
    spoken = sorted((s for s in said.speeches.values() if s.agent in speakers), key=lambda speech: speech.turn)
    answers = {speech.agent: answer_of(speech.content) for speech in spoken}
    given = [answer for answer in answers.values() if answer is not None]
    votes = Counter(map(same, given))
    won, none = leader(votes), len(answers) - len(given)
    missing = f" {none} gave no answer." if none else ""
    if won is None:
        return Verdict(None, None, None, {}, (), True, "No decision: nobody ended with an answer.")
    if won == TIE:
        return Verdict(TIE, None, None, {}, (), True, f"A tie: {listed(votes)}.{missing}")
    answer = next(answer for answer in given if same(answer) == won)
    summary = f"{_brief(answer)}: {votes[won]} of {len(given)} answers.{missing}"
    return Verdict(None, answer, votes[won] / len(answers), {}, (), True, summary)


def _verdict(
    won: str | None, answer: str | None, sure: float | None, cast: Cast, said: Transcript, summary: str, *, fair: bool
) -> Verdict:
    best: dict[str, str] = {}
    for quote in (quote for _, ballot in cast for quote in ballot.quotes):
        if quote.turn is not None:
            best.setdefault(said.speeches[quote.turn].agent, quote.text)
    return Verdict(won, answer, sure, best, tuple(seq for seq, _ in cast), fair, summary)


def _answer(title: str | None, items: Sequence[Item], said: Transcript) -> Speech | None:
    """The last speech in the round of that title, if it has words."""
    turns = [turn.number for item in items for turn in item.turns if turn.title == title]
    spoken = [said.speeches[number] for number in turns if said.ended(number)]
    return spoken[-1] if spoken and spoken[-1].content.strip() else None


def _ending(speech: Speech) -> str:
    """What a speech comes to: its last paragraph, or as many sentences of that as there is room for."""
    text = speech.content.strip()
    if speech.finish_reason in CUT and (whole := re.match(r".*[.!?]", text, re.DOTALL)):
        text = whole[0]  # without the sentence that broke off
    return _brief(text.split("\n\n")[-1].strip())


def _brief(text: str) -> str:
    """The end of a text, in whole sentences where they are short enough."""
    sentences = re.split(r"(?<=[.!?])\s+", text[-2 * LONGEST :])
    told = sentences.pop()
    while sentences and len(told) + len(sentences[-1]) < LONGEST:
        told = f"{sentences.pop()} {told}"
    return told if len(told) <= LONGEST else (told[:LONGEST].rpartition(" ")[0] or told[:LONGEST]) + " …"
