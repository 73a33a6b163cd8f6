"""The database of the log: every SQL statement of the project, on the tables that ``schema`` describes.

One connection writes and checkpoints, a second one only reads (SQLite before 3.51.3 can lose a WAL that two
connections reset). All calls are synchronous; the ``Writer`` decides when what is written, and in which thread.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any, Final

from debate_server.core.errors import LogUnavailable, LogUnusable
from debate_server.core.events import Usage
from debate_server.log import frames as fr
from debate_server.log.rows import Key, Leftover, Row, RunRow
from debate_server.log.schema import APPLICATION_ID, SCHEMA, VERSION

FILE: Final = "debates.sqlite3"
# What to do about an error of SQLite, by its code.
_TODO: Final = {
    sqlite3.SQLITE_CORRUPT: "{path} is damaged: go back to a copy (debate backup makes one), or choose another --data.",
    sqlite3.SQLITE_NOTADB: "{path} is damaged: go back to a copy (debate backup makes one), or choose another --data.",
    sqlite3.SQLITE_READONLY: "Let this user write to {path}, or choose another folder with --data.",
}
_ROW: Final = ", ".join(column.name for column in fields(Row))
_STATE: Final = "coalesce(reason, status)"


class Store:
    """An open database. Raises LogUnusable on opening, LogUnavailable on writing."""

    def __init__(self, folder: Path, *, sync: str = "normal", read_only: bool = False) -> None:
        self.path = folder / FILE
        self._open: list[sqlite3.Connection] = []
        try:
            if not read_only:
                self._write = self._connect("rwc")
                self._prepare(sync)
            self._read = self._connect("ro")
            self._read.create_function("has_words", 2, _has_words, deterministic=True)
            self._check_version(self._read)
        except LogUnusable:
            self.close()
            raise
        except sqlite3.Error as error:
            self.close()
            raise LogUnusable(
                f"{self.path} cannot be opened: {error}. If it is damaged, go back to a copy (debate backup makes "
                "one); else choose another folder with --data."
            ) from None

    def _connect(self, mode: str) -> sqlite3.Connection:
        uri = f"{self.path.absolute().as_uri()}?mode={mode}"
        db = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=5)
        self._open.append(db)
        db.execute("PRAGMA wal_autocheckpoint = 0")
        return db

    def _prepare(self, sync: str) -> None:
        db = self._write
        fresh = not db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
        if not fresh:
            self._check_version(db)  # before anything is changed
        db.execute("PRAGMA journal_mode = WAL")
        db.execute(f"PRAGMA synchronous = {'FULL' if sync == 'full' else 'NORMAL'}")
        if fresh:
            db.executescript(
                f"BEGIN; {SCHEMA} PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION}; COMMIT"
            )

    def _check_version(self, db: sqlite3.Connection) -> None:
        (application,) = db.execute("PRAGMA application_id").fetchone()
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if application != APPLICATION_ID:
            raise LogUnusable(f"{self.path} is not a log of debates. Choose another folder with --data.")
        if version != VERSION:
            age = "a newer" if version > VERSION else "an older"
            raise LogUnusable(
                f"{self.path} was written by {age} version of debate-server (schema {version}, this one has {VERSION})."
                " Use that version, or choose another folder with --data."
            )

    def close(self) -> None:
        for connection in reversed(self._open):
            connection.close()

    # Writing

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside are committed together, or none is. Raises LogUnavailable."""
        try:
            self._write.execute("BEGIN IMMEDIATE")
            yield
            self._write.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._unavailable(error) from None
        finally:
            if self._write.in_transaction:
                self._write.execute("ROLLBACK")

    def _unavailable(self, error: sqlite3.Error, what: str = "written") -> LogUnavailable:
        todo = _TODO.get(getattr(error, "sqlite_errorcode", 0) & 0xFF, "Make room on the disk of {path}.")
        return LogUnavailable(f"The log cannot be {what}: {error}. {todo.format(path=self.path)}")

    def add_debate(self, row: Row) -> None:
        self._write.execute(f"INSERT INTO debate ({_ROW}) VALUES ({', '.join('?' * len(astuple(row)))})", astuple(row))

    def change_debate(self, row: Row) -> None:
        """Write down how far it is."""
        values = (
            row.status, row.reason, row.verdict, row.speeches, row.words, row.input, row.output, row.cost_usd,
            row.estimated, row.n,
        )  # fmt: skip
        self._write.execute(
            "UPDATE debate SET status = ?, reason = ?, verdict = ?, speeches = ?, words = ?, input = ?, output = ?, "
            "cost_usd = ?, estimated = ? WHERE n = ?",
            values,
        )

    def put_run(self, run: RunRow) -> None:
        """Write down a run, or what was asked for anew of one that there is."""
        query = "INSERT INTO run (n, id, created, asked) VALUES (?, ?, ?, ?) ON CONFLICT (n) DO UPDATE SET asked = ?"
        self._write.execute(query, (*astuple(run), run.asked))

    def add_segment(self, n: int, last: int, at: float, frames: bytes) -> None:
        values = (n, last, at, frames)
        self._write.execute("INSERT INTO segment (debate, last, at, frames) VALUES (?, ?, ?, ?)", values)

    def add_journal(self, id_: int, at: float, frames: bytes) -> None:
        self._write.execute("INSERT INTO journal (id, at, frames) VALUES (?, ?, ?)", (id_, at, frames))

    def add_key(self, key: Key, made: str) -> None:
        values = (key.scope, key.name, key.asked, made)
        self._write.execute("INSERT INTO key (scope, name, asked, made) VALUES (?, ?, ?, ?)", values)

    def drop_journal(self, before: int) -> None:
        """Forget the rows before that id."""
        self._write.execute("DELETE FROM journal WHERE id < ?", (before,))

    def clear_journal(self) -> None:
        self._write.execute("DELETE FROM journal")

    def forget(self, n: int) -> None:
        """Delete a debate and its segments. The keys it was made under stay, so that none makes it again."""
        self._write.execute("DELETE FROM segment WHERE debate = ?", (n,))
        self._write.execute("DELETE FROM debate WHERE n = ?", (n,))

    def checkpoint(self) -> None:
        """Move what was committed from the WAL into the database. May run in another thread than the writes, not at
        the same time. Raises LogUnavailable."""
        try:
            self._write.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        except sqlite3.Error as error:
            raise self._unavailable(error) from None

    # Reading

    def damage(self) -> str:
        """What is wrong with the file, as SQLite finds it; empty where nothing is."""
        try:
            found = [line for (line,) in self._read.execute("PRAGMA integrity_check(5)")]
        except sqlite3.Error as error:
            return str(error)
        return "" if found == ["ok"] else "; ".join(found)

    def copy(self, target: Path) -> None:
        """A whole and consistent copy in a new file, also while another process writes. Raises LogUnusable."""
        try:
            target.touch(exist_ok=False)
            with closing(sqlite3.connect(target)) as copy:
                self._read.backup(copy)
        except FileExistsError:
            raise LogUnusable(f"{target} is there already. Name a file that is not.") from None
        except (sqlite3.Error, OSError) as error:
            raise LogUnusable(f"{target} cannot be written: {error}. Name another file.") from None

    def _ask(self, query: str, *values: object) -> list[Any]:
        """The rows of an answer. Raises LogUnavailable."""
        try:
            return self._read.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise self._unavailable(error, "read") from None

    def row(self, debate: str) -> Row | None:
        found = self._ask(f"SELECT {_ROW} FROM debate WHERE id = ?", debate)
        return Row(*found[0]) if found else None

    def like(self, beginning: str, limit: int, table: str = "debate") -> list[str]:
        """Ids that begin so."""
        query = f"SELECT id FROM {table} WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ?"  # no id has a z
        return [str(found[0]) for found in self._ask(query, beginning, f"{beginning}z", limit)]

    def rows(
        self,
        limit: int,
        before: int | None = None,
        find: str = "",
        run: str | None = None,
        state: str | None = None,
    ) -> list[Row]:
        """Newest first; only those whose topic has every word of ``find`` in it, and that are of that ``run`` (empty:
        of none) and in that ``state``."""
        which, of = {None: ("", ()), "": (" AND run IS NULL", ())}.get(run, (" AND run = ?", (run,)))
        if state:
            which, of = f"{which} AND {_STATE} = ?", (*of, state)
        query = f"SELECT {_ROW} FROM debate WHERE n < ?{which} AND has_words(topic, ?) ORDER BY n DESC LIMIT ?"
        return [Row(*found) for found in self._ask(query, before or 1 << 62, *of, find.casefold(), limit)]

    def runs(self, limit: int, before: int | None = None) -> list[RunRow]:
        """Newest first."""
        query = "SELECT n, id, created, asked FROM run WHERE n < ? ORDER BY n DESC LIMIT ?"
        return [RunRow(*found) for found in self._ask(query, before or 1 << 62, limit)]

    def run(self, run: str) -> RunRow | None:
        found = self._ask("SELECT n, id, created, asked FROM run WHERE id = ?", run)
        return RunRow(*found[0]) if found else None

    def of_run(self, run: str) -> Iterator[Row]:
        """The debates of a run, oldest first, one by one; without their plans, which are long."""
        query = f"SELECT {_ROW.replace('plan', 'NULL')} FROM debate WHERE run = ? ORDER BY n"
        try:
            yield from (Row(*found) for found in self._read.execute(query, (run,)))
        except sqlite3.Error as error:
            raise self._unavailable(error, "read") from None

    def tally(self, run: str) -> Iterator[tuple[str, int, Usage]]:
        """By state, how many debates of a run there are, each by its last attempt, and what all of it has cost."""
        unknown = "sum(cost_usd IS NULL AND input + output > 0)"
        spent = (
            f"sum(input) AS input, sum(output) AS output, iif({unknown}, NULL, sum(cost_usd)) AS cost_usd, "
            "sum(estimated) AS estimated"
        )
        # Beside one max(), and no second one, the other columns are those of its row.
        last = (
            f"SELECT max(n), {_STATE} AS state, counted, {spent} FROM debate "
            "WHERE run = ? GROUP BY substr(name, instr(name, ':'))"
        )
        query = f"SELECT state, sum(counted), {spent} FROM ({last}) GROUP BY state"
        for state, count, input_, output, cost_usd, estimated in self._ask(query, run):
            yield state, count, Usage(input_, output, cost_usd, bool(estimated))

    def held(self, run: str) -> Iterator[tuple[str, str, str, Usage]]:
        """Of each debate of a run, oldest first: its name there, its id, its state, and what it has cost."""
        query = f"SELECT name, id, {_STATE}, input, output, cost_usd, estimated FROM debate WHERE run = ? ORDER BY n"
        for name, id_, state, input_, output, cost_usd, estimated in self._ask(query, run):
            yield name, id_, state, Usage(input_, output, cost_usd, bool(estimated))

    def forks(self, debate: str) -> list[Row]:
        """Oldest first."""
        query = f"SELECT {_ROW} FROM debate WHERE parent = ? ORDER BY n"
        return [Row(*found) for found in self._ask(query, debate)]

    def unfinished(self) -> list[Row]:
        """Oldest first."""
        query = f"SELECT {_ROW} FROM debate WHERE status <> 'done' ORDER BY n"
        return [Row(*found) for found in self._ask(query)]

    def count(self) -> dict[str, int]:
        """How many debates there are in each state; those that are done by their reason."""
        query = f"SELECT {_STATE} AS state, count(*) FROM debate GROUP BY state"
        return dict(self._ask(query))

    def last_n(self, table: str = "debate") -> int:
        return int(self._ask(f"SELECT coalesce(max(n), 0) FROM {table}")[0][0])

    def last_segment(self, n: int) -> int:
        """The seq of the last event that is in a segment (0: none)."""
        query = "SELECT coalesce(max(last), 0) FROM segment WHERE debate = ?"
        return int(self._ask(query, n)[0][0])

    def last_at(self, n: int) -> float:
        """When the last event that is in a segment was committed (0: there is none)."""
        query = "SELECT at FROM segment WHERE debate = ? ORDER BY last DESC LIMIT 1"
        found = self._ask(query, n)
        return float(found[0][0]) if found else 0.0

    def made_under(self, key: Key) -> tuple[str, str] | None:
        """``(asked, made)``: what the key was used for, and what was made then."""
        query = "SELECT asked, made FROM key WHERE scope = ? AND name = ?"
        found = self._ask(query, key.scope, key.name)
        return found[0] if found else None

    def segment_after(self, n: int, seq: int) -> tuple[int, bytes] | None:
        """``(last, frames)`` of the segment that holds the event after ``seq``."""
        query = "SELECT last, frames FROM segment WHERE debate = ? AND last > ? ORDER BY last LIMIT 1"
        found = self._ask(query, n, seq)
        return found[0] if found else None

    def journal(self) -> Iterable[tuple[float, bytes]]:
        """``(at, frames)`` of every row."""
        return self._ask("SELECT at, frames FROM journal ORDER BY id")

    def leftover(self) -> dict[str, Leftover]:
        """What the journal has past the segments, by debate."""
        found: dict[str, Leftover] = {}
        ends: dict[str, int] = {}
        for at, batch in self.journal():
            for block in fr.split(batch):
                debate, seq = fr.name(block)
                if debate not in ends:
                    row = self.row(debate)
                    ends[debate] = self.last_segment(row.n) if row else 1 << 62
                if seq > ends[debate]:
                    left = found.setdefault(debate, Leftover())
                    left.frames.append(block)
                    left.last, left.at = seq, at
        return found

    def frames(self, debate: str) -> Iterator[bytes]:
        """All committed frames of a debate as one consistent whole, in batches."""
        row = self.row(debate)
        if row is None:
            return
        self._read.execute("BEGIN")
        try:
            query = "SELECT frames FROM segment WHERE debate = ? ORDER BY last"
            yield from [frames for (frames,) in self._ask(query, row.n)]
            if row.status != "done":  # or its end has closed the last segment
                yield from [b"".join(self.leftover().get(debate, Leftover()).frames)]
        finally:
            self._read.execute("COMMIT")


def _has_words(text: str, words: str) -> bool:
    """SQLite's own LIKE knows the two cases of ASCII letters only. ``words`` are folded already."""
    folded = text.casefold()
    return all(word in folded for word in words.split())
