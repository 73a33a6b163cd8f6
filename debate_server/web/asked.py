"""What requests bring with them, in addresses, headers and bodies: declared here, and refused by name.

What a body may hold is declared in ``core.plan``; cursors have a module of their own, since a bad one is a problem of
its own.
"""

import asyncio
from typing import Annotated, Any, Final, Literal, TypeVar, get_origin
from urllib.parse import unquote

from aiohttp import web
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError, WithJsonSchema

from debate_server.core.errors import InvalidRequest, TooSlow
from debate_server.core.events import DoneReason
from debate_server.core.explain import refused
from debate_server.core.plan import AgentChange, Start
from debate_server.web.keys import SETTINGS

# What a start or a message is named by, so that it is made once.
Key = Annotated[str, Field(min_length=1, max_length=200, pattern="^[ -~]*$")]
_KEY: Final[TypeAdapter[str]] = TypeAdapter(Key)


class Named(BaseModel):
    """The name of a start: the same one is the same debate."""

    run: Key | None = None


class Since(BaseModel):
    """A cursor, ``<debate>.<seq>`` or ``<seq>``, under three names, for clients that have one of their own."""

    since: str | None = None
    last_event_id: str | None = None
    lastEventId: str | None = None


class Page(BaseModel):
    """A page of the list. ``before`` is the debate after which to go on; ``find`` are words of the topic; ``run``: the
    run that they are of, empty for those that are of none; ``state``: the one that they are in (their reason, once they
    are done)."""

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=500)] = 50
    before: str | None = None
    find: Annotated[str, Field(max_length=200)] = ""
    run: str | None = None
    state: Literal["queued", "running", "paused"] | DoneReason | None = None


class RunPage(BaseModel):
    """A page of the list of runs. ``before`` is the run after which to go on."""

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=500)] = 50
    before: str | None = None


class Many(BaseModel):
    """Several debates, each by the cursor after which to go on: ``<debate>.<seq>``."""

    after: Annotated[list[str], Field(min_length=1, max_length=200)]


def _choice(text: object) -> AgentChange:
    name, _, model = str(text).partition("=")
    if not (name and model):
        raise ValueError("takes Name=model, such as agents=Skeptic=qwen3:4b")
    return AgentChange(name=name, model=model)


Choice = Annotated[AgentChange, BeforeValidator(_choice), WithJsonSchema({"type": "string", "pattern": "^[^=]+=.+$"})]


class StartQuery(Start):
    """A start as its body is, but with a name for its ``format`` and ``Name=model`` for each of ``agents``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: str = "classic"
    agents: tuple[Choice, ...] = ()


# What may stand in an address beside what a route asks for.
_BESIDE: Final = frozenset({"token", *Named.model_fields, *Since.model_fields})

Asked = TypeVar("Asked", bound=BaseModel)


def query(request: web.Request, kind: type[Asked]) -> Asked:
    """What the address asks for. Raises InvalidRequest."""
    _check_text(request)
    fields: dict[str, Any] = {}
    for name in request.query:
        if name in kind.model_fields or name not in _BESIDE:
            fields[name] = request.query.getall(name) if _is_many(kind, name) else request.query[name]
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        raise refused(error, kind.model_fields) from None


def key(request: web.Request) -> str | None:
    """The request's idempotency key: a header, or ``run`` in a GET. Raises InvalidRequest."""
    if request.method == "GET":
        return query(request, Named).run
    name = request.headers.get("Idempotency-Key")
    try:
        return None if name is None else _KEY.validate_python(name)
    except ValidationError:
        raise InvalidRequest("An idempotency key has 1 to 200 ASCII characters.", field="Idempotency-Key") from None


async def body(request: web.Request) -> bytes:
    """The request's body. Raises TooSlow."""
    limit = request.app[SETTINGS].read_timeout
    try:
        async with asyncio.timeout(limit):
            return await request.read()
    except TimeoutError:
        raise TooSlow(f"The body did not come within {limit:g} s (--read-timeout). Send it again.") from None


def _is_many(kind: type[BaseModel], name: str) -> bool:
    declared = kind.model_fields.get(name)
    return declared is not None and get_origin(declared.annotation) in (list, tuple)


def _check_text(request: web.Request) -> None:
    for pair in request.rel_url.raw_query_string.split("&"):
        try:
            unquote(pair, errors="strict")
        except UnicodeDecodeError:
            name = unquote(pair.partition("=")[0])
            raise InvalidRequest(f"{name[:60]} is not valid UTF-8 once it is percent-decoded.", field=name) from None
