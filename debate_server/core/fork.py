"""Forks: where one debate is cut so that another begins with what was said up to there."""

from collections.abc import Callable, Iterable
from itertools import takewhile

from debate_server.core.agenda import Item, remaining
from debate_server.core.errors import NothingToRetry
from debate_server.core.events import AgentStart, Ballot, DebateStart, Done, Error, Event, Verdict
from debate_server.core.plan import Plan
from debate_server.core.transcript import Transcript, fold


def branch(
    plan: Plan, begin: Callable[[int], DebateStart], events: Iterable[tuple[int, Event]]
) -> tuple[DebateStart, Transcript]:
    """A fork of a debate, by its ``(seq, event)``, at the first thing that failed, was cut or never came.

    Its first event, which ``begin`` makes of the last seq that it shares with its parent, and what is said already.

    Raises NothingToRetry.
    """
    said = list(events)
    item = _first_to_retry(plan, fold(said))
    shared = list(takewhile(lambda numbered: not _ends(numbered[1], item), said))
    start = begin(shared[-1][0])
    return start, fold([(1, start), *shared[1:]])


def _first_to_retry(plan: Plan, said: Transcript) -> Item:
    left = remaining(plan.format, plan.items, said)
    for item in [item for item in plan.items if item.begun(said) and not item.whole(said)] + left:
        return item
    raise NothingToRetry(f"Every turn of debate {said.debate} was spoken whole: there is nothing to retry.")


def _ends(event: Event, item: Item) -> bool:
    """Whether what was said before that item is over with this event: it begins, or the debate was decided or ended
    before it."""
    match event:
        case AgentStart(turn=number):
            return any(turn.number == number for turn in item.turns)
        case Ballot(title=title, round=round_):
            return (title, round_) == (item.about.name, item.round)
        case _:
            return isinstance(event, Verdict | Error | Done)
