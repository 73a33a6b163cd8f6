"""A run that was held before it is measured: its debates in a log, and its results in a file."""

import random
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Final

from debate_server.commands.read import Archive
from debate_server.core.events import AgentEnd, AgentStart, DebateStart, Done, Event, Seat, Token, Usage, Verdict
from debate_server.core.plan import Plan, plan
from debate_server.engine.estimate import limits
from debate_server.engine.runs import Runs
from debate_server.formats import Formats
from debate_server.house import House, opened
from debate_server.log.naming import new_id
from debate_server.log.rows import Member
from debate_server.runs.holding.output import Output
from debate_server.runs.holding.venue import Here
from debate_server.runs.items.source import open_items
from debate_server.runs.orders.product import Planned
from debate_server.runs.orders.wanted import Wanted, ordered
from debate_server.runs.record import record
from debate_server.settings import Settings

# Of its answers so many are right.
RIGHT: Final = 0.7
# So many of its debates are committed at a time.
TOGETHER: Final = 50


async def held(
    folder: Path, items: Path, *, debates: int, named: tuple[str, ...], models: tuple[str, ...], tokens: int
) -> str:
    """The id of a run in the folder's log of which so many debates are over, with speeches of so many tokens: the one
    that ``debate batch`` goes on with, if it is given these items, formats and models."""
    settings = Settings(data=str(folder), discover=False)
    with open_items(str(items), longest=settings.max_topic) as source:
        async with opened(settings) as house:
            venue = Here(house.log, house.upstream, house.runner)
            order = await ordered(wanted(named, models), source, settings)(venue)
            state = await Runs(house.log, house.runner).open(order.run.model_copy(update={"total": debates}))
            plans = _Plans(settings)
            for number, one in enumerate(islice(order.planned(), debates)):
                _hold(house, state.id, one, plans.of(one), tokens)
                if number % TOGETHER == 0:
                    house.log.writer.flush()
    return state.id


def wanted(named: tuple[str, ...], models: tuple[str, ...], rounds: int | None = None) -> Wanted:
    """What ``debate batch`` is given with no other flags than these."""
    return Wanted(
        named=named, models=models, agents=(), rounds=rounds, swap_sides=False, repeat=1, seed=None, score=None,
        judge=None, baselines=True, budget=None,
    )  # fmt: skip


async def write_results(folder: Path, run: str, out: Path) -> None:
    """The results of a run, as ``--out`` has them."""
    archive = Archive(folder)
    with Output(out, run, again=False) as output:
        for result in record(archive.of_run(run), archive.transcript):
            await output.write(result)


class _Plans:
    """What is kept of a debate for whoever takes it up: made once for each format and model, whatever the topic."""

    def __init__(self, settings: Settings) -> None:
        self._formats = Formats(settings.formats)
        self._limits = limits(settings)
        self._made: dict[tuple[str, str], tuple[Plan, bytes]] = {}

    def of(self, one: Planned) -> tuple[Plan, bytes]:
        kind = one.entry.format, one.entry.model
        if kind not in self._made:
            made = plan(one.start, self._formats.of(one.start.format), self._limits, detached=True)
            self._made[kind] = made, made.model_dump_json().encode()
        return self._made[kind]


def _hold(house: House, run: str, one: Planned, planned: tuple[Plan, bytes], tokens: int) -> None:
    """Have a debate that is over in the log."""
    debate, (made, kept) = new_id(), planned
    seats = tuple(Seat(agent.name, agent.side, one.entry.model) for agent in made.format.agents)
    start = DebateStart(debate, one.start.topic, made.format.name, made.total, seats)
    house.log.create(start, kept, of=Member(run, one.entry.key, one.entry.model_dump_json().encode()))
    for event in _said(one, made, tokens):
        house.log.append(debate, event)


def _said(one: Planned, made: Plan, tokens: int) -> Iterator[Event]:
    """As many speeches as the format has, and the same verdict each time that the entry is held."""
    dice = random.Random(one.entry.name)
    spent, turn, answers = Usage(), 0, dict[str, str]()
    for turn, (name, round_) in enumerate(_turns(made), 1):
        answers[name] = _answer(one, dice)
        words = [*dice.choices(_words(), k=tokens), f"\n\nAnswer: {answers[name]}"]
        yield AgentStart(name, turn, round_, 1)
        yield from (Token(name, turn, word) for word in words)
        usage = Usage(turn * tokens, tokens, turn * tokens * 1e-6)
        spent += usage
        yield AgentEnd(name, turn, round_, "".join(words), "stop", usage, 1000)
    answer = max(answers.values(), key=list(answers.values()).count)
    yield Verdict(None, answer, 0.7, {}, (), consistent=True, summary=f"The answer is {answer}.")
    yield Done("completed", spent)


def _turns(made: Plan) -> Iterator[tuple[str, int]]:
    for number in range(made.total):
        yield from ((agent.name, number + 1) for agent in made.format.agents)


def _answer(one: Planned, dice: random.Random) -> str:
    right = one.entry.answer or "yes"
    return right if dice.random() < RIGHT else f"{dice.randrange(100)}"


@cache
def _words() -> tuple[str, ...]:
    """As many as somebody has who speaks, so that speeches can be packed no better than theirs."""
    dice = random.Random(0)
    return tuple("".join(dice.choices("etaoinshrdlu", k=dice.randint(2, 9))) + " " for _ in range(5_000))
