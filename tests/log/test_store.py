"""The database file: what opens it, and what is refused with a clear message."""

import sqlite3
from pathlib import Path

import pytest

from debate_server.core.errors import LogUnusable
from debate_server.log.store import FILE, VERSION, Store


def test_a_database_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    Store(tmp_path).close()
    with sqlite3.connect(tmp_path / FILE) as db:
        db.execute(f"PRAGMA user_version = {VERSION + 1}")
    db.close()
    with pytest.raises(LogUnusable, match=rf"newer version.*schema {VERSION + 1}, this one has {VERSION}"):
        Store(tmp_path)


def test_another_programs_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / FILE) as db:
        db.execute("CREATE TABLE theirs (x)")
    db.close()
    with pytest.raises(LogUnusable, match="not a log of debates"):
        Store(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
    with sqlite3.connect(tmp_path / FILE) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    db.close()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"not a database, but long enough to be read as one" * 50)
    with pytest.raises(LogUnusable, match="--data"):
        Store(tmp_path)


def test_a_reader_beside_the_writer_never_writes(tmp_path: Path) -> None:
    writer = Store(tmp_path)
    reader = Store(tmp_path, read_only=True)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader._read.execute("DELETE FROM debate")
    reader.close()
    writer.close()
