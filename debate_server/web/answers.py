"""What the API answers with: one frozen dataclass a shape. The JSON is made of them, and so is its description."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import orjson
from aiohttp import web
from pydantic import WithJsonSchema

from debate_server.core.events import DoneReason, Usage
from debate_server.core.money.price import Price
from debate_server.core.plan import AgentChange
from debate_server.core.run import Scorer
from debate_server.core.telling.export import Account
from debate_server.core.transcript import Status


@dataclass(frozen=True, slots=True)
class Started:
    """A debate was begun: its id, and where it is to be had."""

    id: str
    status: Literal["queued"]
    events: str
    messages: str
    page: str


@dataclass(frozen=True, slots=True)
class Summary:
    """A debate in the list. ``speeches`` and ``words`` count what was said to the end; ``parent`` is the debate that it
    is a fork of, which may be deleted by now; ``run`` the run that it is one of, and ``entry`` its name there."""

    id: str
    topic: str
    format: str
    status: Status
    reason: DoneReason | None
    verdict: str | None
    speeches: int
    words: int
    created: str
    parent: str | None
    run: str | None
    entry: str | None


@dataclass(frozen=True, slots=True)
class Branched:
    """A fork of a debate; ``turn`` is the first one that is its own, null where there is none."""

    id: str
    topic: str
    status: Status
    reason: DoneReason | None
    created: str
    turn: int | None


@dataclass(frozen=True, slots=True)
class Look(Account):
    """A debate as its transcript tells it, its forks that there still are, oldest first, and the run that it is one
    of."""

    forks: list[Branched]
    run: str | None


@dataclass(frozen=True, slots=True)
class Debates:
    """Newest first."""

    debates: list[Summary]


@dataclass(frozen=True, slots=True)
class ShownRun:
    """A run, as it was asked for, and how far it is: its ``debates`` that were begun, each by its last attempt, by
    state (their reason, once they are done), and what all that was held has cost, earlier attempts and markings too."""

    id: str
    created: str
    asked: str
    source: str
    total: int
    items: int
    kind: Literal["batch", "tournament"]
    formats: tuple[str, ...]
    rounds: int | None
    models: tuple[str, ...]
    addresses: dict[str, str]
    agents: tuple[AgentChange, ...]
    judges: tuple[str, ...]
    repeat: int
    swap_sides: bool
    seed: int | None
    score: Scorer | None
    budget_usd: float | None
    debates: dict[str, int]
    usage: Usage


@dataclass(frozen=True, slots=True)
class Runs:
    """Newest first."""

    runs: list[ShownRun]


@dataclass(frozen=True, slots=True)
class OneHeld:
    """A debate of a run: ``key`` is its attempt's number and its entry's name (``1:name``), ``state`` its reason, once
    it is done."""

    key: str
    debate: str
    state: str
    usage: Usage


@dataclass(frozen=True, slots=True)
class Held:
    """Oldest first."""

    debates: list[OneHeld]


@dataclass(frozen=True, slots=True)
class Estimated:
    """So many calls, the tokens they would read and say, and what that would cost (null: unknown)."""

    calls: int
    input: int
    output: int
    cost_usd: float | None


@dataclass(frozen=True, slots=True)
class Estimate(Estimated):
    """What a debate would cost at most, altogether and by agent, and at ``least``: where it is over as soon as it can
    be, with speeches of a quarter of their limits."""

    agents: dict[str, Estimated]
    least: Estimated


@dataclass(frozen=True, slots=True)
class Polled:
    """The events past a cursor, but the brief ones. ``next`` is where to go on from; ``closed``: nothing follows."""

    messages: Annotated[list[Any], WithJsonSchema({"type": "array", "items": {"$ref": "#/components/schemas/Event"}})]
    next: int
    closed: bool


@dataclass(frozen=True, slots=True)
class Queued:
    """A message was taken in; ``message_count`` of them there are by now."""

    message_id: str
    message_count: int
    status: Literal["queued"]


@dataclass(frozen=True, slots=True)
class ShownAgent:
    name: str
    side: str
    temperature: float | None
    max_tokens: int


@dataclass(frozen=True, slots=True)
class ShownRound:
    name: str
    speakers: tuple[str, ...]
    voters: tuple[str, ...]
    together: bool
    repeat: bool
    counts: bool


@dataclass(frozen=True, slots=True)
class ShownFormat:
    """``answers``: whether its debates come to an answer, and not only to a winner."""

    name: str
    title: str
    about: str
    answers: bool
    default_rounds: int
    agents: list[ShownAgent]
    rounds: list[ShownRound]


@dataclass(frozen=True, slots=True)
class Formats:
    formats: list[ShownFormat]


@dataclass(frozen=True, slots=True)
class ShownModel:
    """A model. ``address`` is what an agent's ``model`` takes; ``context`` is in tokens, ``price`` in US dollars per
    million of them. Null: not known."""

    name: str
    address: str
    endpoint: str
    demo: bool
    context: int | None
    price: Price | None


@dataclass(frozen=True, slots=True)
class ShownEndpoint:
    """An endpoint; ``reason`` says why none of its models can be had, null where they can."""

    name: str
    base_url: str | None
    demo: bool
    reason: str | None


@dataclass(frozen=True, slots=True)
class Models:
    """``default`` is taken where a start names no model, and ``why`` says why it is that one."""

    default: ShownModel | None
    why: str
    models: list[ShownModel]
    endpoints: list[ShownEndpoint]


@dataclass(frozen=True, slots=True)
class Health:
    """``reason`` says what is wrong where the status is not ok."""

    status: Literal["ok", "degraded"]
    version: str
    reason: str | None


def answer(shape: object, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """The JSON response of a dataclass."""
    return web.Response(status=status, body=orjson.dumps(shape), content_type="application/json", headers=headers)
