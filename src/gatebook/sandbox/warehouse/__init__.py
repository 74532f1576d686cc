"""State and statements of the embedded BigQuery: catalog, DDL, DML, queries, scripts."""

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
]
