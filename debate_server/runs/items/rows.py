"""The fields of each line of a file, whichever kind of file it is, and why a line has none."""

from collections.abc import Callable, Iterator
from json import JSONDecodeError
from pathlib import Path
from typing import Any

from debate_server.core.errors import InvalidRequest
from debate_server.runs.items.fields import check_keys, from_json
from debate_server.runs.items.kind import Kind
from debate_server.runs.items.lines import Line, lines
from debate_server.runs.items.table import records

# A line's number and its fields, or in words why it has none.
Row = tuple[int, dict[str, Any] | str]


def rows(kind: Kind, path: Path) -> Iterator[Row]:
    """One for each line that is not blank. Raises OSError, and BadItems where a table has no header."""
    match kind:
        case "txt":
            return _each(lines(path), lambda text: {"topic": text})
        case "jsonl":
            return _each(lines(path), _object)
        case "csv":
            return records(lines(path), check_keys)


def _each(lines: Iterator[Line], read: Callable[[str], dict[str, Any]]) -> Iterator[Row]:
    for line in lines:
        if line.fault:
            yield line.number, line.fault
        elif line.text.strip():
            try:
                yield line.number, read(line.text)
            except InvalidRequest as error:
                yield line.number, error.message


def _object(text: str) -> dict[str, Any]:
    try:
        found = from_json(text)
    except JSONDecodeError as error:
        raise InvalidRequest(f"it is no JSON: {error.msg} at character {error.colno}") from None
    except ValueError as error:
        raise InvalidRequest(f"it is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise InvalidRequest("it is no JSON object")
    return found
