"""One turn: an agent is told what it must know, and speaks.

An attempt begins with ``agent_start``, committed before the request leaves, so that no call is made which the log
does not know of. It ends with exactly one ``agent_end`` or ``agent_error``. A fault before the first token voids the
attempt and the turn is tried again, at most twice; a fault after it cuts the speech off.
"""

import asyncio

import structlog
from structlog.contextvars import bind_contextvars

from debate_server.core import prompts
from debate_server.core.agenda import Turn
from debate_server.core.chat import count, count_chat
from debate_server.core.errors import UpstreamError
from debate_server.core.events import AgentEnd, AgentError, AgentStart, FinishReason, Thinking, Token, Usage
from debate_server.core.seed import derived
from debate_server.engine.floor import Floor
from debate_server.engine.patience import patiently
from debate_server.upstream.upstream import Listener, Request

logger = structlog.get_logger(__name__)


async def speak(floor: Floor, turn: Turn) -> None:
    """Let the turn's agent speak. Raises UpstreamError when it cannot, after its retries."""
    bind_contextvars(turn=turn.number)
    first = floor.transcript.attempts.get(turn.number, 0) + 1

    def failed(retry: int, error: UpstreamError, retrying: bool) -> None:
        attempt = first + retry
        floor.say(
            AgentError(
                turn.agent, turn.number, turn.round, attempt, error.code, error.message, retrying, turn.group
            )
        )  # fmt: skip
        logger.warning("attempt_failed", attempt=attempt, code=error.code)

    async def attempt(retry: int) -> None:
        with floor.lane(turn.number):
            await _attempt(floor, turn, first + retry)

    await patiently(attempt, failed, floor.pause)


async def _attempt(floor: Floor, turn: Turn, attempt: int) -> None:
    """One request and the speech that comes of it."""
    floor.say(AgentStart(turn.agent, turn.number, turn.round, attempt, turn.group))
    started = floor.now()
    measures = floor.log.measures
    measures.retries += attempt > 1
    said: list[str] = []
    request: Request | None = None
    heard = 0

    def leave() -> None:
        nonlocal heard, started
        heard, started = count_chat(request.messages) if request else 0, floor.now()

    def hear(words: str) -> None:
        if not said:
            measures.first_token.observe(floor.now() - started)
        measures.tokens += 1
        said.append(words)
        floor.utter(Token(turn.agent, turn.number, words))

    def end(reason: FinishReason, usage: Usage) -> None:
        _end(floor, turn, "".join(said), reason, usage, floor.now() - started)

    try:
        await floor.commit()
        request = await _request(floor, turn, attempt)
        finish = await floor.ask(request, Listener(hear, lambda: floor.say(Thinking(turn.agent, turn.number)), leave))
        if finish.cause:
            logger.warning("speech_cut", cause=finish.cause)
        end(finish.reason, finish.usage)
    except asyncio.CancelledError:
        # Else the process ends, and the attempt is voided when it goes on.
        if floor.ending is not None or turn.number in floor.halted:
            usage = Usage(heard, count("".join(said)) if said else 0, estimated=True)
            end("stopped", request.priced(usage) if request else usage)
        raise


def _end(floor: Floor, turn: Turn, content: str, reason: FinishReason, usage: Usage, seconds: float) -> None:
    ms = round(seconds * 1000)
    floor.say(AgentEnd(turn.agent, turn.number, turn.round, content, reason, usage, ms, turn.group))
    floor.log.measures.turns += 1


async def _request(floor: Floor, turn: Turn, attempt: int) -> Request:
    """What the agent is told, fitted to its model."""
    agent = floor.plan.format.agent(turn.agent)
    model = await floor.upstream.model(agent.model)
    prompt = prompts.build(floor.plan.format, agent, turn, floor.transcript, model.context, brief=model.brief)
    if prompt.cuts:
        cuts = [(cut.turn, cut.kept, cut.of) for cut in prompt.cuts]
        logger.info("prompt_shortened", cuts=cuts)
    seed = derived(floor.plan.seed, "turn", turn.number, attempt)
    return Request(model, prompt.messages, prompt.temperature, prompt.max_tokens, attempt=attempt, seed=seed)
