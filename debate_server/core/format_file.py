"""A format's file: from TOML to a format that holds together, and where in the file it does not."""

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from debate_server.core.errors import FormatError
from debate_server.core.explain import explain, key_of
from debate_server.core.format_check import findings
from debate_server.core.formats import Agent, Decision, Example, Format, Round, Stop

# The key by which a format takes over all that it does not say itself from another.
EXTENDS: Final = "extends"
_SHAPES: Final[dict[str, type[BaseModel]]] = {
    "": Format, "agents": Agent, "rounds": Round, "stop": Stop, "decision": Decision, "examples": Example,
}  # fmt: skip

# The keys of the format of that name, as its file has them. Raises FormatError.
Find = Callable[[str], Mapping[str, Any]]


def nothing(name: str) -> Mapping[str, Any]:
    """Where there is no other format."""
    raise FormatError(f"There is no format {name[:60]!r} to extend.")


def parse(text: str, source: str, find: Find = nothing) -> Format:
    """The format in a TOML text, every seat by itself. ``source`` names the file in errors, ``find`` gives those it may
    extend. Raises FormatError."""
    return check(keys(text, source), source, find, text=text)


def keys(text: str, source: str) -> dict[str, Any]:
    """The keys in a TOML text. Raises FormatError."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FormatError(f"{source} is not TOML: {error}.") from None


def check(said: Mapping[str, Any], source: str, find: Find, *, text: str = "") -> Format:
    """The format that these keys describe. ``text`` is where they stand, for the lines in errors.

    Raises FormatError.
    """
    try:
        format_ = Format.model_validate(_extended(said, source, find))
    except ValidationError as error:
        found = [(found["loc"], said) for found, said in zip(error.errors(), explain(error), strict=True)]
        told = [_sentence(source, text, loc, _expected(loc) or said) for loc, said in sorted(found, key=_typos_first)]
        raise FormatError(" ".join(told)) from None
    if wrong := next(iter(findings(format_)), None):
        loc = [
            int(part) if part.isdigit() else part for part in re.split(r"[.\[\]]+", wrong.partition(": ")[0]) if part
        ]
        raise FormatError(_sentence(source, text, loc, wrong))
    return format_.seated()


def _extended(said: Mapping[str, Any], source: str, find: Find) -> dict[str, Any]:
    """With what it takes over from the format that it extends, and that from the next one."""
    whole, line = dict(said), [str(said.get("name", source))]
    while (base := whole.pop(EXTENDS, None)) is not None:
        line.append(str(base))
        if line.count(line[-1]) > 1:
            raise FormatError(f"{source}: {EXTENDS} goes round in a circle: {' → '.join(line)}.")
        whole = {**find(str(base)), **whole}
    return whole


def _expected(loc: Sequence[str | int]) -> str:
    """Which keys there are where an unknown one stands; empty where it is another thing that is wrong."""
    shape = _SHAPES.get(str(loc[0]) if len(loc) > 1 else "", Format)
    name = str(loc[-1])
    if name in shape.model_fields or not isinstance(loc[-1], str) or len(loc) > 3:
        return ""
    meant = get_close_matches(name, shape.model_fields, 1)
    guess = f"did you mean {meant[0]}? It" if meant else "it"
    return f"{key_of(loc)}: there is no such key; {guess} takes: {', '.join(shape.model_fields)}"


def _typos_first(found: tuple[Sequence[str | int], str]) -> bool:
    """A key that is missing may just be one that is misspelt."""
    return not _expected(found[0])


def _sentence(source: str, text: str, loc: Sequence[str | int], what: str) -> str:
    line = line_of(text, loc)
    return f"{source}{f', line {line}' if line else ''}: {what}."


def line_of(text: str, loc: Sequence[str | int]) -> int:
    """The line of a TOML text, from 1, that a key stands in, or where the table begins that lacks it; 0: nowhere.

    ``loc`` is such as ("rounds", 1, "speakers").
    """
    lines = text.splitlines()
    table, rest = str(loc[0]) if loc else "", [part for part in loc[1:] if isinstance(part, str)]
    number = loc[1] if len(loc) > 1 and isinstance(loc[1], int) else 0
    heads = [index for index, line in enumerate(lines) if re.match(rf"\s*\[\[?\s*{re.escape(table)}\s*\]", line)]
    if not heads:
        return next((index + 1 for index, line in enumerate(lines) if _sets(line, table)), 0)
    start = heads[min(number, len(heads) - 1)]
    end = next((head for head in heads if head > start), len(lines))
    for part in rest:
        start = next((index for index in range(start, end) if _sets(lines[index], part)), start)
    return start + 1


def _sets(line: str, key: str) -> bool:
    """Whether a line of TOML gives that key a value, or opens a table of that name."""
    return re.match(rf"""\s*(\[.*\.)?["']?{re.escape(key)}["']?\s*[.=\]]""", line) is not None
