"""The database file: what opens it, and what is refused with a clear message."""

import random
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from debate_server.core.errors import LogUnusable
from debate_server.log.log import Log
from debate_server.log.schema import VERSION
from debate_server.log.store import FILE, Store


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


def noise(start: float) -> Callable[[Path], object]:
    """Noise over the file from that part of it on."""

    def overwrite(file: Path) -> None:
        whole = file.read_bytes()
        at = int(len(whole) * start) // 4096 * 4096
        file.write_bytes(whole[:at] + random.Random(1).randbytes(len(whole) - at))

    return overwrite


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (noise(0), "not a database"),
        (noise(0.3), "damaged: go back to a copy"),
        (noise(0.7), "damaged: go back to a copy"),
        (lambda file: file.write_bytes(file.read_bytes()[:5000]), "--data"),
        (lambda file: file.with_name(f"{FILE}-wal").mkdir(), "--data"),
    ],
    ids=["all of it", "two thirds", "a third", "cut short", "no place for the WAL"],
)
def test_a_damaged_log_is_refused_with_what_to_do(tmp_path: Path, spoil: Callable[[Path], object], words: str) -> None:
    store = Store(tmp_path)
    with store.transaction():
        for number in range(50):
            store.add_journal(number, 0.0, b"x" * 1_000)
    store.close()
    spoil(tmp_path / FILE)

    with pytest.raises(LogUnusable, match=words):
        Log(tmp_path)
