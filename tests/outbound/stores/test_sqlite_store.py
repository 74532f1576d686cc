"""The SQLite file: private, append-only, migrated step by step, indexed as it would be from nothing."""

import asyncio
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

import book_samples as samples
from gatebook.core.book.exchange import Status
from gatebook.core.book.search import Search
from gatebook.core.model import Ending
from gatebook.outbound.stores import sqlite_schema
from gatebook.outbound.stores.errors import NoBook, StoreError
from gatebook.outbound.stores.sqlite_index import reindex
from gatebook.outbound.stores.sqlite_reader import SqliteReader
from gatebook.outbound.stores.sqlite_schema import FILE_NAME
from gatebook.outbound.stores.sqlite_store import SqliteStore


class FixedClock:
    def now_microseconds(self) -> int:
        return samples.NOW


def write(directory: Path, calls: int) -> None:
    async def go() -> None:
        store = SqliteStore.open(directory, FixedClock())
        await asyncio.gather(*(store.book.promise(samples.promise(number)) for number in range(calls)))
        await asyncio.gather(*(store.book.settle(samples.settlement(number)) for number in range(0, calls, 2)))
        await store.close()

    asyncio.run(go())


@pytest.fixture
def file(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    write(tmp_path, 5)
    with closing(sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)) as connection:
        yield connection


def test_the_directory_and_its_files_are_private(tmp_path: Path) -> None:
    directory = tmp_path / "some" / "where"
    directory.mkdir(parents=True, mode=0o755)

    async def go() -> None:
        before = os.umask(0)
        try:
            store = SqliteStore.open(directory, FixedClock())
            await store.book.promise(samples.promise())
        finally:
            os.umask(before)
        modes = {path.name: path.stat().st_mode & 0o777 for path in directory.iterdir()}
        names = ("book.lock", "book.sqlite", "book.sqlite-shm", "book.sqlite-wal", "scribe.lock")
        assert modes == dict.fromkeys(names, 0o600)
        assert directory.stat().st_mode & 0o777 == 0o700
        await store.close()

    asyncio.run(go())


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE entries SET body = x'00' WHERE seq = 2", "never changed"),
        ("UPDATE entries SET at_microseconds = 0", "never changed"),
        ("DELETE FROM entries WHERE seq = 7", "never deleted"),
        ("DELETE FROM entries", "never deleted"),
        ("REPLACE INTO entries VALUES (2, 1, 'promise', 'x', 0, x'00')", "without gaps"),
        ("INSERT OR REPLACE INTO entries VALUES (8, 1, 'promise', 'x', 0, x'00')", "without gaps"),
        ("INSERT INTO entries VALUES (10, 1, 'promise', 'x', 0, x'00')", "without gaps"),
        ("INSERT INTO entries VALUES (9, 1, 'promise', 'x', 0, 'text')", "cannot store TEXT"),
    ],
)
def test_entries_are_append_only(file: sqlite3.Connection, statement: str, problem: str) -> None:
    before = file.execute("SELECT * FROM entries").fetchall()
    assert len(before) == 8
    with pytest.raises(sqlite3.IntegrityError, match=problem):
        file.execute(statement)
    assert file.execute("SELECT * FROM entries").fetchall() == before


def test_commits_reach_the_disk(tmp_path: Path) -> None:
    write(tmp_path, 1)
    with closing(sqlite_schema.connect(tmp_path / FILE_NAME)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_each_life_of_the_gateway_is_an_epoch(tmp_path: Path) -> None:
    write(tmp_path, 1)
    write(tmp_path, 0)
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        epochs = connection.execute("SELECT id, ended_at_microseconds FROM epochs").fetchall()
        assert epochs == [(1, samples.NOW), (2, samples.NOW)]
        assert connection.execute("SELECT DISTINCT epoch FROM entries").fetchall() == [(1,)]


def _index(connection: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    queries = {
        "postings": "SELECT kind, value, block, bits FROM postings JOIN terms ON id = term ORDER BY kind, value, block",
        "spans": "SELECT * FROM spans",
        "calls": "SELECT * FROM calls",
        "indexed": "SELECT * FROM indexed",
    }
    return {name: connection.execute(query).fetchall() for name, query in queries.items()}


def test_the_index_is_what_it_would_be_from_nothing(tmp_path: Path) -> None:
    for calls in (150, 400):
        write(tmp_path / str(calls), calls)
        with closing(sqlite3.connect(tmp_path / str(calls) / FILE_NAME, isolation_level=None)) as connection:
            followed = _index(connection)
            assert len(followed["calls"]) == calls + calls // 2
            reindex(connection)
            assert _index(connection) == followed


def test_an_index_by_old_rules_is_built_anew(tmp_path: Path) -> None:
    write(tmp_path, 200)
    with closing(sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)) as connection:
        before = _index(connection)
        connection.executescript(
            "UPDATE indexed SET terms_version = 0; DELETE FROM calls; UPDATE postings SET bits = 1"
        )
    with pytest.raises(StoreError, match="index is of another version"):
        SqliteReader.open(tmp_path)
    write(tmp_path, 0)
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        assert _index(connection) == before


def test_a_search_beyond_the_first_blocks(tmp_path: Path) -> None:
    async def go() -> None:
        store = SqliteStore.open(tmp_path, FixedClock())
        await store.book.refuse(samples.refusal(0))
        await asyncio.gather(*(store.book.promise(samples.promise(number)) for number in range(1, 1500)))
        await store.book.settle(samples.settlement(700, Ending.UPSTREAM_ERROR))
        await store.close()

    asyncio.run(go())
    with closing(SqliteReader.open(tmp_path)) as reader:
        assert [e.id for e in reader.search(Search(status=Status.REFUSED))] == [samples.call_id(0)]
        assert [e.id for e in reader.search(Search(status=Status.UPSTREAM_ERROR))] == [samples.call_id(700)]
        assert len(list(reader.search(Search(limit=None)))) == 1500
        oldest = [e.opening_seq for e in reader.search(Search(limit=1200, oldest_first=True))]
        assert oldest == list(range(1, 1201))


def test_steps_are_applied_once_and_wholly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, 1)
    monkeypatch.setattr(
        sqlite_schema, "STEPS", (*sqlite_schema.STEPS, "CREATE TABLE more (a); INSERT INTO nowhere VALUES (1);")
    )
    with pytest.raises(StoreError, match="no such table: nowhere"):
        SqliteStore.open(tmp_path, FixedClock())
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'more'").fetchone() == (0,)
        assert sqlite_schema.schema_step(connection) == len(sqlite_schema.STEPS) - 1
    monkeypatch.setattr(sqlite_schema, "STEPS", (*sqlite_schema.STEPS[:-1], "CREATE TABLE more (a);"))
    write(tmp_path, 0)
    write(tmp_path, 0)
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        assert sqlite_schema.schema_step(connection) == len(sqlite_schema.STEPS)


