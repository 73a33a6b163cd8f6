"""Items as a file that they can be read from again."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, Literal

import orjson

from debate_server.core.plan import AgentChange
from debate_server.runs.items.fields import KEYS
from debate_server.runs.items.shape import Item

# The kinds of file that can hold all that an item says.
Written = Literal["jsonl", "csv"]


def written(items: Iterable[Item], kind: Written) -> Iterator[str]:
    """The lines of such a file, each with its end."""
    return _WRITERS[kind](items)


def _jsonl(items: Iterable[Item]) -> Iterator[str]:
    for item in items:
        yield orjson.dumps(_fields(item)).decode() + "\n"


def _csv(items: Iterable[Item]) -> Iterator[str]:
    """The columns are those of which any item has something."""
    rows = [_fields(item) for item in items]
    columns = [key for key in KEYS if any(key in row for row in rows)]
    yield _line(columns)
    for row in rows:
        yield _line([_cell(row.get(column, "")) for column in columns])


_WRITERS: Final[dict[Written, Callable[[Iterable[Item]], Iterator[str]]]] = {"jsonl": _jsonl, "csv": _csv}


def _fields(item: Item) -> dict[str, Any]:
    """What the item says, in the order of the keys."""
    said = {key: getattr(item, key) for key in KEYS} | {"agents": [_seat(agent) for agent in item.agents]}
    return {key: value for key, value in said.items() if value not in (None, (), [])}


def _seat(agent: AgentChange) -> dict[str, Any]:
    return agent.model_dump(exclude_none=True)


def _cell(value: Any) -> str:
    """A list as ``a|b`` where it can be read as that, else in JSON."""
    if not isinstance(value, list | tuple):
        return str(value)
    if all(isinstance(part, str) and "|" not in part and not part.startswith("[") for part in value):
        return "|".join(value)
    return orjson.dumps(value).decode()


def _line(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()
