"""A cast for the fake upstream: every agent has a model of its own, so that its requests can be told, and whatever it
says carries a mark, so that it can be seen who was told of it."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from tests.fakes.script import Say, Script

MARK = re.compile(r"\bm\d+x\d+\b")
# What stands before a judge is shown under such labels.
LABELLED = re.compile(r"^Speaker (\w+):(.*?)(?=^Speaker \w+:|\Z)", re.MULTILINE | re.DOTALL)


@dataclass
class Told:
    """One request: who was asked, what it had been told of, by marks, and its words if it was told of any."""

    agent: str
    number: int
    prompt: str
    is_ballot: bool

    @property
    def marks(self) -> list[str]:
        return MARK.findall(self.prompt)

    @property
    def shown(self) -> dict[str, list[str]]:
        """By label, the marks that a judge saw under it."""
        seen: dict[str, list[str]] = {}
        for label, words in LABELLED.findall(self.prompt):
            seen.setdefault(label, []).extend(MARK.findall(words))
        return seen


@dataclass
class Cast:
    """Plays the part of all models. ``votes`` says what a judge answers; ``says`` what an agent adds to its mark."""

    agents: list[str]
    votes: Callable[[Told], object]
    says: Callable[[str, int], str] = lambda agent, number: ""
    told: list[Told] = field(default_factory=list)
    _spoken: Counter[str] = field(default_factory=Counter)

    @property
    def seats(self) -> list[dict[str, Any]]:
        """What a start asks for: a model of its own for each agent."""
        return [{"name": name, "model": f"m{number}"} for number, name in enumerate(self.agents, 1)]

    def script(self, body: Mapping[str, Any]) -> Script:
        agent = self.agents[int(body["model"][1:]) - 1]
        is_ballot = "response_format" in body
        self._spoken[agent] += not is_ballot
        number = self._spoken[agent]
        told = Told(agent, number, "\n".join(message["content"] for message in body["messages"]), is_ballot)
        self.told.append(told)
        if is_ballot:
            answer = self.votes(told)
            return [Say(answer if isinstance(answer, str) else orjson.dumps(answer).decode(), size=40)]
        return [Say(f"My word is {body['model']}x{number} here.{self.says(agent, number)}")]

    def name(self, mark: str) -> str:
        """A mark as one reads it: who said it, and in which of its speeches."""
        model, _, number = mark.partition("x")
        return f"{self.agents[int(model[1:]) - 1]}'s {number}."


def account(cast: Cast, events: list[dict[str, Any]]) -> str:
    """Who spoke, who was told what, who voted and who decided, in lines that do not depend on what came first of that
    which happened at the same time."""
    lines = list[tuple[int, int, str]]()
    speeches = {(told.agent, told.number): told for told in cast.told if not told.is_ballot}
    number = Counter[str]()
    for event in sorted((e for e in events if e["type"] == "agent_end"), key=lambda event: event["turn"]):
        agent = event["agent"]
        number[agent] += 1
        heard = ", ".join(map(cast.name, speeches[agent, number[agent]].marks)) or "nothing"
        beside = f", at the same time as turn {event['group']}" if "group" in event else ""
        line = f"round {event['round']}, turn {event['turn']}{beside}: {agent}, told {heard}"
        lines.append((event["round"], event["turn"], line))
    for event in events:
        if event["type"] == "ballot":
            vote = " > ".join(event.get("ranking", [])) or event["winner"]
            order = ", ".join(event["order"])
            line = f"{event['title']}, after round {event['round']}: {event['judge']}, shown {order}: {vote}"
            lines.append((event["round"], len(events), line))
    [verdict] = [event for event in events if event["type"] == "verdict"]
    told = f"verdict: {verdict['winner']}, {verdict['answer']}, {verdict['summary']}"
    head = f"{events[0]['format']}, {events[0]['rounds']} rounds"
    return "\n".join([head, *(line for *_, line in sorted(lines)), told, events[-1]["reason"], ""])
