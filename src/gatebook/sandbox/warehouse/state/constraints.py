"""What a table's rows must obey beyond DuckDB's own constraints, checked after DML wrote them."""

from collections.abc import Iterator

import duckdb

from gatebook.sandbox.errors import invalid_query
from gatebook.sandbox.warehouse.requests import Resource
from gatebook.sandbox.warehouse.state.database import first_row
from gatebook.sandbox.warehouse.state.filling import fields_of
from gatebook.sandbox.warehouse.state.physical import quoted
from gatebook.sandbox.warehouse.state.rows import out_of_range
from gatebook.sandbox.warehouse.state.store import Entry


def check_rows(cursor: duckdb.DuckDBPyConnection, entry: Entry) -> None:
    """400 when a row breaks a rule: arrays hold no NULL, texts keep to STRING(n), numbers to NUMERIC(p, s)."""
    _round(cursor, entry)
    rules = [rule for field in fields_of(entry) for rule in _rules(quoted(field["name"]), field, field["name"], 0)]
    if not rules:
        return
    broken = ", ".join(f"bool_or({condition})" for condition, _ in rules)
    found = first_row(cursor, f"SELECT {broken} FROM {entry.physical}") or ()
    for is_broken, (_, message) in zip(found, rules, strict=True):
        if is_broken:
            raise invalid_query(message)


def _round(cursor: duckdb.DuckDBPyConnection, entry: Entry) -> None:
    """Round the columns of NUMERIC(p, s); DML wrote them as it computed them."""
    for field in fields_of(entry):
        if "precision" in field:
            name, scale = quoted(field["name"]), int(field.get("scale", 0))
            rounded = f"round({name}, {scale})"
            cursor.execute(f"UPDATE {entry.physical} SET {name} = {rounded} WHERE {name} <> {rounded}")


def _rules(value: str, field: Resource, path: str, depth: int) -> Iterator[tuple[str, str]]:
    """Pairs of a DuckDB condition that is true for a bad row, and what to say then."""
    if field["mode"] == "REPEATED":
        item = f"_e{depth}"
        yield (
            f"len(list_filter({value}, lambda {item}: {item} IS NULL)) > 0",
            f"Array cannot have a null element; error in writing field {path}",
        )
        for condition, message in _rules(item, {**field, "mode": "NULLABLE"}, path, depth + 1):
            yield f"len(list_filter({value}, lambda {item}: {condition})) > 0", message
    elif field["type"] == "RECORD":
        for inner in field["fields"]:
            part = f"struct_extract({value}, '{inner['name']}')"
            if inner["mode"] == "REQUIRED":
                yield f"{value} IS NOT NULL AND {part} IS NULL", f"Required field {path}.{inner['name']} cannot be null"
            yield from _rules(part, inner, f"{path}.{inner['name']}", depth)
    elif "maxLength" in field:
        limit = int(field["maxLength"])
        measure = "length" if field["type"] == "STRING" else "octet_length"
        kind = f"{field['type']}({limit})"
        yield f"{measure}({value}) > {limit}", f"Field {path}: {kind} has maximum length {limit} but got a longer value"
    elif "precision" in field:
        whole_digits = int(field["precision"]) - int(field.get("scale", 0))
        yield f"abs({value}) >= {10**whole_digits}", out_of_range(field, path)
