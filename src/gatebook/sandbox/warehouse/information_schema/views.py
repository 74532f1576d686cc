"""The INFORMATION_SCHEMA views: their columns and who makes their rows."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gatebook.googlesql.types import (
    BOOL,
    INT64,
    STRING,
    TIMESTAMP,
    SqlType,
    StructField,
    array_of,
    struct_of,
)
from gatebook.sandbox.warehouse.names import DatasetName
from gatebook.sandbox.warehouse.state.store import State

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a query of a view asks about: datasets of one project, on behalf of a user."""

    state: State
    project: str
    datasets: tuple[DatasetName, ...]
    user_email: str
    job_rows: Callable[[], Iterable[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class View:
    """A view. by_dataset: whether it may be asked of one dataset, rather than of a region only."""

    columns: tuple[StructField, ...]
    by_dataset: bool = True


def _columns(**types: SqlType) -> tuple[StructField, ...]:
    return tuple(StructField(name, sql_type) for name, sql_type in types.items())


_TABLE: Final = {"table_catalog": STRING, "table_schema": STRING, "table_name": STRING}
_TABLE_REFERENCE: Final = struct_of([("project_id", STRING), ("dataset_id", STRING), ("table_id", STRING)])
_JOBS: Final = View(
    _columns(
        creation_time=TIMESTAMP,
        project_id=STRING,
        user_email=STRING,
        job_id=STRING,
        job_type=STRING,
        statement_type=STRING,
        priority=STRING,
        start_time=TIMESTAMP,
        end_time=TIMESTAMP,
        query=STRING,
        state=STRING,
        total_bytes_processed=INT64,
        total_bytes_billed=INT64,
        total_slot_ms=INT64,
        error_result=struct_of([("reason", STRING), ("location", STRING), ("debug_info", STRING), ("message", STRING)]),
        cache_hit=BOOL,
        destination_table=_TABLE_REFERENCE,
        referenced_tables=array_of(_TABLE_REFERENCE),
        labels=array_of(struct_of([("key", STRING), ("value", STRING)])),
        parent_job_id=STRING,
        dml_statistics=struct_of(
            [("inserted_row_count", INT64), ("deleted_row_count", INT64), ("updated_row_count", INT64)]
        ),
    ),
    by_dataset=False,
)
_OPTIONS: Final = {"option_name": STRING, "option_type": STRING, "option_value": STRING}
_SPECIFIC: Final = {"specific_catalog": STRING, "specific_schema": STRING, "specific_name": STRING}

VIEWS: Final[Mapping[str, View]] = {
    "SCHEMATA": View(
        _columns(
            catalog_name=STRING,
            schema_name=STRING,
            schema_owner=STRING,
            creation_time=TIMESTAMP,
            last_modified_time=TIMESTAMP,
            location=STRING,
            ddl=STRING,
            default_collation_name=STRING,
        ),
        by_dataset=False,
    ),
    "SCHEMATA_OPTIONS": View(_columns(catalog_name=STRING, schema_name=STRING, **_OPTIONS), by_dataset=False),
    "TABLES": View(
        _columns(
            **_TABLE,
            table_type=STRING,
            is_insertable_into=STRING,
            is_typed=STRING,
            is_change_history_enabled=STRING,
            creation_time=TIMESTAMP,
            base_table_catalog=STRING,
            base_table_schema=STRING,
            base_table_name=STRING,
            snapshot_time_ms=TIMESTAMP,
            ddl=STRING,
            default_collation_name=STRING,
        )
    ),
    "TABLE_OPTIONS": View(_columns(**_TABLE, **_OPTIONS)),
    "COLUMNS": View(
        _columns(
            **_TABLE,
            column_name=STRING,
            ordinal_position=INT64,
            is_nullable=STRING,
            data_type=STRING,
            is_generated=STRING,
            generation_expression=STRING,
            is_stored=STRING,
            is_hidden=STRING,
            is_updatable=STRING,
            is_system_defined=STRING,
            is_partitioning_column=STRING,
            clustering_ordinal_position=INT64,
            collation_name=STRING,
            column_default=STRING,
            rounding_mode=STRING,
            policy_tags=array_of(STRING),
        )
    ),
    "COLUMN_FIELD_PATHS": View(
        _columns(
            **_TABLE,
            column_name=STRING,
            field_path=STRING,
            data_type=STRING,
            description=STRING,
            collation_name=STRING,
            rounding_mode=STRING,
            policy_tags=array_of(STRING),
        )
    ),
    "VIEWS": View(_columns(**_TABLE, view_definition=STRING, check_option=STRING, use_standard_sql=STRING)),
    "ROUTINES": View(
        _columns(
            **_SPECIFIC,
            routine_catalog=STRING,
            routine_schema=STRING,
            routine_name=STRING,
            routine_type=STRING,
            data_type=STRING,
            routine_body=STRING,
            routine_definition=STRING,
            external_language=STRING,
            is_deterministic=STRING,
            security_type=STRING,
            created=TIMESTAMP,
            last_altered=TIMESTAMP,
        )
    ),
    "PARAMETERS": View(
        _columns(
            **_SPECIFIC,
            ordinal_position=INT64,
            parameter_mode=STRING,
            is_result=STRING,
            parameter_name=STRING,
            data_type=STRING,
            parameter_default=STRING,
            is_aggregate=STRING,
        )
    ),
    "JOBS": _JOBS,
    "JOBS_BY_PROJECT": _JOBS,
    "JOBS_BY_USER": _JOBS,
}
