"""State and statements of the embedded BigQuery.

The way of a query: `warehouse` makes a Job (`job`), `running` decides between one statement, a script and a dry run;
`statements.run` opens a transaction, has the text bound and calls the function for the statement's kind.

    state/               what is kept: catalog entries and rows in one DuckDB file (`store`), results beside it
    binding/             names looked up, text analyzed, an Environment for translation: `binder`
    statements/          one module for each kind of statement; `ddl/` for definitions
    script/              the procedural language: `interpreter`
    information_schema/  the catalog as tables
    catalog, transfer    datasets, tables, routines by REST resource; rows without SQL

Two rules. Whatever the sandbox does not understand is refused as `notImplemented`, by name (`statements.understood`,
translate's Unmapped). Whatever fails beneath leaves as an ApiError in BigQuery's words (`faults`).
"""

from gatebook.sandbox.warehouse.arrow import arrow_schema
from gatebook.sandbox.warehouse.files import Files
from gatebook.sandbox.warehouse.job import JobRows
from gatebook.sandbox.warehouse.names import DatasetName, RoutineName, TableName
from gatebook.sandbox.warehouse.requests import (
    ChildOutcome,
    DdlResult,
    DmlStats,
    QueryOutcome,
    QueryRequest,
    Resource,
)
from gatebook.sandbox.warehouse.script.children import OnChild
from gatebook.sandbox.warehouse.state.database import DataDirectoryUnusable
from gatebook.sandbox.warehouse.statements.run import bytes_billed
from gatebook.sandbox.warehouse.warehouse import Warehouse

__all__ = [
    "Warehouse",
    "QueryRequest",
    "QueryOutcome",
    "ChildOutcome",
    "DmlStats",
    "DdlResult",
    "DatasetName",
    "TableName",
    "RoutineName",
    "Resource",
    "Files",
    "DataDirectoryUnusable",
    "JobRows",
    "OnChild",
    "arrow_schema",
    "bytes_billed",
]
