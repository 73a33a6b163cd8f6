"""The tables of the log.

``journal`` has one row per commit with the frames of all debates in it: cheap to append, and gone once they stand
elsewhere. ``segment`` has a debate's frames again, where a turn ended, in one row: what replays read. ``debate`` has a
row per debate for listing and for taking a debate up again, ``run`` one for each run of many. ``key`` remembers what
was made under which idempotency key. ``at`` is the time of a commit, in seconds since 1970. A debate's frames are its
segments in order, then what the journal has past them.
"""

from typing import Final

VERSION: Final = 4
# "debs" in ASCII: tells our database from any other SQLite file.
APPLICATION_ID: Final = 0x64656273

SCHEMA: Final = """
CREATE TABLE debate (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    created TEXT NOT NULL,
    topic TEXT NOT NULL,
    format TEXT NOT NULL,
    status TEXT NOT NULL,
    reason TEXT,
    verdict TEXT,
    speeches INTEGER NOT NULL,
    words INTEGER NOT NULL,
    input INTEGER NOT NULL,
    output INTEGER NOT NULL,
    cost_usd REAL,
    estimated INTEGER NOT NULL,
    parent TEXT,
    turn INTEGER,
    run TEXT,
    name TEXT,
    entry BLOB,
    counted INTEGER NOT NULL,
    plan BLOB NOT NULL
) STRICT;
CREATE INDEX fork ON debate (parent) WHERE parent IS NOT NULL;
CREATE INDEX unfinished ON debate (status) WHERE status <> 'done';
CREATE INDEX of_run ON debate (run) WHERE run IS NOT NULL;
CREATE TABLE run (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, created TEXT NOT NULL, asked BLOB NOT NULL) STRICT;
CREATE TABLE segment (
    debate INTEGER NOT NULL,
    last INTEGER NOT NULL,
    at REAL NOT NULL,
    frames BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX segment_of ON segment (debate, last);
CREATE TABLE journal (id INTEGER PRIMARY KEY, at REAL NOT NULL, frames BLOB NOT NULL) STRICT;
CREATE TABLE key (
    scope TEXT NOT NULL,
    name TEXT NOT NULL,
    asked TEXT NOT NULL,
    made TEXT NOT NULL,
    PRIMARY KEY (scope, name)
) STRICT, WITHOUT ROWID;
"""
