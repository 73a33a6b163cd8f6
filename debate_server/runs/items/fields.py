"""From the fields of a line to an item: what may stand there, and what is wrong with what does."""

import json
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Annotated, Any, Final, NoReturn

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from debate_server.core.answer.same import same
from debate_server.core.errors import InvalidRequest
from debate_server.core.explain import explain
from debate_server.core.plan import AgentChange, checked_topic
from debate_server.runs.items.lines import spoilt
from debate_server.runs.items.shape import Item
from debate_server.runs.scoring.choice import MOST, asked, named

# How many unknown keys are named, and how much of each.
_NAMED: Final = 10
_LONGEST_NAME: Final = 60


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


_JSON: Final = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_constant)


def from_json(text: str) -> Any:
    """What a JSON text says; numbers keep all their digits. Raises ValueError."""
    try:
        return _JSON.decode(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _as_written(value: object) -> object:
    return str(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value


def _readable(text: str) -> str:
    if why := spoilt(text):
        raise ValueError(why)
    return text


def _of_one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("takes one line of text that can be shown")
    return text


def _listed(value: object) -> object:
    """``a|b``, or a list in JSON."""
    if not isinstance(value, str):
        return value
    return from_json(value) if value.startswith("[") else [part for part in value.split("|") if part.strip()]


def _seated(value: object) -> object:
    """``Name=model;Name=model``, or a list in JSON."""
    if not isinstance(value, str):
        return value
    if value.startswith("["):
        return from_json(value)
    pairs = [part.partition("=") for part in value.split(";") if part.strip()]
    if not all(name.strip() and model.strip() for name, _, model in pairs):
        raise ValueError("takes Name=model;Name=model, or a list in JSON")
    return [{"name": name, "model": model} for name, _, model in pairs]


def _said(agent: AgentChange) -> AgentChange:
    for text in (agent.name, agent.model, agent.persona):
        _readable(text or "")
    return agent


def _up_to(most: int) -> AfterValidator:
    """A text of that many characters, and at least one."""

    def fits(text: str) -> str:
        if not text:
            raise ValueError("it is empty")
        if len(text) > most:
            raise ValueError(f"expected at most {most} characters, not {len(text)}")
        return text

    return AfterValidator(fits)


Seat = Annotated[AgentChange, AfterValidator(_said)]
Text = Annotated[str, BeforeValidator(_as_written), AfterValidator(_readable), _up_to(1000)]
Name = Annotated[str, BeforeValidator(_as_written), AfterValidator(_of_one_line), _up_to(100)]


class _Fields(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    topic: Annotated[str, AfterValidator(_readable)] = ""
    id: Name | None = None
    format: Name | None = None
    rounds: Annotated[int, Field(ge=1)] | None = None
    agents: Annotated[tuple[Seat, ...], BeforeValidator(_seated)] = ()
    answer: Text | None = None
    choices: Annotated[tuple[Text, ...], BeforeValidator(_listed)] = ()
    tags: Annotated[tuple[Name, ...], BeforeValidator(_listed)] = ()


# What an item may say of itself, in the order in which it is written.
KEYS: Final = tuple(_Fields.model_fields)


def check_keys(keys: Collection[str]) -> None:
    """Whether there is a topic, and nothing that is not known. Raises InvalidRequest."""
    takes = f"It takes: {', '.join(KEYS)}"
    if "topic" not in keys:
        raise InvalidRequest(f"there is no topic, only {_shown(keys) or 'nothing'}. {takes}")
    if unknown := [key for key in keys if key not in KEYS]:
        raise InvalidRequest(f"{_shown(unknown)} is not known. {takes}")
    if len(set(keys)) < len(keys):
        twice = [key for key in KEYS if list(keys).count(key) > 1]
        raise InvalidRequest(f"{_shown(twice)} is there twice")


def item(fields: Mapping[str, Any], line: int, longest: int) -> Item:
    """The item of that line; ``longest``: of a topic, in characters. What is null or empty is not there.

    Raises InvalidRequest.
    """
    check_keys(fields)
    try:
        said = _Fields.model_validate({key: value for key, value in fields.items() if value not in (None, "")})
    except ValidationError as error:
        raise InvalidRequest("; ".join(explain(error))) from None
    topic = checked_topic(said.topic, longest)
    if said.choices:
        _check_choices(said.choices)
        checked_topic(asked(topic, said.choices), longest)
    return Item(
        id=said.id or str(line), line=line, topic=topic, format=said.format, rounds=said.rounds, agents=said.agents,
        answer=_answer(said.answer, said.choices), choices=said.choices, tags=said.tags,
    )  # fmt: skip


def _check_choices(choices: tuple[str, ...]) -> None:
    if not 2 <= len(choices) <= MOST:
        raise InvalidRequest(f"choices: expected 2 to {MOST} of them, not {len(choices)}")
    if len({same(choice) for choice in choices}) < len(choices):
        raise InvalidRequest("choices: two of them are the same")


def _answer(answer: str | None, choices: tuple[str, ...]) -> str | None:
    """The answer, in the words of the choice that it names where there are choices."""
    if answer is None or not choices:
        return answer
    if (index := named(answer, choices)) is None:
        shown = answer if len(answer) <= _LONGEST_NAME else f"{answer[:_LONGEST_NAME]}…"
        raise InvalidRequest(f"answer: {shown!r} is none of its choices: {_shown(choices)}")
    return choices[index]


def _shown(names: Collection[str]) -> str:
    shown = [repr(name[:_LONGEST_NAME]) for name in names][:_NAMED]
    return ", ".join([*shown, "…"] if len(names) > _NAMED else shown)
