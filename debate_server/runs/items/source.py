"""A file of items, to be read again and again: one line at a time, whatever its size."""

import hashlib
import json
import shlex
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from io import BytesIO
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, Final, Self

import orjson

from debate_server.core.errors import BadItems, InvalidRequest
from debate_server.runs.items.fields import item
from debate_server.runs.items.kind import HEAD, kind_of
from debate_server.runs.items.rows import rows
from debate_server.runs.items.seen import Seen
from debate_server.runs.items.shape import Item

# How a person names what is piped in.
STDIN: Final = "-"
# How many bad lines are kept to be told.
MOST_TOLD: Final = 20
# So many lines behind the first bad one are looked at for others: nobody wants to wait for the end of a large file.
FURTHER: Final = 20_000


class Source:
    """The items of a file. ``skipped``: how many bad lines the last pass over them met, and ``bad`` why, of the first
    of those. Whoever opens one closes it: what came through a pipe is kept in a file until then."""

    def __init__(
        self, path: Path, name: str, *, longest: int, skip_bad: bool, limit: int | None,
        kept: TemporaryDirectory[str] | None = None,
    ) -> None:  # fmt: skip
        self.name = name
        self.limit = limit
        self.skipped = 0
        self.bad: list[BadItems] = []
        self._path = path
        self._longest = longest
        self._skip_bad = skip_bad
        self._kept = kept
        with path.open("rb") as file:
            self._kind = kind_of(name, file.read(HEAD))

    def __iter__(self) -> Iterator[Item]:
        """The items in their order, or the first of them up to the limit. Raises BadItems behind them where lines are
        bad, unless those are skipped, and where there is no item."""
        self.skipped, self.bad = 0, []
        any_ = False
        for one in islice(self._good(), self.limit):
            any_ = True
            yield one
        if self.bad and not self._skip_bad:
            raise self._bad()
        if not any_:
            why = f" that can be read. {self.bad[0].message}" if self.bad else "; write one a line."
            raise BadItems(f"{self.name}: there is no topic in it{why}")

    @property
    def file(self) -> str:
        """The file's name, without the folders it is in."""
        return Path(self.name).name

    @cached_property
    def fingerprint(self) -> str:
        """The SHA-256 of the file's bytes, in hexadecimal. Raises BadItems."""
        with _placing(self.name), self._path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def close(self) -> None:
        """Delete what was kept of a pipe."""
        if self._kept is not None:
            self._kept.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _good(self) -> Iterator[Item]:
        ids = Seen()
        with _placing(self.name):
            for line, row in rows(self._kind, self._path):
                if self._enough(line):
                    return
                try:
                    one = self._item(line, row, ids)
                except InvalidRequest as error:
                    self.refuse(line, error)
                else:
                    yield one

    def _item(self, line: int, row: dict[str, Any] | str, ids: Seen) -> Item:
        if isinstance(row, str):
            raise InvalidRequest(row)
        one = item(row, line, self._longest)
        # Where no line has an id of its own their numbers are the ids.
        if self._kind != "txt" and (first := ids.first(one.id, line)) is not None:
            raise InvalidRequest(f"the id {one.id!r} is that of line {first} too; give each line another")
        return one

    def refuse(self, line: int, error: InvalidRequest) -> None:
        """What that line says cannot be held: it is a bad one."""
        self.skipped += 1
        if len(self.bad) < MOST_TOLD:
            self.bad.append(_placed(self.name, error, line))

    def _enough(self, line: int) -> bool:
        """Whether enough bad lines are known by that one to say that they have to be mended."""
        if self._skip_bad or not self.bad:
            return False
        return len(self.bad) == MOST_TOLD or line - (self.bad[0].line or 0) > FURTHER

    def _bad(self) -> BadItems:
        """What is said of the bad lines where they are not skipped."""
        lines = "\n".join(one.message for one in self.bad)
        what = " Mend it" if len(self.bad) == 1 else "\nMend these"
        return BadItems(f"{lines}{what}, or leave such lines out with --skip-bad.", line=self.bad[0].line)


def open_items(named: str, *, longest: int, skip_bad: bool = False, limit: int | None = None) -> Source:
    """The items of that file, or of what is piped in. ``longest``: of a topic, in characters; ``skip_bad``: lines that
    are no items are left out; ``limit``: only so many items are read. Raises BadItems."""
    path, name = Path(named), "stdin" if named == STDIN else named
    with _placing(name):
        if named == STDIN:
            return _kept(sys.stdin.buffer, name, longest=longest, skip_bad=skip_bad, limit=limit)
        if path.is_dir():
            raise InvalidRequest("it is a folder; name a file in it")
        if path.exists() and not path.is_file():
            with path.open("rb") as pipe:
                return _kept(pipe, name, longest=longest, skip_bad=skip_bad, limit=limit)
        return Source(path, name, longest=longest, skip_bad=skip_bad, limit=limit)


def given(
    items: Iterable[str | Mapping[str, Any]], *, longest: int, skip_bad: bool = False, limit: int | None = None
) -> Source:
    """The items that a program has: topics, or what a line of JSON says of an item; the rest as in ``open_items``.
    Raises BadItems."""
    with _placing("items"):
        lines = BytesIO(b"\n".join(map(_line, items)))
        return _kept(lines, "items", longest=longest, skip_bad=skip_bad, limit=limit)


def _line(one: object) -> bytes:
    """The line of JSON for it. What is no item, or no JSON, stands there as an empty object: that is read as bad."""
    fields = {"topic": one} if isinstance(one, str) else dict(one) if isinstance(one, Mapping) else {}
    try:
        return orjson.dumps(fields, default=_nothing)
    except orjson.JSONEncodeError:  # a key that is no text, a large number, half of a character
        return json.dumps(fields, default=_nothing, skipkeys=True).encode()


def _nothing(_: object) -> dict[str, object]:
    return {}


def _kept(pipe: BinaryIO, name: str, *, longest: int, skip_bad: bool, limit: int | None) -> Source:
    """What comes through a pipe, in a file of its own: it comes once, and is read more often."""
    folder = TemporaryDirectory(prefix="debate-")
    try:
        path = Path(folder.name) / "items"
        with path.open("wb") as file:
            shutil.copyfileobj(pipe, file)
        return Source(path, name, longest=longest, skip_bad=skip_bad, limit=limit, kept=folder)
    except BaseException:
        folder.cleanup()
        raise


@contextmanager
def _placing(name: str) -> Iterator[None]:
    """What goes wrong names the file, and the line if it is one's."""
    try:
        yield
    except InvalidRequest as error:
        raise _placed(name, error) from None
    except FileNotFoundError:
        hint = f" For one debate on that: debate run {shlex.quote(name)}" if " " in name else ""
        raise BadItems(f"There is no file {name}.{hint}") from None
    except OSError as error:
        raise BadItems(f"{name} cannot be read: {error.strerror or error}.") from None


def _placed(name: str, error: InvalidRequest, line: int | None = None) -> BadItems:
    line = error.line if isinstance(error, BadItems) else line
    where = name if line is None else f"{name}, line {line}"
    return BadItems(f"{where}: {_sentence(error)}", line=line)


def _sentence(error: InvalidRequest) -> str:
    return error.message if error.message.endswith(".") else f"{error.message}."
