"""INFORMATION_SCHEMA.JOBS: rows that whoever keeps the jobs supplies."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import Session

from gatebook.sandbox.warehouse import Warehouse

NOON = dt.datetime(2024, 1, 1, 12, tzinfo=dt.UTC)
JOBS: list[dict[str, Any]] = [
    {
        "creation_time": NOON, "project_id": "p", "user_email": "ann@example.com", "job_id": "one", "job_type": "QUERY",
        "statement_type": "SELECT", "state": "DONE", "query": "SELECT 1", "total_bytes_processed": 10,
        "destination_table": {"project_id": "p", "dataset_id": "d", "table_id": "t"},
        "referenced_tables": [{"project_id": "p", "dataset_id": "d", "table_id": "u"}],
        "labels": [{"key": "a", "value": "b"}],
        "error_result": {"reason": "invalidQuery", "location": "query", "debug_info": "", "message": "no"},
    },
    {"creation_time": NOON, "project_id": "p", "user_email": "me@example.com", "job_id": "two"},
    {"creation_time": NOON, "project_id": "other", "user_email": "me@example.com", "job_id": "three"},
]  # fmt: skip


@pytest.fixture
def jobs() -> Iterator[Session]:
    warehouse = Warehouse(project="p", job_rows=lambda: JOBS)
    yield Session(warehouse)
    warehouse.close()


def test_jobs_of_the_project(jobs: Session) -> None:
    sql = (
        "SELECT job_id, destination_table.table_id, ARRAY_LENGTH(referenced_tables), error_result.message,"
        " creation_time FROM `region-us`.INFORMATION_SCHEMA.{} ORDER BY job_id"
    )
    expected = [("one", "t", 1, "no", NOON), ("two", None, 0, None, NOON)]
    assert jobs.rows(sql.format("JOBS")) == expected
    assert jobs.rows(sql.format("JOBS_BY_PROJECT")) == expected


def test_jobs_of_the_user(jobs: Session) -> None:
    sql = "SELECT job_id FROM `p.region-us.INFORMATION_SCHEMA.JOBS_BY_USER`"
    assert jobs.rows(sql, user_email="me@example.com") == [("two",)]
    assert jobs.rows(sql, user_email="nobody@example.com") == []


def test_labels_can_be_searched(jobs: Session) -> None:
    sql = (
        "SELECT job_id FROM `region-us`.INFORMATION_SCHEMA.JOBS, UNNEST(labels) AS l"
        " WHERE l.key = 'a' AND l.value = 'b'"
    )
    assert jobs.rows(sql) == [("one",)]
