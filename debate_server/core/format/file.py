"""A format's file: from TOML to a format that holds together, and where in the file it does not."""

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from debate_server.core.errors import FormatError
from debate_server.core.explain import key_of
from debate_server.core.format.check import findings
from debate_server.core.format.shape import Agent, Decision, Example, Format, Round, Stop
from debate_server.core.format.words import sentence

# The key by which a format takes over all that it does not say itself from another.
EXTENDS: Final = "extends"
# How much of what is wrong is told.
MOST: Final = 20
_SHAPES: Final[dict[str, type[BaseModel]]] = {
    "": Format, "agents": Agent, "rounds": Round, "stop": Stop, "decision": Decision, "examples": Example,
}  # fmt: skip
_LONG_STRING: Final = re.compile(r'"""(?:\\.|[^\\])*?"""|\'\'\'.*?\'\'\'', re.DOTALL)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")

# The keys of the format of that name, as its file has them. Raises FormatError.
Find = Callable[[str], Mapping[str, Any]]
Loc = Sequence[str | int]


def nothing(name: str) -> Mapping[str, Any]:
    """Where there is no other format."""
    raise FormatError(f"there is no format {name[:60]!r}.")


def parse(text: str, source: str, find: Find = nothing) -> Format:
    """The format in a TOML text, every seat by itself. ``source`` names the file in errors, ``find`` gives those it may
    extend. Raises FormatError."""
    return check(keys(text, source), source, find, text=text)


def keys(text: str, source: str) -> dict[str, Any]:
    """The keys in a TOML text. Raises FormatError."""
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise FormatError(f"{source} is not TOML that can be read: it is nested too deeply.") from None
    except ValueError as error:  # a number may be too long, too
        raise FormatError(f"{source} is not TOML: {error}.") from None


def check(said: Mapping[str, Any], source: str, find: Find, *, text: str = "") -> Format:
    """The format that these keys describe. ``text`` is where they stand, for the lines in errors.

    Raises FormatError, with a line for each thing that is wrong.
    """
    try:
        format_ = Format.model_validate(_extended(said, source, find, text))
    except ValidationError as error:
        # A key that is missing may just be one that is misspelt.
        found = sorted(error.errors(include_url=False), key=lambda found: not _typo(found["loc"]))
        told = [(each["loc"], _typo(each["loc"]) or sentence(each)) for each in found]
        raise _error(source, text, told) from None
    if wrong := [(_loc(found), found) for found in _first(findings(format_))]:
        raise _error(source, text, wrong)
    return format_.seated()


def misnamed(text: str, source: str, name: str, expected: str) -> FormatError:
    """The error of a file that is not called as the format in it."""
    return _error(source, text, [(("name",), f"name: {name!r}; expected {expected!r}, as its file is called")])


def _extended(said: Mapping[str, Any], source: str, find: Find, text: str) -> dict[str, Any]:
    """With what it takes over from the format that it extends, and that from the next one."""
    whole, line = dict(said), [str(said.get("name", source))[:60]]
    while (base := whole.pop(EXTENDS, None)) is not None:
        line.append(str(base)[:60])
        try:
            whole = {**_found(base, line, find), **whole}
        except FormatError as error:
            chain = f" ({' → '.join(line)})" if len(line) > 2 else ""
            raise _error(source, text, [((EXTENDS,), f"{EXTENDS}{chain}: {error.message.rstrip('.')}")]) from None
    return whole


def _found(base: object, line: list[str], find: Find) -> Mapping[str, Any]:
    if not isinstance(base, str):
        raise FormatError("expected the name of a format")
    if base in line[:-1]:
        raise FormatError("it goes round in a circle; expected it to end with a format that extends none")
    return find(base)


def _first(found: Iterable[str]) -> Iterator[str]:
    """The first of what is wrong with each key: the next ones presume that it is mended."""
    told = set[str]()
    for finding in found:
        key = finding.partition(": ")[0]
        if key not in told:
            told.add(key)
            yield finding


def _loc(finding: str) -> Loc:
    key = finding.partition(": ")[0]
    return [int(part) if part.isdigit() else part for part in re.split(r"[.\[\]]+", key) if part]


def _typo(loc: Loc) -> str:
    """Which keys there are where an unknown one stands; empty where it is another thing that is wrong."""
    shape = _SHAPES.get(str(loc[0]) if len(loc) > 1 else "", Format)
    name = str(loc[-1])
    if name in shape.model_fields or not isinstance(loc[-1], str) or len(loc) > 3:
        return ""
    known = [*shape.model_fields, *([EXTENDS] if shape is Format else [])]
    meant = get_close_matches(name, known, 1)
    guess = f"did you mean {meant[0]}? It" if meant else "it"
    return f"{key_of(loc)}: there is no such key; {guess} takes: {', '.join(known)}"


def _error(source: str, text: str, wrong: Sequence[tuple[Loc, str]]) -> FormatError:
    told = []
    for loc, what in wrong[:MOST]:
        line = line_of(text, loc)
        told.append(f"{source}{f', line {line}' if line else ''}: {_CONTROL.sub('�', what)}.")
    if len(wrong) > MOST:
        told.append(f"{source}: and {len(wrong) - MOST} more.")
    return FormatError("\n".join(told))


def line_of(text: str, loc: Loc) -> int:
    """The line of a TOML text, from 1, that a key stands in, or where the table begins that lacks it; 0: nowhere.

    ``loc`` is such as ("rounds", 1, "speakers").
    """
    # What looks like a key or a table within a long string is none.
    lines = _LONG_STRING.sub(lambda found: '""' + "\n" * found[0].count("\n"), text).splitlines()
    table, rest = str(loc[0]) if loc else "", [part for part in loc[1:] if isinstance(part, str)]
    number = loc[1] if len(loc) > 1 and isinstance(loc[1], int) else 0
    heads = [index for index, line in enumerate(lines) if re.match(rf"\s*\[\[?\s*{re.escape(table)}\s*\]", line)]
    if not heads:
        top = next((index for index, line in enumerate(lines) if re.match(r"\s*\[", line)), len(lines))
        return next((index + 1 for index, line in enumerate(lines[:top]) if _sets(line, table)), 0)
    start = heads[min(number, len(heads) - 1)]
    end = next((head for head in heads if head > start), len(lines))
    for part in rest:
        start = next((index for index in range(start, end) if _sets(lines[index], part)), start)
    return start + 1


def _sets(line: str, key: str) -> bool:
    """Whether a line of TOML gives that key a value, or opens a table of that name."""
    return re.match(rf"""\s*(\[.*\.)?["']?{re.escape(key)}["']?\s*[.=\]]""", line) is not None
