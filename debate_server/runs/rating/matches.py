"""Matches: who won against whom, out of a run's debates, or a table of anyone's.

The table is CSV in UTF-8, with commas, semicolons or tabs, a match a line, below a line that names the columns:
``first`` and ``second`` are the names of two, and ``winner`` is that of either, or "first" or "second"; for neither
"tie" or "draw". It may also be as Chatbot Arena has it: ``model_a`` and ``model_b``, and those words for the winner.
``topic``, ``side`` (the first one's, "for" or "against"), ``judge``, ``format`` and ``debate`` may be there too; other
columns are left alone.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Final, Literal, TextIO

from debate_server.core.errors import InvalidRequest
from debate_server.core.judging.counting import TIE
from debate_server.runs.formulas import bare, guarded
from debate_server.runs.items.lines import Line
from debate_server.runs.items.table import records
from debate_server.runs.orders.naming import VERSUS
from debate_server.runs.orders.product import AGAINST, FOR
from debate_server.runs.result import Result

Outcome = Literal["first", "second", "tie"]

_SIDES: Final = (FOR, AGAINST)
_NEEDED: Final = ("first", "second", "winner")
_KNOWN: Final = ("topic", "side", "judge", "format", "debate")
# Other names of columns (Chatbot Arena's).
_ALSO: Final = {"model_a": "first", "model_b": "second"}
# What a winner is where it is no name.
_WINNERS: Final[dict[str, Outcome]] = {
    "first": "first", "model_a": "first", "second": "second", "model_b": "second",
    TIE: "tie", "draw": "tie", "tie (bothbad)": "tie", "both_bad": "tie",
}  # fmt: skip
_TIES: Final = frozenset(word for word, outcome in _WINNERS.items() if outcome == "tie")
_SUCH: Final = f"such as {','.join(_NEEDED)}"


@dataclass(frozen=True, slots=True)
class Match:
    """``first`` and ``second``: the models. What is not known of the rest is empty: ``side`` is the first one's,
    ``judge`` the models that voted, ``debate`` an id."""

    first: str
    second: str
    winner: Outcome
    topic: str = ""
    side: str = ""
    judge: str = ""
    format: str = ""
    debate: str = ""


def match(result: Result) -> Match | None:
    """The match of two models that a debate was; None where it was none: all of a side speak by one model, those of the
    other by another, and there is a winner or a tie. The first model is the one that was asked to speak for the topic:
    in a debate with the sides exchanged it speaks against it. A tournament has names for the two, which tell apart what
    one name is at two endpoints."""
    models = [{seat.model for seat in result.agents if seat.side == side} for side in _SIDES]
    named = result.model.split(VERSUS)
    if len(named) == 2 and named[0] != named[1] and all(models):
        models = [{name} for name in (reversed(named) if result.swapped else named)]
    if result.failed or result.winner is None or any(len(side) != 1 for side in models) or models[0] == models[1]:
        return None
    side = TIE if result.winner == TIE else next((s.side for s in result.agents if s.name == result.winner), None)
    if side not in (*_SIDES, TIE):
        return None
    firsts = _SIDES[result.swapped]
    first, second = models[result.swapped].pop(), models[not result.swapped].pop()
    winner: Outcome = "tie" if side == TIE else "first" if side == firsts else "second"
    judges = ", ".join(sorted({vote.model for vote in result.votes}))
    return Match(first, second, winner, result.topic, firsts, judges, result.format, result.debate)


def write(matches: Iterable[Match], file: TextIO) -> None:
    """Write the table. What a spreadsheet would take for a formula has an apostrophe before it, which ``read`` takes
    off."""
    table = csv.DictWriter(file, (*_NEEDED, *_KNOWN), lineterminator="\n")
    table.writeheader()
    for one in matches:
        named = {"first": one.first, "second": one.second, "tie": TIE}
        cells = asdict(one) | {"winner": named[one.winner]}
        table.writerow({name: guarded(text) for name, text in cells.items()})


def read(lines: Iterable[str]) -> Iterator[Match]:
    """The matches of a table, one by one. Raises InvalidRequest, which names the line that is wrong."""
    found = False
    try:
        for line, fields in records((Line(*numbered, None) for numbered in enumerate(lines, 1)), _check):
            if isinstance(fields, str):
                raise _bad(line, fields)
            found = True
            yield _match({_named(column): bare(cell) for column, cell in fields.items()}, line)
    except UnicodeDecodeError:
        raise InvalidRequest("The matches are not UTF-8: save the table as that.") from None
    if not found:
        raise InvalidRequest(
            f"There are no matches in the table: its first line is to name the columns, {_SUCH}, and each other one is "
            "a match."
        )


def _named(column: str) -> str:
    return _ALSO.get(column, column)


def _check(columns: list[str]) -> None:
    names = [_named(column) for column in columns]
    if missing := [name for name in _NEEDED if name not in names]:
        raise InvalidRequest(
            f"The matches have no column {' and no '.join(missing)}: their first line is to name the columns, {_SUCH}."
        )
    if twice := [name for name in (*_NEEDED, *_KNOWN) if names.count(name) > 1]:
        raise InvalidRequest(f"The matches have two columns that are {twice[0]}: leave one of them out.")


def _match(cells: Mapping[str, str], line: int) -> Match:
    first, second, named = (cells[name] for name in _NEEDED)
    for name in (first, second):
        if not name or name.casefold() in _TIES or not name.isprintable():
            raise _bad(line, f"{name!r} is no name" if name else "a name is missing")
    if first == second:
        raise _bad(line, f"{first} cannot play against itself")
    if not named:
        raise _bad(line, "the winner is missing; it is tie where neither won")
    winner = {**_WINNERS, second: "second", first: "first"}.get(named) or _WINNERS.get(named.casefold())
    if winner is None:
        raise _bad(line, f"the winner is {named!r}; it must be {first}, {second}, or tie")
    return Match(first, second, winner, **{name: cells.get(name, "") for name in _KNOWN})


def _bad(line: int, problem: str) -> InvalidRequest:
    return InvalidRequest(f"Line {line} of the matches: {problem}. Correct it or take it out.")
