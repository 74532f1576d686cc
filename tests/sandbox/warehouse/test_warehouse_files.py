"""EXPORT DATA and LOAD DATA through the files that the warehouse is given."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from conftest import Session
from pyarrow import parquet

from gatebook.sandbox.errors import ApiError
from gatebook.sandbox.warehouse import Resource, Warehouse
from gatebook.sandbox.warehouse.arrow import rest_fields


class ParquetFiles:
    """`gs://` as a directory of Parquet files, whatever format is asked for; it notes the options it was given."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.options: list[Resource] = []

    def write(self, uri: str, rows: pa.RecordBatchReader, fields: Sequence[Resource], extract: Resource) -> int:
        self.options.append(extract)
        parquet.write_table(rows.read_all(), self._path(uri.replace("*", "0")))
        return 1

    def read(
        self, uris: Sequence[str], load: Resource, fields: Sequence[Resource] | None
    ) -> tuple[list[Resource], pa.Table]:
        self.options.append(load)
        rows = pa.concat_tables([parquet.read_table(self._path(uri)) for uri in uris])
        return list(fields or rest_fields(rows.schema)), rows

    def exist(self, uri: str) -> bool:
        return self._path(uri.replace("*", "0")).exists()

    def _path(self, uri: str) -> Path:
        return self.root / uri.removeprefix("gs://bucket/")


@pytest.fixture
def files(tmp_path: Path) -> ParquetFiles:
    return ParquetFiles(tmp_path)


@pytest.fixture
def filing(files: ParquetFiles) -> Iterator[Session]:
    warehouse = Warehouse(project="p", files=files)
    yield Session(warehouse)
    warehouse.close()


EXPORT = "EXPORT DATA OPTIONS(uri='gs://bucket/x*.parquet', format='PARQUET'{}) AS SELECT 1 AS a, ['x'] AS b"


def test_export_writes_the_rows_of_a_query(filing: Session, files: ParquetFiles) -> None:
    outcome = filing.run(EXPORT.format(", compression='GZIP'"))
    assert (outcome.statement_type, outcome.exported_files, outcome.exported_rows) == ("EXPORT_DATA", 1, 1)
    assert files.options == [{"destinationFormat": "PARQUET", "printHeader": False, "compression": "GZIP"}]
    assert parquet.read_table(files.root / "x0.parquet").to_pylist() == [{"a": 1, "b": ["x"]}]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ("uri='gs://bucket/x.csv', format='CSV'", "invalidQuery"),
        ("uri='gs://bucket/*', format='XLS'", "notImplemented"),
        ("uri='gs://bucket/*', format='CSV', colour='red'", "notImplemented"),
    ],
)
def test_export_refuses_what_it_does_not_know(filing: Session, options: str, reason: str) -> None:
    with pytest.raises(ApiError) as error:
        filing.run(f"EXPORT DATA OPTIONS({options}) AS SELECT 1 AS a")
    assert error.value.reason == reason


def test_export_replaces_files_only_when_asked(filing: Session) -> None:
    filing.run(EXPORT.format(""))
    with pytest.raises(ApiError) as error:
        filing.run(EXPORT.format(""))
    assert "is not empty" in error.value.message
    filing.run(EXPORT.format(", overwrite=true"))


def rows(filing: Session, table: str) -> list[tuple[Any, ...]]:
    return filing.rows(f"SELECT * FROM {table} ORDER BY 1")


def test_load_appends_overwrites_and_creates(filing: Session, files: ParquetFiles) -> None:
    filing.run(EXPORT.format(""))
    source = "FROM FILES(format='PARQUET', uris=['gs://bucket/x0.parquet'])"
    filing.run("CREATE TABLE d.t AS SELECT 0 AS a, ['y'] AS b")
    outcome = filing.run(f"LOAD DATA INTO d.t {source}")
    assert (outcome.statement_type, str(outcome.destination)) == ("LOAD_DATA", "p:d.t")
    assert rows(filing, "d.t") == [(0, ["y"]), (1, ["x"])]
    filing.run(f"LOAD DATA OVERWRITE d.t {source}")
    assert rows(filing, "d.t") == [(1, ["x"])]
    filing.run(f"LOAD DATA INTO d.made (a INT64, b ARRAY<STRING>) {source}")
    assert rows(filing, "d.made") == [(1, ["x"])]
    filing.run(f"LOAD DATA INTO d.guessed {source}")
    assert rows(filing, "d.guessed") == [(1, ["x"])]
    assert files.options[-1] == {"sourceFormat": "PARQUET"}


def test_without_files_both_are_refused_by_name(session: Session) -> None:
    for sql in (EXPORT.format(""), "LOAD DATA INTO d.t (a INT64) FROM FILES(format='CSV', uris=['gs://b/x'])"):
        with pytest.raises(ApiError) as error:
            session.run(sql)
        assert error.value.reason == "notImplemented"
