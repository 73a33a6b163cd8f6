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


def forecast(
    format_: Format, voices: Mapping[str, Voice], said: Transcript, items: Sequence[Item]
) -> dict[str, Forecast]:
    """By agent, what these items would cost at most, held one after the other. ``said`` stays as it is."""
    ahead = copy(said)
    ahead.speeches, ahead.ballots = dict(said.speeches), list(said.ballots)
    costs: dict[str, Forecast] = {}
    for item in items:
        for turn in item.turns:
            if not said.settled(turn.number):
                agent, voice = format_.agent(turn.agent), voices[turn.agent]
                prompt = prompts.build(format_, agent, turn, ahead, voice.context, brief=voice.brief)
                costs[turn.agent] = costs.get(turn.agent, Forecast()) + _of(prompt, voice, 1)
        for voter, order in item.missing(said):
            judge, voice = format_.agent(voter), voices[voter]
            prompt = judging.build(format_, judge, Sheet(item, order), ahead, voice.context, brief=voice.brief)
            costs[voter] = costs.get(voter, Forecast()) + _of(prompt, voice, ASKED)
            ahead.ballots.append((0, _ballot(item, voter, order)))
        for turn in item.turns:
            if not said.settled(turn.number):
                ahead.speeches[turn.number] = _longest(format_, turn)
    return costs


def total(costs: Mapping[str, Forecast]) -> Forecast:
    """All of them together."""
    return sum(costs.values(), Forecast())


def _of(prompt: Prompt, voice: Voice, times: int) -> Forecast:
    read, said = count_chat(prompt.messages) * times, prompt.max_tokens * times
    cost = voice.price.cost(read, said) if voice.price is not None else None
    return Forecast(times, Usage(read, said, cost, estimated=True))


def _ballot(item: Item, voter: str, order: tuple[str, ...]) -> Ballot:
    ranking = order if item.about.ranked else None
    return Ballot(
        voter, "", item.about.name, item.round, order, order[0], None, "", (), Usage(), ranking=ranking
    )  # fmt: skip


def _longest(format_: Format, turn: Turn) -> Speech:
    words = "word" + " word" * (format_.agent(turn.agent).max_tokens * MOST_PER_TOKEN // 5)
    return Speech(turn.agent, turn.number, turn.round, 1, words, finish_reason="length")
