"""The output of a run: a line of JSON for each debate that is over, never two for one.

A file is read before it is written to: what is in it is not written again, and half a line, which a killed process left
behind, is taken off. On stdout a run that is taken up again has all that it has by then once more.
"""

import asyncio
import os
import shutil
import sys
from collections.abc import Collection
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile, gettempdir
from types import TracebackType
from typing import IO, Any, Final, Protocol, Self

import orjson
from filelock import FileLock, Timeout

from debate_server.core.errors import DebateError, InvalidRequest
from debate_server.runs.result import Result, why_of

_SAME: Final = "The same command goes on"


class OutputLost(DebateError):
    """What came of a debate cannot be written down."""

    code = "output_lost"


class Results(Protocol):
    """Where results go. ``failed``: the entries of those there that failed, and why they did."""

    failed: dict[str, str]

    def has(self, entry: str) -> bool:
        """Whether the result of that entry is there already."""

    async def write(self, result: Result) -> None:
        """Take a result."""


class Output:
    """Where results go: a file, or stdout where there is none. A context manager. ``failed``: the entries whose results
    say so, and why.

    ``again``: of those in the file the failed ones are taken off: they are held again. ``only``: the entries that are
    asked for, None for all of the run; of others nothing is said, and nothing is taken off. Raises InvalidRequest for a
    file that is not this run's, or cannot be had.
    """

    def __init__(self, path: Path | None, run: str, *, again: bool, only: Collection[str] | None = None) -> None:
        self.failed = dict[str, str]()
        self._path = path
        self._run = run
        self._only = only
        self._written = set[str]()
        self._held = ExitStack()
        self._turn = asyncio.Lock()
        if path is None:
            self._file: IO[bytes] = sys.stdout.buffer
            return
        try:
            with ExitStack() as stack:
                if path.is_file() or not path.exists():  # what is no file may be many commands'
                    stack.enter_context(_lock(path).acquire(timeout=0))
                self._take_up(path, again=again)
                self._file = stack.enter_context(path.open("ab", buffering=0))
                self._held = stack.pop_all()
        except Timeout:
            raise InvalidRequest(f"Another command writes to {path}. Wait for it, or choose another --out.") from None
        except OSError as error:
            raise InvalidRequest(
                f"{path} cannot be written: {error.strerror or error}. Choose another --out."
            ) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._held.close()

    def has(self, entry: str) -> bool:
        """Whether the result of that entry is there already."""
        return entry in self._written

    async def write(self, result: Result) -> None:
        """Write a result, at once. Raises OutputLost."""
        line = orjson.dumps(result, option=orjson.OPT_APPEND_NEWLINE)
        if self._path is None:
            async with self._turn:  # who reads it may take long, and nothing else is to wait for that
                await asyncio.to_thread(self._put, line)
        else:
            self._put(line)
        self._written.add(result.entry)
        if result.failed:
            self.failed[result.entry] = result.why

    def _put(self, line: bytes) -> None:
        try:
            if self._file.write(line) != len(line):
                raise OSError("there is no room for all of it")
            self._file.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            where = self._path or "stdout"
            raise OutputLost(f"{where} cannot be written: {error.strerror or error}. {_SAME} once it can.") from None

    def _take_up(self, path: Path, *, again: bool) -> None:
        """Learn what is in the file, and take off what is not to stay there."""
        if not path.is_file():
            return
        failed, whole = dict[str, str](), 0
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if not line.endswith(b"\n") and self._is_cut(line):
                    break
                whole += len(line)
                entry, why = self._known(path, number, line)
                self._written.add(entry)
                if why and (self._only is None or entry in self._only):
                    failed[entry] = why
        os.truncate(path, whole)
        if failed and again:
            self._written -= set(failed)
            self._leave_out(path, set(failed))
        else:
            self.failed = failed

    def _is_cut(self, line: bytes) -> bool:
        """Whether that is the beginning of a result of this run."""
        begin = orjson.dumps({"run": self._run})[:-1]
        return line.startswith(begin) or begin.startswith(line)

    def _leave_out(self, path: Path, failed: set[str]) -> None:
        path = path.resolve()  # not the link to it
        with path.open("rb") as file, NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False) as copy:
            try:
                copy.writelines(
                    line for number, line in enumerate(file, 1) if self._known(path, number, line)[0] not in failed
                )
                copy.flush()
                os.fsync(copy.fileno())
                shutil.copymode(path, copy.name)
                Path(copy.name).replace(path)
            except BaseException:
                Path(copy.name).unlink(missing_ok=True)
                raise

    def _known(self, path: Path, number: int, line: bytes) -> tuple[str, str]:
        """The entry of a line, and why it failed, if it did."""
        try:
            found: Any = orjson.loads(line)
            run, entry, status = found["run"], str(found["entry"]), found["status"]
        except (ValueError, KeyError, TypeError):
            raise InvalidRequest(f"{path}, line {number} is no result of a run. Choose another --out.") from None
        if run != self._run:
            raise InvalidRequest(
                f"{path} holds the results of another run ({str(run)[:40]}): the file or the flags were others. Choose "
                "another --out, or take that one away."
            )
        return entry, why_of(status, (found.get("error") or {}).get("message"))


def _lock(path: Path) -> FileLock:
    """A lock that goes with that file, and leaves nothing beside it."""
    name = sha256(str(path.resolve()).encode()).hexdigest()[:16]
    return FileLock(Path(gettempdir()) / f"debate-{name}.lock")