def test_a_book_of_the_first_step_keeps_its_entries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr(sqlite_schema, "STEPS", sqlite_schema.STEPS[:1])
        write(tmp_path, 3)
    write(tmp_path, 0)
    with closing(SqliteReader.open(tmp_path)) as reader:
        assert [exchange.opening_seq for exchange in reader.search(Search(oldest_first=True))] == [1, 2, 3]
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection, pytest.raises(sqlite3.Error, match="deleted"):
        connection.execute("DELETE FROM entries")


def test_a_book_of_a_newer_gatebook_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path, 1)
    with closing(sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)) as connection:
        connection.execute("INSERT INTO schema_steps VALUES (99, 0)")
    with pytest.raises(StoreError, match="newer Gatebook"):
        SqliteStore.open(tmp_path, FixedClock())
    with pytest.raises(StoreError, match="newer version"):
        SqliteReader.open(tmp_path)


def test_a_place_that_cannot_be_a_data_directory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be the data directory"):
        SqliteStore.open(tmp_path / "file", FixedClock())
    (tmp_path / FILE_NAME).write_text("this is no database at all, but long enough to look like one " * 20)
    with pytest.raises(StoreError, match="not a database"):
        SqliteStore.open(tmp_path, FixedClock())
    with pytest.raises(StoreError, match="not a database"):
        SqliteReader.open(tmp_path)


def test_where_there_is_no_book(tmp_path: Path) -> None:
    with pytest.raises(NoBook):
        SqliteReader.open(tmp_path)
    sqlite3.connect(tmp_path / FILE_NAME).close()
    (tmp_path / FILE_NAME).touch()
    with pytest.raises(NoBook):
        SqliteReader.open(tmp_path)


def test_an_entry_that_cannot_be_read_is_told_and_the_others_are_given(tmp_path: Path) -> None:
    write(tmp_path, 5)
    with closing(sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)) as connection:
        connection.executescript(
            """
            DROP TRIGGER entries_are_not_changed;
            UPDATE entries SET body = CAST(replace(CAST(body AS TEXT), 'SELECT', 'DELETE') AS BLOB) WHERE seq = 2;
        """
        )
    with closing(SqliteReader.open(tmp_path)) as reader:
        assert len(list(reader.search(Search()))) == 4
        assert list(reader.unreadable) == [2]
        assert "digest differs" in reader.unreadable[2]


def test_reading_changes_nothing_and_needs_no_right_to_write(tmp_path: Path) -> None:
    write(tmp_path, 3)
    before = (tmp_path / FILE_NAME).read_bytes()
    child = os.fork()
    if child == 0:  # as nobody, for whom the directory is read-only even when the tests run as root
        code = 1
        try:
            _let_others_read(tmp_path)
            if os.getuid() == 0:
                os.seteuid(65534)
            with closing(SqliteReader.open(tmp_path)) as reader:
                code = 0 if len(list(reader.search(Search()))) == 3 else 2
        finally:
            os._exit(code)
    assert os.waitpid(child, 0)[1] == 0
    assert [path.name for path in tmp_path.glob("book.sqlite*")] == [FILE_NAME]
    with closing(SqliteReader.open(tmp_path)) as reader:
        assert len(list(reader.search(Search()))) == 3
    assert (tmp_path / FILE_NAME).read_bytes() == before


def _let_others_read(directory: Path) -> None:
    for path in directory.iterdir():
        path.chmod(0o644)
    directory.chmod(0o555)
    for parent in directory.parents:
        if parent.name.startswith("pytest-of-") or parent.parent.name.startswith("pytest-of-"):
            parent.chmod(0o755)
