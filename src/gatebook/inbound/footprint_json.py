"""A Footprint as JSON, as docs/book.md describes it."""

from dataclasses import asdict

from gatebook.core.analysis.footprint import Footprint, Output, Resource, Source, Statement, Uses
from gatebook.core.model import JsonObject


def footprint_json(footprint: Footprint) -> JsonObject:
    """Give everything that a footprint says."""
    return {
        "statement_types": list(footprint.statement_types),
        "tables": [str(table) for table in footprint.tables],
        "columns": list(footprint.columns),
        "statements": [_statement(statement) for statement in footprint.statements],
    }


def column_names(sources: tuple[Source, ...]) -> list[str]:
    """Give columns as `project.dataset.table.column.path`."""
    return [f"{table}.{path}" for table, path in sources]


def uses_json(uses: Uses) -> JsonObject:
    """Give the columns that decide, by how."""
    return {
        "predicate": column_names(uses.predicate),
        "join": column_names(uses.join),
        "group": column_names(uses.group),
        "order": column_names(uses.order),
        "window": column_names(uses.window),
    }


def output_json(output: Output) -> JsonObject:
    """Give a column with what it derives from."""
    return {"name": output.name, "type": output.type, "sources": column_names(output.sources)}


def _statement(statement: Statement) -> JsonObject:
    return {
        "type": statement.type,
        "tables_read": [str(table) for table in statement.tables_read],
        "tables_written": [str(table) for table in statement.tables_written],
        "columns_read": _columns(statement.columns_read),
        "columns_written": _columns(statement.columns_written),
        "outputs": [output_json(output) for output in statement.outputs],
        "uses": uses_json(statement.uses),
        "resources_read": resources_json(statement.resources_read),
        "resources_written": resources_json(statement.resources_written),
        "traits": [str(trait) for trait in statement.traits],
        "opaque": [asdict(item) for item in statement.opaque],
    }


def _columns(columns: tuple[Source, ...]) -> list[JsonObject]:
    return [{"table": str(table), "column": path} for table, path in columns]


def resources_json(resources: tuple[Resource, ...]) -> list[JsonObject]:
    """Give resources as objects of kind and name."""
    return [{"kind": str(resource.kind), "name": resource.name} for resource in resources]
