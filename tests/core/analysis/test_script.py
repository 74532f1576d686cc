"""Golden footprints, and that any text gives a footprint or one of the analyzer's own errors."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gatebook.core.analysis.footprint import Footprint, Statement
from gatebook.core.analysis.script import names_used, read_script
from gatebook.googlesql.analyzer import Analyzer
from gatebook.googlesql.catalog import Catalog, Column, Table
from gatebook.googlesql.errors import GoogleSqlError
from gatebook.googlesql.types import INT64, STRING, array_of, struct_of

ADDRESS = struct_of([("zip", STRING), ("city", STRING)])
CONTACTS = array_of(struct_of([("kind", STRING), ("value", STRING)]))
CUSTOMERS = Table(
    ("acme", "shop", "customers"),
    (Column("id", INT64), Column("email", STRING), Column("address", ADDRESS), Column("contacts", CONTACTS)),
)
ORDERS = Table(("acme", "shop", "orders"), (Column("id", INT64), Column("customer_id", INT64), Column("note", STRING)))
CATALOG = Catalog((CUSTOMERS, ORDERS), default_project="acme", default_dataset="shop")
CASES = yaml.safe_load((Path(__file__).parent / "footprints.yaml").read_text())


def read(analyzer: Analyzer, sql: str) -> Footprint:
    names_used(analyzer, sql, "acme", "shop")
    return read_script(analyzer, sql, CATALOG, {"x": INT64})


def shown(statement: Statement) -> dict[str, Any]:
    """Write a statement as the cases do: members without content are left out."""
    members = {
        "type": statement.type,
        "reads": [str(table) for table in statement.tables_read],
        "writes": [str(table) for table in statement.tables_written],
        "columns": [f"{table.table}.{path}" for table, path in statement.columns_read],
        "columns_written": [f"{table.table}.{path}" for table, path in statement.columns_written],
        "routines": list(statement.routines),
        "opaque": [opaque.reason for opaque in statement.opaque],
    }
    return {name: value for name, value in members.items() if value}


@pytest.mark.parametrize("case", CASES, ids=[case["sql"][:60] for case in CASES])
def test_footprint(case: dict[str, Any]) -> None:
    if "error" in case:
        with pytest.raises(GoogleSqlError) as caught:
            read(SHARED, case["sql"])
        assert str(caught.value) == case["error"]
    else:
        assert [shown(statement) for statement in read(SHARED, case["sql"]).statements] == case["statements"]


SHARED = Analyzer()
FRAGMENTS = st.sampled_from(
    "SELECT * , email id FROM customers orders WHERE ( ) ; IF THEN END BEGIN DECLARE x INT64 DEFAULT 1 CREATE TEMP "
    "TABLE t AS DROP SET @@dataset_id = 'a' EXECUTE IMMEDIATE LOOP UNNEST contacts |> WITH UNION ALL -- \n `".split(" ")
)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=80), st.lists(FRAGMENTS, max_size=25).map(" ".join)))
def test_any_text_gives_a_footprint_or_an_analyzer_error(sql: str) -> None:
    with suppress(GoogleSqlError):
        assert isinstance(read(SHARED, sql), Footprint)
