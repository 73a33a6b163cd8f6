"""Forks: where one debate is cut so that another begins with what was said up to there.

To retry, to go on and to fork is the same: a prefix of a debate's events, and a plan for what comes after it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile

from debate_server.core.agenda import Item, remaining
from debate_server.core.errors import InvalidRequest, LimitExceeded, NothingToRetry, StillRunning
from debate_server.core.events import AgentStart, Ballot, DebateStart, Done, Error, Event, Verdict
from debate_server.core.plan import Fork, Limits, Plan, changed, check_rounds, check_size
from debate_server.core.transcript import Transcript, fold

# ``(seq, event)`` of a debate, from its first event on; tokens may be left out.
Events = Sequence[tuple[int, Event]]


@dataclass(frozen=True, slots=True)
class Branch:
    """A fork before it begins: what is held in it, the last seq that it shares with its parent, and the events up to
    there."""

    plan: Plan
    seq: int
    shared: Events

    def begun(self, start: DebateStart) -> Transcript:
        """What is said already, once the fork begins with that event."""
        return fold([(1, start), *self.shared[1:]])

    def turn(self, said: Transcript) -> int | None:
        """The first turn that is the fork's own, as far as that is known by now; None where there is none."""
        left = remaining(self.plan.format, self.plan.items, said)
        return next((turn.number for item in left for turn in item.turns if not said.settled(turn.number)), None)


def retried(plan: Plan, events: Events, *, detached: bool, limits: Limits) -> Branch:
    """A fork at the first thing that failed, was cut or never came. Raises StillRunning, NothingToRetry."""
    said = fold(events)
    _check_over(said)
    again = plan.model_copy(update={"detached": detached, "budget": plan.budget.within(limits.budget)})
    return _branch(again, events, _first_to_retry(plan, said))


def forked(plan: Plan, events: Events, *, fork: Fork, limits: Limits) -> Branch:
    """The fork that is asked for. Raises InvalidRequest, LimitExceeded, and StillRunning where it is to go on."""
    said, planned = fold(events), changed(plan, fork, limits)
    if fork.turn is None:
        _check_over(said)
        return _branch(_longer(planned, fork.rounds or 1, limits), events, None)
    item = _item(plan, fork.turn, said)
    return _branch(_until(planned, item, fork, limits), events, item)


def _branch(plan: Plan, events: Events, item: Item | None) -> Branch:
    """A fork with all that was said before that item, or before the decision."""
    shared = list(takewhile(lambda numbered: not _ends(numbered[1], item), events))
    return Branch(plan, events[len(shared)][0] - 1, shared)


def _ends(event: Event, item: Item | None) -> bool:
    """Whether what was said before that item is over with this event: it begins, or the debate was decided or ended
    before it."""
    match event:
        case AgentStart(turn=number):
            return item is not None and any(turn.number == number for turn in item.turns)
        case Ballot(title=title, round=round_, winner=None):  # the others stand
            return item is not None and (title, round_) == (item.about.name, item.round)
        case _:
            return isinstance(event, Verdict | Error | Done)


def _check_over(said: Transcript) -> None:
    if said.status != "done":
        raise StillRunning(
            f"Debate {said.debate} is not over. Fork it from a turn, or stop it first: "
            f"POST /api/debates/{said.debate}/stop"
        )


def _first_to_retry(plan: Plan, said: Transcript) -> Item | None:
    """None: all was held, and only its end never came."""
    broken = [item for item in plan.items if item.begun(said) and not item.whole(said)]
    if said.reason in ("completed", "budget"):  # what else was left out was left out on purpose
        if not broken:
            raise NothingToRetry(f"Every turn of debate {said.debate} was spoken whole: there is nothing to retry.")
        return broken[0]
    return next(iter(broken + remaining(plan.format, plan.items, said)), None)


def _item(plan: Plan, turn: int, said: Transcript) -> Item:
    """What that turn is held with. Raises InvalidRequest."""
    if turn not in said.attempts:
        begun = f"Those that have: {_spelt(sorted(said.attempts))}." if said.attempts else "None has yet."
        raise InvalidRequest(f"No turn {turn} has begun in debate {said.debate}. {begun}", field="turn")
    return next(item for item in plan.items if any(held.number == turn for held in item.turns))


def _longer(plan: Plan, rounds: int, limits: Limits) -> Plan:
    """The plan with so many rounds more after its end. Raises InvalidRequest, LimitExceeded."""
    if not plan.format.repeats:
        raise InvalidRequest(
            f"{plan.format.name} has no round that repeats, so it cannot go on. Fork it from one of its turns instead.",
            field="turn",
        )
    if plan.total + rounds > limits.rounds:
        raise LimitExceeded(
            f"That would be {plan.total + rounds} rounds altogether.", field="rounds", limit=limits.rounds,
            setting="--max-rounds",
        )  # fmt: skip
    more = (*plan.more, rounds)
    check_size(plan.format, plan.rounds, more, limits)
    return plan.model_copy(update={"more": more})


def _until(plan: Plan, item: Item, fork: Fork, limits: Limits) -> Plan:
    """The plan up to the end that comes next after that item, in as many rounds altogether as the fork asks for.

    Raises InvalidRequest, LimitExceeded.
    """
    before = (plan.rounds, *plan.more)[: item.part]
    total = fork.rounds or sum((plan.rounds, *plan.more)[: item.part + 1])
    check_rounds(total, plan.format, limits)
    index = plan.items.index(item)
    fitting = [
        rounds
        for rounds in range(sum(before) + 1, limits.rounds + 1)
        if (items := _in(plan, *before, rounds - sum(before)).items)[:index] == plan.items[:index] and items[index:]
    ]
    if total not in fitting:
        raise InvalidRequest(
            f"rounds is {total}; a fork from turn {fork.turn} takes {_spelt(fitting)}: those before it were held.",
            field="rounds",
        )
    until = _in(plan, *before, total - sum(before))
    check_size(until.format, until.rounds, until.more, limits)
    return until


def _in(plan: Plan, rounds: int, *more: int) -> Plan:
    return plan.model_copy(update={"rounds": rounds, "more": more})


def _spelt(numbers: Iterable[int]) -> str:
    """Ascending numbers as one says them, such as "1 to 4, 7"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1] = [runs[-1][0], number]
        else:
            runs.append([number])
    return ", ".join(" to ".join(map(str, run)) for run in runs)
