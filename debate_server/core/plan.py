"""From what a person asks for to what is held: a ``Start``, checked against a format and the limits, is a ``Plan``."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, ClassVar, Final, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, ValidationError

from debate_server.core.agenda import Item, agenda, remaining
from debate_server.core.errors import InvalidRequest, LimitExceeded, NotJSON, PlanUnreadable
from debate_server.core.explain import refused
from debate_server.core.format.shape import Agent, Format
from debate_server.core.format.size import size
from debate_server.core.money.budget import Budget
from debate_server.core.seed import MOST
from debate_server.core.transcript import Transcript


class AgentChange(BaseModel):
    """What a start changes of one seat of the format."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    name: str
    model: Annotated[str, Field(min_length=1, max_length=400)] | None = None
    persona: Annotated[str, Field(min_length=1, max_length=4000)] | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    max_tokens: Annotated[int, Field(ge=16, le=32_768)] | None = None


def _named_or_whole(value: object) -> object:
    if not isinstance(value, str | dict):
        raise ValueError("takes the name of a format as a string, or a whole format as an object")
    return value


Named = str | dict[str, Any]


class Asked(BaseModel):
    """What a request may ask for. ``example``: what that may look like, for who sent something else."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    example: ClassVar[str]


class Start(Asked):
    """A request for a debate. ``format``: a name, or the keys of a whole format; ``rounds``: None for the format's own
    number; ``budget_usd`` and ``budget_tokens``: what it may cost at most; ``detached``: it runs though nobody watches;
    None leaves that to the route; ``seed``: the same one makes the same requests of the same debate, as far as their
    models answer alike."""

    example: ClassVar[str] = 'JSON such as {"topic": "Should cities ban cars?"}'

    topic: Annotated[str, Field(json_schema_extra={"pattern": r"\S"})]
    format: Annotated[Named, PlainValidator(_named_or_whole, json_schema_input_type=Named)] = "classic"
    rounds: int | None = None
    agents: tuple[AgentChange, ...] = ()
    budget_usd: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    budget_tokens: Annotated[int, Field(ge=1)] | None = None
    detached: bool | None = None
    seed: Annotated[int, Field(ge=0, le=MOST)] | None = None


class Again(Asked):
    """A request to retry a debate. ``detached`` as in a start."""

    example: ClassVar[str] = 'nothing, or JSON such as {"detached": false}'

    detached: bool = True


class Fork(Asked):
    """A request for a fork: from the start of that ``turn``, or, without one, after the last, which is to go on.

    ``rounds``: from a turn how many it has altogether, None for as many as before; going on how many more, None for
    one. ``topic``, None for the same, and ``agents`` as in a start; ``detached`` too.
    """

    example: ClassVar[str] = 'nothing, or JSON such as {"turn": 3, "topic": "Should cities tax cars?"}'

    turn: Annotated[int, Field(ge=1)] | None = None
    topic: Annotated[str, Field(json_schema_extra={"pattern": r"\S"})] | None = None
    agents: tuple[AgentChange, ...] = ()
    rounds: Annotated[int, Field(ge=1)] | None = None
    detached: bool = True


class Halt(Asked):
    """A request to stop a debate, or only the speech of that ``turn``."""

    example: ClassVar[str] = 'nothing, or JSON such as {"turn": 3}'

    turn: Annotated[int, Field(ge=1)] | None = None


class Words(Asked):
    """A request to say something to the agents: to all, or to the one that is named."""

    example: ClassVar[str] = 'JSON such as {"content": "What would it cost?"}'

    content: str
    to: str | None = None


A = TypeVar("A", bound=Asked)


class Plan(BaseModel):
    """A debate as it will be held. ``format`` has the start's changes in it, each agent's model included; ``more``: by
    how many rounds it went on after each of its ends; ``named``: the seats for which somebody named a model."""

    model_config = ConfigDict(frozen=True)

    topic: str
    format: Format
    rounds: int
    detached: bool
    more: tuple[int, ...] = ()
    budget: Budget = Budget()
    named: tuple[str, ...] = ()
    seed: int | None = None

    @property
    def total(self) -> int:
        """How many counted rounds it has altogether."""
        return self.rounds + sum(self.more)

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """All that is held in it."""
        return agenda(self.format, self.rounds, self.more)

    def __copy__(self) -> Self:
        copied = super().__copy__()
        copied.__dict__.pop("items", None)  # a copy may be of another format, or of more rounds
        return copied

    def left(self, said: Transcript) -> list[Item]:
        """What is left of that to be held, as far as that is known by now."""
        return remaining(self.format, self.items, said)


# Characters that no person types, and that a model or a terminal may take for more than text.
CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Limits:
    """``topic`` and ``message`` in characters; ``rounds`` in counted rounds; ``turns`` and ``messages`` of one debate,
    and ballots twice as many as turns; ``budget`` is what a debate has where it asks for none."""

    topic: int
    rounds: int
    turns: int
    agents: int
    message: int
    messages: int
    budget: Budget


def from_json(kind: type[A], body: bytes) -> A:
    """What is asked for, from the JSON of a request. Nothing is converted: "2" is no number.

    Raises NotJSON, InvalidRequest.
    """
    try:
        return kind.model_validate_json(body, strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        if first["type"] == "json_invalid":
            raise NotJSON(f"The body is not JSON ({first['msg']}). Send {kind.example}.") from None
        wrong = refused(error, kind.model_fields)
        raise InvalidRequest(f"{wrong.message} Send {kind.example}.", field=wrong.field) from None


def from_fields(kind: type[A], fields: Mapping[str, object]) -> A:
    """The same from a program, or from strings, as a command line has them. Raises InvalidRequest."""
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        raise refused(error, kind.model_fields) from None


def plan(start: Start, format_: Format, limits: Limits, *, detached: bool) -> Plan:
    """What is held. ``detached`` is the route's default. Raises InvalidRequest, LimitExceeded."""
    topic = checked_topic(start.topic, limits.topic)
    rounds = start.rounds if start.rounds is not None else min(format_.default_rounds, limits.rounds)
    check_rounds(rounds, format_, limits)
    if len(format_.agents) > limits.agents:
        raise LimitExceeded(
            f"{format_.name} has {len(format_.agents)} agents.", field="format", limit=limits.agents,
            setting="--max-agents",
        )  # fmt: skip
    changed = format_.model_copy(update={"agents": _change(format_, start.agents)})
    return Plan(
        topic=topic, format=changed, rounds=rounds, detached=detached if start.detached is None else start.detached,
        budget=_budget(start, limits.budget), named=tuple(agent.name for agent in changed.agents if agent.model),
        seed=start.seed,
    )  # fmt: skip


