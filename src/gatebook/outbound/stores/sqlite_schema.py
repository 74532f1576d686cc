"""The tables of the SQLite store, as steps that are applied in order and never changed.

`entries` is the book. `terms`, `postings`, `spans` and `calls` are its index and can be built anew from it.
"""

import sqlite3
from pathlib import Path

from gatebook.outbound.stores.errors import StoreError

FILE_NAME = "book.sqlite"
_OLDEST_SQLITE = (3, 38, 0)  # JSON operators and STRICT tables

_FIRST = """
CREATE TABLE epochs (
    id INTEGER PRIMARY KEY,
    started_at_microseconds INTEGER NOT NULL,
    ended_at_microseconds INTEGER
) STRICT;

CREATE TABLE entries (
    seq INTEGER PRIMARY KEY,
    epoch INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('promise', 'settlement', 'refusal')),
    call_id TEXT NOT NULL,
    at_microseconds INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;

CREATE TRIGGER entries_are_not_changed BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'an entry of the book is never changed'); END;

CREATE TRIGGER entries_are_not_deleted BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'an entry of the book is never deleted'); END;

CREATE TRIGGER entries_have_no_gaps BEFORE INSERT ON entries
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM entries)
BEGIN SELECT RAISE(ABORT, 'entries of the book are numbered without gaps'); END;

CREATE TABLE terms (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    UNIQUE (kind, value)
) STRICT;

CREATE TABLE postings (
    term INTEGER NOT NULL,
    block INTEGER NOT NULL,
    bits INTEGER NOT NULL,
    PRIMARY KEY (term, block)
) STRICT, WITHOUT ROWID;

CREATE TABLE spans (
    block INTEGER PRIMARY KEY,
    bits INTEGER NOT NULL,
    first_microseconds INTEGER NOT NULL,
    last_microseconds INTEGER NOT NULL
) STRICT;

CREATE TABLE calls (
    call_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (call_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE indexed (
    terms_version INTEGER NOT NULL,
    through_seq INTEGER NOT NULL
) STRICT;
INSERT INTO indexed VALUES (0, 0);

CREATE TABLE owners (
    kind TEXT NOT NULL CHECK (kind IN ('job', 'upload', 'session')),
    name TEXT NOT NULL,
    owner TEXT NOT NULL,
    learned_at_microseconds INTEGER NOT NULL,
    PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE table_owners (
    name TEXT NOT NULL,
    owner TEXT NOT NULL,
    learned_at_microseconds INTEGER NOT NULL,
    PRIMARY KEY (name, owner)
) STRICT, WITHOUT ROWID;
"""

# New kinds of records: what an entry may be is for its reader to say, not for the file.
_ANY_KIND = """
ALTER TABLE entries RENAME TO entries_before;
CREATE TABLE entries (
    seq INTEGER PRIMARY KEY,
    epoch INTEGER NOT NULL,
    kind TEXT NOT NULL,
    call_id TEXT NOT NULL,
    at_microseconds INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
INSERT INTO entries SELECT * FROM entries_before ORDER BY seq;
DROP TABLE entries_before;

CREATE TRIGGER entries_are_not_changed BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'an entry of the book is never changed'); END;

CREATE TRIGGER entries_are_not_deleted BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'an entry of the book is never deleted'); END;

CREATE TRIGGER entries_have_no_gaps BEFORE INSERT ON entries
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM entries)
BEGIN SELECT RAISE(ABORT, 'entries of the book are numbered without gaps'); END;
"""

STEPS: tuple[str, ...] = (_FIRST, _ANY_KIND)


def connect(path: Path) -> sqlite3.Connection:
    """Open an existing file for writing, so that a commit that returned has reached the disk."""
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        isolation_level=None,
        timeout=1.0,
        check_same_thread=False,
        cached_statements=256,
    )
    try:
        connection.executescript("""
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = FULL;
            PRAGMA wal_autocheckpoint = 0;
            PRAGMA journal_size_limit = 67108864;
            PRAGMA trusted_schema = OFF;
            PRAGMA temp_store = MEMORY;
        """)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def migrate(connection: sqlite3.Connection, now_microseconds: int) -> None:
    """Bring the tables to this Gatebook's version, step by step, each wholly or not at all. Raises StoreError."""
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        raise StoreError(f"SQLite {sqlite3.sqlite_version} is too old: Gatebook needs 3.38 or newer.")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS schema_steps (step INTEGER PRIMARY KEY, applied_at_microseconds INTEGER) STRICT"
    )
    done = schema_step(connection)
    if done > len(STEPS):
        raise StoreError(
            f"the book was written by a newer Gatebook (its tables are at step {done}, this one knows {len(STEPS)})"
        )
    for number, step in enumerate(STEPS[done:], done + 1):
        noted = f"INSERT INTO schema_steps VALUES ({number:d}, {now_microseconds:d});"  # noqa: S608 - two integers
        try:
            connection.executescript(f"BEGIN IMMEDIATE; {step} {noted} COMMIT;")
        except sqlite3.Error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def schema_step(connection: sqlite3.Connection) -> int:
    """Give the number of the last step that was applied."""
    (step,) = connection.execute("SELECT coalesce(max(step), 0) FROM schema_steps").fetchone()
    return int(step)
