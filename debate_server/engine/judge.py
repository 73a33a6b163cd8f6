"""One ballot: a judge is shown what was said, and votes.

What it answers is no speech, so it is not streamed: an answer that can be read becomes a ``ballot``; one that cannot is
asked for once more, and then the ballot counts as none. A ballot that is in the log is never asked for again.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from itertools import count as counted

import structlog

from debate_server.core.chat import count, count_chat
from debate_server.core.errors import UpstreamError
from debate_server.core.events import Ballot, Usage
from debate_server.core.judging import ballot
from debate_server.core.judging import prompt as judging
from debate_server.core.judging.ballot import Reading, Unreadable
from debate_server.core.judging.sheet import Sheet
from debate_server.core.seed import derived
from debate_server.engine.floor import Floor
from debate_server.engine.patience import patiently
from debate_server.upstream.upstream import Listener, Request

logger = structlog.get_logger(__name__)


async def cast(floor: Floor, voter: str, sheet: Sheet) -> None:
    """Have one ballot cast; where nothing can be made of it, one that counts as none and says why."""
    spent: list[Usage] = []
    attempts = counted(1)
    reading, problem = None, ""
    for _ in range(2):
        try:
            answer = await _answer(floor, voter, sheet, spent, attempts)
            reading = ballot.read(answer, sheet, floor.transcript)
            break
        except Unreadable as error:
            problem = str(error)
            logger.warning("ballot_unreadable", judge=voter, problem=problem)
        except UpstreamError as error:
            problem = error.message
            break
        except asyncio.CancelledError:
            if floor.ending is not None and spent:  # what was paid for is told
                floor.say(_ballot(floor, voter, sheet, None, "The debate was stopped.", sum(spent, Usage())))
            raise
    floor.say(_ballot(floor, voter, sheet, reading, problem, sum(spent, Usage())))


def _ballot(floor: Floor, voter: str, sheet: Sheet, reading: Reading | None, problem: str, usage: Usage) -> Ballot:
    model = next(seat.model for seat in floor.transcript.agents if seat.name == voter)
    title, round_ = sheet.item.about.name, sheet.item.round
    if reading is None:
        return Ballot(voter, model, title, round_, sheet.order, None, None, "", (), usage, problem=problem)
    return Ballot(
        voter, model, title, round_, sheet.order, reading.winner, reading.margin, reading.reason, reading.quotes, usage,
        ranking=reading.ranking,
    )  # fmt: skip


async def _answer(floor: Floor, voter: str, sheet: Sheet, spent: list[Usage], attempts: Iterator[int]) -> str:
    """What the judge answers; what that cost goes into ``spent``. ``attempts`` numbers its requests. Raises
    UpstreamError."""
    asked = await _request(floor, voter, sheet)

    async def attempt(_: int) -> str:
        number = next(attempts)
        vote = sheet.item.about.name, sheet.item.round
        seed = derived(floor.plan.seed, "ballot", *vote, voter, *sheet.order, number)
        request = replace(asked, attempt=number, seed=seed)
        said: list[str] = []
        try:
            finish = await floor.ask(request, Listener(said.append, lambda: None))
        except BaseException:
            if said:
                spent.append(request.priced(Usage(count_chat(request.messages), count("".join(said)), estimated=True)))
            raise
        spent.append(finish.usage)
        return "".join(said)

    def failed(_: int, error: UpstreamError, retrying: bool) -> None:
        logger.warning("ballot_failed", judge=voter, code=error.code, retrying=retrying)

    return await patiently(attempt, failed, floor.pause)


async def _request(floor: Floor, voter: str, sheet: Sheet) -> Request:
    judge = floor.plan.format.agent(voter)
    model = await floor.upstream.model(judge.model)
    prompt = judging.build(floor.plan.format, judge, sheet, floor.transcript, model.context, brief=model.brief)
    schema = sheet.schema(floor.transcript, brief=model.brief)
    return Request(model, prompt.messages, prompt.temperature, prompt.max_tokens, schema)