def changed(plan: Plan, fork: Fork, limits: Limits) -> Plan:
    """The plan with a fork's topic and seats. Raises InvalidRequest, LimitExceeded."""
    return plan.model_copy(
        update={
            "topic": plan.topic if fork.topic is None else checked_topic(fork.topic, limits.topic),
            "format": plan.format.model_copy(update={"agents": _change(plan.format, fork.agents)}),
            "detached": fork.detached,
            "budget": plan.budget.within(limits.budget),
            "named": (*plan.named, *(change.name for change in fork.agents if change.model)),
        }
    )


def checked_topic(text: str, longest: int) -> str:
    """The topic without the space around it, of at most that many characters. Raises InvalidRequest, LimitExceeded."""
    topic = text.strip()
    if not any(character.isprintable() and not character.isspace() for character in topic if _is_text(character)):
        raise InvalidRequest("The topic is empty: say what is to be debated.", field="topic")
    if not _is_text(topic):
        raise InvalidRequest("The topic is not valid Unicode text: send it as UTF-8.", field="topic")
    if len(topic) > longest:
        raise LimitExceeded(
            f"The topic has {len(topic)} characters.", field="topic", limit=longest, setting="--max-topic"
        )
    return topic


def check_rounds(rounds: int, format_: Format, limits: Limits) -> None:
    """Whether a format can be held in so many counted rounds. Raises InvalidRequest, LimitExceeded."""
    if format_.least_rounds > limits.rounds:
        raise LimitExceeded(
            f"{format_.name} needs {format_.least_rounds} rounds.", field="format", limit=limits.rounds,
            setting="--max-rounds",
        )  # fmt: skip
    if rounds > limits.rounds:
        raise LimitExceeded(
            f"{rounds} rounds are too many.", field="rounds", limit=limits.rounds, setting="--max-rounds"
        )
    most = limits.rounds if format_.repeats else format_.least_rounds
    if not format_.least_rounds <= rounds <= most:
        takes = f"{format_.least_rounds} to {most}" if most > format_.least_rounds else f"{most} and no other number"
        raise InvalidRequest(f"rounds is {rounds}; {format_.name} takes {takes}.", field="rounds")
    check_size(format_, rounds, (), limits)


