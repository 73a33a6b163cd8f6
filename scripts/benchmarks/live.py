"""The cases of live debates, beside peers: what a token costs, how late it comes, how many debates can be held, and
what a crowd costs."""

import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from scripts.benchmarks import standing
from scripts.benchmarks.load import run
from scripts.benchmarks.load.contenders import FASTAPI, NODE, OURS, PROBED, RAW, Contender, debaters
from scripts.benchmarks.load.run import Load
from scripts.benchmarks.machine import Figure, lags, spread

Case = Callable[[], AsyncIterator[Figure]]

# Milliseconds from the upstream to the viewer that still are live, for 99 of 100 tokens; and the share of the tokens
# that have to have come.
LIVE: Final = 50.0
MOST: Final = 0.95
# A machine whose speed changes by more is no place to compare microseconds.
STEADY: Final = 1.15


@dataclass(frozen=True, slots=True)
class Scale:
    """How long it may all take: rounds in which every contender is measured once, the seconds of each measurement, and
    the numbers of debates that are tried to find the most; tried again where one fails, and peers too, if there is
    time."""

    rounds: int
    seconds: float
    levels: range
    thorough: bool


FULL: Final = Scale(rounds=5, seconds=10, levels=range(100, 801, 50), thorough=True)
QUICK: Final = Scale(rounds=2, seconds=3, levels=range(100, 801, 100), thorough=False)


def cases(*, quick: bool) -> dict[str, Case]:
    """The live cases by their names."""
    scale = QUICK if quick else FULL
    return {
        "tokens": partial(tokens, scale),
        "capacity": partial(capacity, scale),
        "fanout": partial(fanout, scale),
        "lag": partial(lag, scale),
        "restart": partial(standing.restart, 5 if scale.thorough else 3),
        "catchup": partial(standing.catch_up, scale.seconds),
    }


async def tokens(scale: Scale, debates: int = 100) -> AsyncIterator[Figure]:
    """The server's CPU for each token, and how long one is underway, with a hundred live debates."""
    loads = await _by_turns(scale, debaters(), lambda contender: run.debates(contender, debates, scale.seconds))
    each = f"{debates} debates × {run.RATE:g} tokens/s"
    costs = {name: [load.us for load in those] for name, those in loads.items()}
    for name, values in costs.items():
        yield spread(f"CPU per token, {each}, {name}", values, "µs")
    yield _ratio(costs, FASTAPI, 0.35)
    if NODE.name in costs:
        yield _ratio(costs, NODE, 0.75)
    delays = {name: [load.p99_ms for load in those] for name, those in loads.items()}
    for name, values in delays.items():
        yield spread(f"upstream → viewer, {each}, p99, {name}", values, "ms", 10 if name == OURS.name else None)
    yield _ratio(delays, FASTAPI, 1 / 3)
    for figure in _served(loads):
        yield figure
    every = [load for those in loads.values() for load in those]
    yield spread("the load itself, CPU per token, upstream", [load.upstream_us for load in every], "µs")
    yield spread("the load itself, CPU per token, viewers", [load.client_us for load in every], "µs")


async def capacity(scale: Scale) -> AsyncIterator[Figure]:
    """The most live debates of which each viewer gets its tokens in time; 0: not even the fewest that are tried."""
    for contender in debaters() if scale.thorough else [OURS]:
        few, many = -1, len(scale.levels)  # the former are held, the latter are not
        while many - few > 1:
            middle = (few + many) // 2
            if await _holds(scale, contender, scale.levels[middle]):
                few = middle
            else:
                many = middle
        held = scale.levels[few] if few >= 0 else 0
        goal = 400 if contender is OURS else None
        yield Figure(f"debates × {run.RATE:g} tokens/s, p99 < {LIVE:g} ms, {contender.name}", held, "", goal, more=True)


async def fanout(scale: Scale, viewers: int = 1000, rate: float = 20) -> AsyncIterator[Figure]:
    """The server's CPU for each event that is delivered of one debate with a thousand viewers."""
    contenders = [*debaters(), RAW]
    loads = await _by_turns(
        scale, contenders, lambda contender: run.crowd(contender, viewers, rate, scale.seconds), (scale.rounds + 1) // 2
    )
    costs = {name: [load.us for load in those] for name, those in loads.items()}
    for name, values in costs.items():
        yield spread(f"CPU per event, 1 debate × {viewers:,} viewers, {name}", values, "µs")
    yield _ratio(costs, FASTAPI, 0.3)
    yield _ratio(costs, RAW, 1.8)
    delays = {name: [load.p99_ms for load in those] for name, those in loads.items()}
    for name, values in delays.items():
        yield spread(f"upstream → viewer, 1 debate × {viewers:,} viewers, p99, {name}", values, "ms")
    for figure in _served(loads):
        yield figure


async def lag(scale: Scale, debates: int = 100) -> AsyncIterator[Figure]:
    """How late the event loop is with a hundred live debates; measured by itself, since the probe costs something."""
    async with run.talking(PROBED, debates, scale.seconds) as live:
        await lags(live.server)
        run.tell("lag", await live.count())
        longest, p99 = await lags(live.server)
    yield Figure(f"event loop's lag, {debates} debates × {run.RATE:g} tokens/s, p99", p99, "ms", 20)
    yield Figure(f"event loop's lag, {debates} debates × {run.RATE:g} tokens/s, longest", longest, "ms")


def _served(loads: dict[str, list[Load]]) -> Iterator[Figure]:
    """How many of the tokens that were due came. Of a server that is past what it can do, the other figures tell how it
    fails; of ours they would tell nothing."""
    for name, those in loads.items():
        shares = [load.tokens / load.due for load in those]
        goal = MOST if name == OURS.name else None
        yield replace(spread(f"tokens that came of those due, {name}", shares, "", goal), more=True)


async def _by_turns(
    scale: Scale, contenders: Sequence[Contender], measure: Callable[[Contender], Awaitable[Load]], rounds: int = 0
) -> dict[str, list[Load]]:
    """Every contender is measured in every round: what else the machine does comes and goes."""
    if (busy := os.getloadavg()[0]) > 1:
        print(f"This machine has other work (load average {busy:.1f}): figures are worse for it.", file=sys.stderr)
    loads: dict[str, list[Load]] = {contender.name: [] for contender in contenders}
    paces = []
    for number in range(rounds or scale.rounds):
        for contender in contenders:
            paces.append(await run.pace())
            load = await measure(contender)
            loads[contender.name].append(load)
            run.tell(f"{number + 1} {contender.name}", load)
    slow, fast = max(paces), min(paces)
    if slow > STEADY * fast:
        print(
            f"The server's core was {slow / fast:.1f} times as slow at times ({fast:.1f} … {slow:.1f} ms for the same "
            "work): compare figures by their spread, and with no other run's.",
            file=sys.stderr,
        )
    return loads


async def _holds(scale: Scale, contender: Contender, debates: int) -> bool:
    """Whether it holds so many. One that fails is tried again, if there is time: the machine may have been at fault."""
    for _ in range(2 if scale.thorough else 1):
        load = await run.debates(contender, debates, min(scale.seconds, 6))
        run.tell(f"{debates} {contender.name}", load)
        if load.sound and load.p99_ms < LIVE and load.tokens >= MOST * load.due:
            return True
    return False


def _ratio(values: dict[str, list[float]], peer: Contender, goal: float) -> Figure:
    """Ours by the peer's, of each round."""
    shares = [ours / theirs for ours, theirs in zip(values[OURS.name], values[peer.name], strict=True)]
    return spread(f"  {OURS.name} : {peer.name}", shares, "×", goal)
