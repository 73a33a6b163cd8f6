"""A table as its records: CSV with a header, as RFC 4180 and spreadsheets write it."""

import csv
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, Final, Self

from debate_server.core.errors import BadItems, InvalidRequest
from debate_server.runs.items.lines import Line

# What may stand between fields: spreadsheets write semicolons where the comma is the decimal mark.
_DELIMITERS: Final = ",;\t"
_LONG: Final = f"a field in it has more than {csv.field_size_limit():,} characters"
_QUOTES: Final = "its quotes do not match: a field in quotes ends with one, and a quote within it is written twice"


class Header:
    """The columns of a table, in lower case, and what stands between them."""

    def __init__(self, line: str) -> None:
        self.delimiter = max(_DELIMITERS, key=line.count)
        cells = next(csv.reader([line], delimiter=self.delimiter, skipinitialspace=True), [])
        self.columns = [cell.strip().lower() for cell in cells]

    def fields(self, cells: list[str]) -> dict[str, Any] | str:
        """A record by its columns, or why it is none."""
        if len(cells) != len(self.columns):
            return (
                f"it has {len(cells)} {'field' if len(cells) == 1 else 'fields'} where the header has "
                f"{len(self.columns)}; put a field with {self.delimiter!r} in it in quotes"
            )
        return {name: cell.strip() for name, cell in zip(self.columns, cells, strict=True)}


def records(lines: Iterator[Line], check: Callable[[list[str]], None]) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """Each record's first line, and its fields by their columns, or in words why there are none.

    ``check`` raises InvalidRequest where columns are not those that are wanted. Raises BadItems where the first line is
    no header.
    """
    first = next((line for line in lines if line.fault or line.text.strip()), None)
    if first is None:
        return
    header = _header(first, check)
    feed = _Feed(lines)
    reader = csv.reader(feed, delimiter=header.delimiter, skipinitialspace=True, strict=True)
    while True:
        feed.taken.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except _Faulty as faulty:
            yield feed.give_back(), str(faulty)
        except csv.Error as error:
            # Where a quote is not closed, too, a field becomes too long, but in more lines than one.
            too_long = len(feed.taken) == 1 and "limit" in str(error)
            yield feed.give_back(), _LONG if too_long else _QUOTES
        else:
            if any(cell.strip() for cell in cells):
                yield feed.taken[0].number, header.fields(cells)


def _header(line: Line, check: Callable[[list[str]], None]) -> Header:
    try:
        if line.fault:
            raise InvalidRequest(line.fault)
        header = Header(line.text)
        check(header.columns)
    except InvalidRequest as error:
        raise BadItems(error.message, line=line.number) from None
    return header


class _Faulty(Exception):
    """A line that cannot be read."""


class _Feed:
    """The lines that a reader takes for one record. Where they are none, such as because a quote is not closed, only
    the first of them is at fault, and the reader takes the others again."""

    def __init__(self, lines: Iterator[Line]) -> None:
        self._lines = lines
        self._again: deque[Line] = deque()
        self.taken: list[Line] = []

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines)
        self.taken.append(line)
        if line.fault:
            raise _Faulty(line.fault if len(self.taken) == 1 else f"it goes on in line {line.number}: {line.fault}")
        return line.text

    def give_back(self) -> int:
        """All lines of the record but the first, whose number it is."""
        first, *others = self.taken
        self._again.extendleft(reversed(others))
        return first.number