def check_size(format_: Format, rounds: int, more: tuple[int, ...], limits: Limits) -> None:
    """Whether that is as much as a debate may hold; both numbers as a plan has them. Raises LimitExceeded."""
    least, whole = size(format_, format_.least_rounds), size(format_, rounds, more)
    for what, fewest, held, limit in (
        ("turns", least.turns, whole.turns, limits.turns), ("ballots", least.ballots, whole.ballots, 2 * limits.turns)
    ):  # fmt: skip
        if held > limit:
            total = rounds + sum(more)
            raise LimitExceeded(
                f"{format_.name} has {held} {what} in {total} {'round' if total == 1 else 'rounds'}.",
                field="format" if fewest > limit else "rounds", limit=limit, setting="--max-turns",
            )  # fmt: skip


def read_plan(kept: bytes) -> Plan:
    """A plan as it was kept. Raises PlanUnreadable."""
    try:
        return Plan.model_validate_json(kept)
    except ValidationError:
        raise PlanUnreadable("This debate was planned by another version of the server. Start it anew.") from None


def check_message(content: str, to: str | None, heard: Transcript, limits: Limits) -> None:
    """Whether that can be said in a debate that has come so far. Raises InvalidRequest, LimitExceeded."""
    if not content.strip():
        raise InvalidRequest("The message is empty: say something.", field="content")
    if CONTROL.search(content):
        raise InvalidRequest("The message has control characters in it: leave them out.", field="content")
    if len(content) > limits.message:
        raise LimitExceeded(
            f"The message has {len(content)} characters.", field="content", limit=limits.message,
            setting="--max-message",
        )  # fmt: skip
    if len(heard.messages) >= limits.messages:
        raise LimitExceeded(
            f"This debate has {len(heard.messages)} messages.", field="content", limit=limits.messages,
            setting="--max-messages",
        )  # fmt: skip
    agents = [seat.name for seat in heard.agents]
    if to is not None and to not in agents:
        raise InvalidRequest(f"There is no agent {to[:60]!r} here. Its agents: {', '.join(agents)}.", field="to")


def _budget(start: Start, limit: Budget) -> Budget:
    """What the debate may spend: what it asks for, as far as the server lets it."""
    for field, asked, most in (
        ("budget_usd", start.budget_usd, limit.usd), ("budget_tokens", start.budget_tokens, limit.tokens)
    ):  # fmt: skip
        if asked is not None and most is not None and asked > most:
            setting = f"--{field.replace('_', '-')}"
            raise LimitExceeded(f"{field} is {asked:g}.", field=field, limit=most, setting=setting)
    return Budget(usd=start.budget_usd, tokens=start.budget_tokens).within(limit)


def _change(format_: Format, changes: tuple[AgentChange, ...]) -> tuple[Agent, ...]:
    by_name = {change.name: change for change in changes}
    known = [agent.name for agent in format_.agents]
    if len(by_name) < len(changes):
        raise InvalidRequest("agents names the same seat twice.", field="agents")
    for name in by_name:
        if name not in known:
            raise InvalidRequest(
                f"{format_.name} has no agent {name[:60]!r}. Its agents: {', '.join(known)}.", field="agents"
            )
    # A persona of a person's own is taken as it is: braces in it are no placeholders.
    return tuple(agent.model_copy(update=_update(by_name.get(agent.name))) for agent in format_.agents)


def _update(change: AgentChange | None) -> dict[str, Any]:
    update = change.model_dump(exclude_none=True, exclude={"name"}) if change else {}
    if "persona" in update:
        update["persona"] = update["brief"] = update["persona"].replace("{", "{{").replace("}", "}}")
    return update


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
