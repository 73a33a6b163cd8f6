"""Who sits where: every agent's model named for good, and judges on another model than those they judge.

Judges prefer their own model's words (Zheng et al., arXiv:2306.05685), so nobody judges its like unless a person says
so, or there is no other model; then the debate says that.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from debate_server.core.errors import UpstreamError
from debate_server.core.events import Seat
from debate_server.core.format.shape import Agent
from debate_server.core.plan import Plan
from debate_server.upstream.upstream import Model, Upstream


@dataclass(frozen=True, slots=True)
class Seating:
    """The plan with every agent's model in it, the seats as viewers see them, and what they should be warned of."""

    plan: Plan
    seats: tuple[Seat, ...]
    warnings: tuple[str, ...]


async def seated(plan: Plan, upstream: Upstream, default: str) -> Seating:
    """Who speaks by which model. ``default`` is the name of the one that is taken where none is named. One that cannot
    be had fails the debate in its first turn, where viewers can see why, and not its start."""
    models = {agent.name: await _model(agent, upstream) for agent in plan.format.agents}
    alike = dict[str, list[str]]()
    for judge, judged in _judges(plan):
        rivals = [rival for name in judged if (rival := models[name]) is not None]
        model = models[judge]
        if model is None or model not in rivals:
            continue
        if (other := await upstream.another(model, rivals)) is not None:
            models[judge] = other
        else:
            alike.setdefault(model.name, []).append(judge)
    agents = tuple(_named(agent, models[agent.name]) for agent in plan.format.agents)
    seats = tuple(_seat(agent, models[agent.name], default) for agent in plan.format.agents)
    format_ = plan.format.model_copy(update={"agents": agents})
    return Seating(
        plan.model_copy(update={"format": format_}), seats, tuple(_warning(*found) for found in alike.items())
    )


async def _model(agent: Agent, upstream: Upstream) -> Model | None:
    try:
        return await upstream.model(agent.model)
    except UpstreamError:
        return None


def _judges(plan: Plan) -> Iterable[tuple[str, set[str]]]:
    """Those who only judge and for whom nobody named a model, and those whom they judge."""
    judged: dict[str, set[str]] = {}
    for round_ in plan.format.rounds:
        for voter in round_.voters or ():
            judged.setdefault(voter, set()).update(round_.candidates or ())
    candidates = set().union(*judged.values())
    return [(name, by) for name, by in judged.items() if name not in candidates and name not in plan.named]


def _named(agent: Agent, model: Model | None) -> Agent:
    return agent if model is None else agent.model_copy(update={"model": model.address})


def _seat(agent: Agent, model: Model | None, default: str) -> Seat:
    if model is None:
        return Seat(agent.name, agent.side, agent.model or default or "unknown")
    return Seat(agent.name, agent.side, model.name, model.price)


def _warning(model: str, judges: list[str]) -> str:
    who = "The judge is" if len(judges) == 1 else "The judges are"
    return (
        f"{who} the same model as those who are judged ({model}), for want of another: models prefer their own words. "
        f"Name another for {', '.join(judges)}."
    )
