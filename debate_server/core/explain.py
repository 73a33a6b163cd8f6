"""What is wrong with something that was asked for, in words: the key, what was expected, what stands there."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from pydantic import ValidationError

from debate_server.core.errors import InvalidRequest


def explain(error: ValidationError) -> list[str]:
    """What is wrong, a line each."""
    lines = []
    for found in error.errors(include_url=False, include_context=False):
        said = found["msg"].removeprefix("Value error, ")
        key = key_of(found["loc"])
        lines.append(f"{key}: {said[:1].lower()}{said[1:]}" if key else said)
    return lines


def refused(error: ValidationError, known: Iterable[str]) -> InvalidRequest:
    """What is to be said of something that was asked for with other keys or values than those that are ``known``."""
    where = error.errors()[0]["loc"]
    text = f"{'; '.join(explain(error))}. It takes: {', '.join(known)}."
    return InvalidRequest(text, field=str(where[0]) if where else None)


@contextmanager
def meaning(what: str) -> Iterator[None]:
    """What is found wrong in here is wrong with ``what``: InvalidRequest, in place of pydantic's own."""
    try:
        yield
    except ValidationError as error:
        raise InvalidRequest(f"{what}: {'; '.join(explain(error))}.") from None


def key_of(loc: Sequence[str | int]) -> str:
    """A key as one writes it, such as ``rounds[1].speakers``."""
    key = ""
    for part in loc:
        key += f"[{part}]" if isinstance(part, int) else f".{part}" if key else part
    return key
