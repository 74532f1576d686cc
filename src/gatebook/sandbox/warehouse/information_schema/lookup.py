"""From a path with INFORMATION_SCHEMA in it to a relation."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

import pyarrow as pa

from gatebook.googlesql.types import to_rest_schema
from gatebook.sandbox.errors import invalid_query, not_implemented
from gatebook.sandbox.warehouse.arrow import arrow_schema
from gatebook.sandbox.warehouse.binding import relations
from gatebook.sandbox.warehouse.binding.relations import Relation
from gatebook.sandbox.warehouse.information_schema import objects
from gatebook.sandbox.warehouse.information_schema.views import VIEWS, Asked, Row, View
from gatebook.sandbox.warehouse.job import Job
from gatebook.sandbox.warehouse.names import DatasetName, TableName
from gatebook.sandbox.warehouse.state.rows import conform
from gatebook.sandbox.warehouse.state.store import Change

_REGION: Final = "region-"


def relation(job: Job, change: Change, path: tuple[str, ...], full: tuple[str, ...]) -> Relation | None:
    """The view that a path names, None when it is only the beginning of one. full: the path, qualified.

    https://cloud.google.com/bigquery/docs/information-schema-intro#dataset_qualifier
    """
    if full[-1] == "INFORMATION_SCHEMA":
        return None
    name = full[-1].upper()
    view = VIEWS.get(name)
    if view is None:
        raise not_implemented(f"INFORMATION_SCHEMA.{name}")
    asked = _asked(job, change, full, name, view)
    fields = view.columns
    shown = TableName(full[0], ".".join(full[1:-1]), name)

    def rows() -> pa.Table:
        rest = to_rest_schema(fields)
        return conform(pa.Table.from_pylist(list(_ROWS[name](asked)), schema=arrow_schema(rest)), rest)

    return relations.arrow_rows(change.cursor, path, fields, rows, (shown,))


def _asked(job: Job, change: Change, full: tuple[str, ...], name: str, view: View) -> Asked:
    project, qualifier = full[0], full[1] if len(full) == 4 else None
    regional = qualifier is None or qualifier.lower().startswith(_REGION)
    if not regional and view.by_dataset:
        datasets = [DatasetName(project, str(qualifier))]
        change.state.dataset(datasets[0])
    elif qualifier is None and view.by_dataset:
        raise invalid_query(f"INFORMATION_SCHEMA.{name} must be qualified with a dataset or a region")
    else:
        datasets = sorted(n for n in change.state.datasets if n.project == project and not n.dataset.startswith("_"))
    return Asked(change.state, project, tuple(datasets), job.request.user_email, job.services.job_rows)


def _jobs(asked: Asked) -> Iterator[Row]:
    for row in asked.job_rows():
        if row["project_id"] == asked.project:
            yield dict(row)


def _jobs_by_user(asked: Asked) -> Iterator[Row]:
    return (row for row in _jobs(asked) if row["user_email"] == asked.user_email)


_ROWS: Final[Mapping[str, Callable[[Asked], Iterator[Row]]]] = {
    "SCHEMATA": objects.schemata,
    "SCHEMATA_OPTIONS": objects.schemata_options,
    "TABLES": objects.tables,
    "TABLE_OPTIONS": objects.table_options,
    "COLUMNS": objects.columns,
    "COLUMN_FIELD_PATHS": objects.column_field_paths,
    "VIEWS": objects.views,
    "ROUTINES": objects.routines,
    "PARAMETERS": objects.parameters,
    "JOBS": _jobs,
    "JOBS_BY_PROJECT": _jobs,
    "JOBS_BY_USER": _jobs_by_user,
}
