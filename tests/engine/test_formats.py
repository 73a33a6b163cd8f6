"""Every format that ships, held on the fake upstream: who spoke, who was told what, who decided."""

from pathlib import Path

import pytest

from debate_server.core.events import AgentStart, Ballot
from debate_server.core.plan import read_plan
from debate_server.core.transcript import fold
from debate_server.formats import Formats
from debate_server.log import frames as fr
from tests.conftest import Server
from tests.engine.cast import Cast, Told, account
from tests.fakes.upstream import FakeUpstream

FORMATS = Formats()
GOLDEN = Path(__file__).with_name("golden")
ENDS = {"society": ["yes", "no", "no"], "vote": ["yes", "no", "Yes.", "YES", "no"]}


def for_the_first(told: Told) -> object:
    """A ballot for whoever has said the first word of the first agent, wherever it stands; without one, for a tie."""
    labels = sorted(told.shown, key=lambda label: sorted(told.shown[label]))
    vote = {"reason": "It was Speaker A who answered.", "quotes": ["My word is"]}
    if '"ranking"' in told.prompt:
        return {**vote, "ranking": labels}
    return {**vote, "winner": labels[0] if labels else "tie", "margin": 6 if labels else 0}


def answers(name: str, agents: list[str]) -> dict[tuple[str, int], str]:
    """What the agents of a format that counts answers end with; those who answer twice agree the second time."""
    return {
        (agent, number): f"\nAnswer: {answer if number == 1 else 'no'}"
        for agent, answer in zip(agents, ENDS.get(name, []), strict=False)
        for number in (1, 2, 3)
    }


@pytest.mark.parametrize("name", FORMATS.all())
async def test_a_format_is_held_as_its_golden_transcript_tells(name: str, server: Server, fake: FakeUpstream) -> None:
    agents = [agent.name for agent in FORMATS.get(name).agents]
    ends = answers(name, agents)
    cast = Cast(agents, for_the_first, lambda agent, number: ends.get((agent, number), ""))
    fake.script = cast.script
    events = await server.debate(format=name, agents=cast.seats)
    assert account(cast, events) == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")
    finds_its_place(server, events[0]["debate"])


def finds_its_place(server: Server, debate: str) -> None:
    """Wherever the debate was cut, what came next is what is next."""
    plan = read_plan(server.house.log.row(debate).plan)
    events = list(fr.events(server.house.log.committed(debate, 0)))
    for cut, (_, event) in enumerate(events):
        match event:
            case AgentStart(turn=number):
                assert number in [turn.number for turn in plan.left(fold(events[:cut]))[0].turns]
            case Ballot(title=title, round=round_, judge=judge, order=order):
                item = plan.left(fold(events[:cut]))[0]
                assert (item.about.name, item.round) == (title, round_)
                assert (judge, order) in item.missing(fold(events[:cut]))
    assert plan.left(fold(events)) == []
