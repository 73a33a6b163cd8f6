"""What a route takes and gives, declared beside its handler: ``openapi`` makes the description of the API of it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from aiohttp import web
from pydantic import BaseModel

from debate_server.core.errors import DebateError

_DECLARED: Final = "declared_operation"

Route = TypeVar("Route", bound=Callable[[web.Request], Awaitable[web.StreamResponse]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A decorator for a handler, below the one that makes it a route.

    ``gives``: what the body of a status is: a shape of ``answers``, media types, or None for no body. ``query`` and
    ``body`` are the models that check those; ``keyed``: it takes an ``Idempotency-Key``; ``resumes``: it takes a
    ``Last-Event-ID``. ``raises``: what it refuses with, beside what every route may.
    """

    gives: Mapping[int, Any]
    query: tuple[type[BaseModel], ...] = ()
    body: type[BaseModel] | None = None
    keyed: bool = False
    resumes: bool = False
    raises: tuple[type[DebateError], ...] = ()

    def __call__(self, handler: Route) -> Route:
        setattr(handler, _DECLARED, self)
        return handler


def of(handler: object) -> Operation | None:
    """What was declared of a handler."""
    return getattr(handler, _DECLARED, None)
