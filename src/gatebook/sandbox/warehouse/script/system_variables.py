"""System variables (@@...) as DuckDB SQL, and those that SET can change.

https://cloud.google.com/bigquery/docs/reference/system-variables
"""

from typing import Final

from gatebook.googlesql.dialect import SYSTEM_VARIABLES
from gatebook.sandbox.errors import ApiError, invalid_query
from gatebook.sandbox.translate import duckdb_type
from gatebook.sandbox.translate.names import string
from gatebook.sandbox.warehouse.job import Job
from gatebook.sandbox.warehouse.names import DatasetName

_TYPES: Final = {".".join(path): sql_type for path, sql_type in SYSTEM_VARIABLES.items()}


def install(job: Job) -> None:
    """Give a job its system variables."""
    request = job.request
    values = {
        "current_job_id": request.job_id,
        "last_job_id": None,
        "location": "US",
        "project_id": request.project,
        "session_id": job.session_id,
        "script.job_id": request.job_id,
    }
    for name, sql_type in _TYPES.items():
        value = values.get(name)
        job.scope.system[name] = string(value) if value else f"CAST(NULL AS {duckdb_type(sql_type)})"
    for name in ("script.bytes_billed", "script.bytes_processed", "script.slot_ms", "script.num_child_jobs"):
        job.scope.system[name] = "0"
    job.scope.system["script.creation_time"] = f"TIMESTAMPTZ '{job.now.isoformat()}'"
    _show_defaults(job)


def _show_defaults(job: Job) -> None:
    dataset = job.default_dataset
    shown = {
        "time_zone": job.time_zone,
        "dataset_id": dataset.dataset if dataset else None,
        "dataset_project_id": dataset.project if dataset else None,
        "query_label": job.query_label,
    }
    for name, value in shown.items():
        job.scope.system[name] = "CAST(NULL AS VARCHAR)" if value is None else string(value)


def assign(job: Job, name: str, value: str | None) -> None:
    """SET @@name = value."""
    if name == "time_zone" and value:
        job.time_zone = value
    elif name == "dataset_id":
        project = job.default_dataset.project if job.default_dataset else job.request.project
        job.default_dataset = DatasetName(project, value) if value else None
    elif name == "dataset_project_id" and value and job.default_dataset:
        job.default_dataset = DatasetName(value, job.default_dataset.dataset)
    elif name == "query_label":
        job.query_label = value
    else:
        raise invalid_query(f"Cannot set system variable @@{name}")
    _show_defaults(job)


def show_error(job: Job, error: ApiError, statement: str, line: int, column: int) -> None:
    """Fill @@error.* for an exception handler."""
    frame = f"{{'line': {line}, 'column': {column}, 'filename': NULL, 'location': NULL}}"
    job.scope.system |= {
        "error.message": string(error.message),
        "error.statement_text": string(statement),
        "error.stack_trace": f"CAST([{frame}] AS {duckdb_type(_TYPES['error.stack_trace'])})",
        "error.formatted_stack_trace": string(f"At [{line}:{column}]\n"),
    }


def clear_error(job: Job) -> None:
    """Outside of handlers @@error.* is NULL."""
    for name, sql_type in _TYPES.items():
        if name.startswith("error."):
            job.scope.system[name] = f"CAST(NULL AS {duckdb_type(sql_type)})"
