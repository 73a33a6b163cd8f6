"""What came of a debate of a run: its transcript as a result."""

from debate_server.core.answer.line import answer_of
from debate_server.core.events import Error, Usage, Verdict
from debate_server.core.run import Entry
from debate_server.core.transcript import Speech, Transcript
from debate_server.runs.result import Fault, Given, Result, Vote
from debate_server.runs.scoring.score import correct, read

# Debates that came to an end of their own: what they decided can be scored.
ENDED = ("completed", "budget")


def outcome(run: str, entry: Entry, said: Transcript, created: str, before: Usage, *, marked: bool | None) -> Result:
    """The result of a debate that is over. ``before``: what earlier attempts at it have cost; ``marked``: what a model
    says of its answer, where one was asked."""
    verdict, speeches = said.verdict, sorted(said.speeches.values(), key=lambda speech: speech.turn)
    status = said.reason or "interrupted"
    answer = verdict.answer if verdict is not None else None
    right = None
    if entry.score is not None and status in ENDED:
        told = correct(entry.score, answer, entry.answer or "", entry.choices)
        right = (marked if answer else False) if told is None else told
    return Result(
        run=run, entry=entry.name, item=entry.item, topic=said.topic, format=entry.format, model=entry.model,
        repeat=entry.repeat, swapped=entry.swapped, tags=entry.tags, role=entry.role, attempt=entry.attempt,
        debate=said.debate, created=created, status=status,
        winner=verdict.winner if verdict else None, answer=answer,
        read=read(entry.score, answer, entry.choices) if entry.score is not None else None,
        confidence=verdict.confidence if verdict else None, consistent=_consistent(verdict),
        summary=verdict.summary if verdict else None,
        expected=entry.answer, choices=entry.choices, scored=entry.score, correct=right,
        given=tuple(_given(speech) for speech in speeches if speech.finish_reason is not None),
        votes=tuple(Vote(b.judge, b.model, b.title, b.round, b.order, b.winner) for _, b in said.ballots),
        agents=said.agents, usage=before + said.usage, calls=sum(said.attempts.values()) + len(said.ballots),
        seconds=sum(speech.ms or 0 for speech in speeches) / 1000,
        error=Fault(said.error.code, said.error.message) if said.error else None,
    )  # fmt: skip


def refused(run: str, entry: Entry, topic: str, code: str, message: str, before: Usage) -> Result:
    """The result of a debate that could not be begun."""
    never = Transcript(topic=topic, reason="failed", error=Error(code, message))
    return outcome(run, entry, never, "", before, marked=None)


def _consistent(verdict: Verdict | None) -> bool | None:
    """As in the verdict, where it rests on ballots that count: then it has a winner, or is a tie."""
    return verdict.consistent if verdict is not None and verdict.ballots and verdict.winner is not None else None


def _given(speech: Speech) -> Given:
    usage = speech.usage or Usage()
    tokens = usage.input + usage.output
    return Given(speech.agent, speech.turn, speech.round, answer_of(speech.content), tokens, usage.cost_usd)
