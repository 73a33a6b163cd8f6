"""What the rest of a debate costs at most: the prompts as they would be sent, and speeches that all go to their limit.

Nothing is asked for it: what nobody has said yet is words of that length. Tokens are estimated on the high side. What
an upstream charges for a request that it answers with an error is not in it.
"""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Final

from debate_server.core import prompts
from debate_server.core.agenda import Item, Turn
from debate_server.core.chat import MOST_PER_TOKEN, count_chat
from debate_server.core.events import Ballot, Usage
from debate_server.core.format.shape import Format
from debate_server.core.judging import prompt as judging
from debate_server.core.judging.sheet import Sheet
from debate_server.core.money.price import Price
from debate_server.core.prompts import Prompt
from debate_server.core.transcript import Speech, Transcript

# How often a ballot may be asked for.
ASKED: Final = 2
# What a speech has of its limit at least, as speeches go.
LEAST: Final = 0.25


@dataclass(frozen=True, slots=True)
class Voice:
    """What of an agent's model matters here: the tokens it can have before it, whether it is told briefly, and its
    price."""

    context: int
    brief: bool
    price: Price | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """So many calls at most, and what they would cost; a cost of None is unknown."""

    calls: int = 0
    usage: Usage = field(default_factory=lambda: Usage(estimated=True))

    def __add__(self, other: "Forecast") -> "Forecast":
        return Forecast(self.calls + other.calls, self.usage + other.usage)

    def times(self, number: int) -> "Forecast":
        """So many like it."""
        usage = self.usage
        cost = None if usage.cost_usd is None else usage.cost_usd * number
        return Forecast(self.calls * number, Usage(usage.input * number, usage.output * number, cost, estimated=True))


def forecast(
    format_: Format, voices: Mapping[str, Voice], said: Transcript, items: Sequence[Item], *, least: bool = False
) -> dict[str, Forecast]:
    """By agent, what these items would cost at most, held one after the other; or at ``least``, as debates go: without
    what is left out where one is over before its time, with short speeches, and no ballot asked for twice. ``said``
    stays as it is."""
    share, asked = (LEAST, 1) if least else (1.0, ASKED)
    items = [item for item in items if not (least and item.optional)]
    ahead = copy(said)
    ahead.speeches, ahead.ballots = dict(said.speeches), list(said.ballots)
    costs: dict[str, Forecast] = {}
    for item in items:
        for turn in item.turns:
            if not said.settled(turn.number):
                agent, voice = format_.agent(turn.agent), voices[turn.agent]
                prompt = prompts.build(format_, agent, turn, ahead, voice.context, brief=voice.brief)
                costs[turn.agent] = costs.get(turn.agent, Forecast()) + _of(prompt, voice, 1, share)
        for voter, order in item.missing(said):
            judge, voice = format_.agent(voter), voices[voter]
            prompt = judging.build(format_, judge, Sheet(item, order), ahead, voice.context, brief=voice.brief)
            costs[voter] = costs.get(voter, Forecast()) + _of(prompt, voice, asked, share)
            ahead.ballots.append((0, _ballot(item, voter, order)))
        for turn in item.turns:
            if not said.settled(turn.number):
                ahead.speeches[turn.number] = _as_long(format_, turn, share)
    return costs


def total(costs: Mapping[str, Forecast]) -> Forecast:
    """All of them together."""
    return sum(costs.values(), Forecast())


def _of(prompt: Prompt, voice: Voice, times: int, share: float) -> Forecast:
    read, said = count_chat(prompt.messages) * times, int(prompt.max_tokens * share) * times
    cost = voice.price.cost(read, said) if voice.price is not None else None
    return Forecast(times, Usage(read, said, cost, estimated=True))


def _ballot(item: Item, voter: str, order: tuple[str, ...]) -> Ballot:
    ranking = order if item.about.ranked else None
    return Ballot(
        voter, "", item.about.name, item.round, order, order[0], None, "", (), Usage(), ranking=ranking
    )  # fmt: skip


def _as_long(format_: Format, turn: Turn, share: float) -> Speech:
    """A speech that has that share of its limit."""
    tokens = int(format_.agent(turn.agent).max_tokens * share)
    words = "word" + " word" * (tokens * MOST_PER_TOKEN // 5)
    return Speech(turn.agent, turn.number, turn.round, 1, words, finish_reason="length")
