"""Statements that read without seeming to: whatever upstream would read must be in the footprint."""

import pytest

from gatebook.core.analysis.footprint import Footprint
from gatebook.core.analysis.script import names_used, read_script
from gatebook.googlesql.analyzer import Analyzer
from gatebook.googlesql.catalog import Catalog, Column, Table
from gatebook.googlesql.errors import SqlError
from gatebook.googlesql.types import INT64, STRING, array_of, struct_of

CONTACTS = array_of(struct_of([("kind", STRING), ("value", STRING)]))
CUSTOMERS = Table(
    ("acme", "shop", "customers"), (Column("id", INT64), Column("email", STRING), Column("contacts", CONTACTS))
)
ORDERS = Table(("acme", "shop", "orders"), (Column("id", INT64), Column("note", STRING)))
SECRET = Table(("acme", "_anon", "secret"), (Column("email", STRING),))
TABLES = (CUSTOMERS, ORDERS, SECRET)
ANALYZER = Analyzer()


def read(sql: str) -> Footprint:
    known = {str(ref) for ref in names_used(ANALYZER, sql, "acme", "shop").tables}
    tables = tuple(table for table in TABLES if ".".join(table.path) in known)
    return read_script(ANALYZER, sql, Catalog(tables, default_project="acme", default_dataset="shop"), {})


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT ARRAY(SELECT email FROM customers)",
        "SELECT (SELECT email FROM customers LIMIT 1)",
        "SELECT 'x' IN (SELECT email FROM customers)",
        "SELECT 'x' LIKE ANY (SELECT email FROM customers)",
        "INSERT INTO orders (note) VALUES ((SELECT email FROM customers LIMIT 1))",
        "DECLARE x STRING DEFAULT (SELECT email FROM customers LIMIT 1)",
        "SELECT id FROM orders WHERE note = (SELECT email FROM customers LIMIT 1)",
        "SELECT * FROM UNNEST(ARRAY(SELECT email FROM customers))",
        "SELECT (SELECT AS STRUCT id, email FROM customers LIMIT 1)",
    ],
)
def test_what_a_subquery_gives_is_read(sql: str) -> None:
    assert "acme.shop.customers.email" in read(sql).columns


def test_what_an_unnested_subquery_gives_is_read() -> None:
    sql = "SELECT value FROM UNNEST((SELECT contacts FROM customers LIMIT 1))"
    assert read(sql).columns == ("acme.shop.customers.contacts.kind", "acme.shop.customers.contacts.value")


def test_exists_reads_no_column() -> None:
    assert read("SELECT EXISTS(SELECT email FROM customers)").columns == ()


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TEMP FUNCTION f(x ANY TYPE) AS ((SELECT MAX(email) FROM _anon.secret)); SELECT f(1)",
        "CREATE FUNCTION shop.f(x ANY TYPE) AS ((SELECT MAX(email) FROM _anon.secret))",
        "CREATE TABLE FUNCTION shop.f(x ANY TYPE) AS (SELECT email FROM _anon.secret)",
        "CREATE TABLE FUNCTION shop.f(t ANY TABLE) AS (SELECT email FROM `acme._anon.secret`)",
        "CREATE PROCEDURE shop.p() BEGIN SELECT email FROM _anon.secret; END",
        "EXECUTE IMMEDIATE 'CREATE TEMP FUNCTION f(x ANY TYPE) AS ((SELECT MAX(email) FROM _anon.secret))'",
        "IF TRUE THEN CREATE TEMP FUNCTION f(x ANY TYPE) AS ((SELECT MAX(email) FROM _anon.secret)); END IF",
        "CREATE TABLE y COPY _anon.secret",
        "CREATE TABLE y CLONE _anon.secret",
        "CREATE SNAPSHOT TABLE y CLONE _anon.secret",
        "CREATE MATERIALIZED VIEW y AS REPLICA OF _anon.secret",
    ],
)
def test_bodies_and_copies_read_whole_tables(sql: str) -> None:
    footprint = read(sql)
    assert "acme._anon.secret" in {str(table) for table in footprint.tables}
    assert "acme._anon.secret.*" in footprint.columns


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE FUNCTION shop.f(x ANY TYPE) AS ((SELECT MAX(email) FROM _anon.later))",
        "CREATE PROCEDURE shop.p() BEGIN SELECT email FROM _anon.later; END",
    ],
)
def test_a_body_may_name_a_table_that_is_not_there_yet(sql: str) -> None:
    assert "acme._anon.later" in {str(table) for table in read(sql).tables}


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE y LIKE customers",
        "ALTER TABLE orders ADD FOREIGN KEY (note) REFERENCES customers(email) NOT ENFORCED",
    ],
)
def test_tables_that_are_only_looked_at_are_named(sql: str) -> None:
    footprint = read(sql)
    assert "acme.shop.customers" in {str(table) for table in footprint.tables}
    assert footprint.columns == ()


@pytest.mark.parametrize(
    "sql",
    [
        "DROP SCHEMA _anon CASCADE",
        "DROP SCHEMA acme._anon",
        "DROP SCHEMA `acme._anon`",
        "ALTER SCHEMA _anon SET OPTIONS(default_table_expiration_days=1)",
        "UNDROP SCHEMA _anon",
        "CREATE SCHEMA _anon",
    ],
)
def test_statements_on_schemas_touch_all_that_is_in_them(sql: str) -> None:
    assert [str(table) for table in read(sql).tables] == ["acme._anon.*"]


@pytest.mark.parametrize(
    "sql",
    [
        "IF FALSE THEN CREATE TEMP TABLE later AS SELECT 1 AS id; END IF; SELECT id FROM later",
        "BEGIN CREATE TEMP TABLE later AS SELECT 1 id; EXCEPTION WHEN ERROR THEN SELECT 1; END; SELECT id FROM later",
        "BEGIN TRANSACTION; CREATE TEMP TABLE later AS SELECT 1 AS id; ROLLBACK TRANSACTION; SELECT id FROM later",
    ],
)
def test_a_name_that_may_fall_back_to_the_default_dataset_is_recorded(sql: str) -> None:
    """The table may be made between the reading and the run."""
    assert "acme.shop.later.id" in read(sql).columns


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TEMP TABLE customers AS SELECT 1 AS id; ALTER TABLE customers RENAME TO x; SELECT * FROM customers",
        "CREATE TEMP TABLE x AS SELECT 1 AS id; ALTER TABLE _SESSION.x RENAME TO y; SELECT * FROM x",
        "BEGIN TRANSACTION; CREATE TEMP TABLE customers AS SELECT 1 id; ROLLBACK TRANSACTION; SELECT * FROM customers",
    ],
)
def test_names_that_change_their_meaning_are_opaque(sql: str) -> None:
    assert [opaque.reason for opaque in read(sql).opaque] == ["uncertain_name"]


def test_dropping_a_table_of_a_dataset_leaves_a_temporary_one_of_its_name() -> None:
    made = "CREATE TEMP TABLE customers AS SELECT 1 AS one;"
    footprint = read(f"{made} DROP TABLE shop.customers; SELECT one FROM customers")
    assert footprint.statements[-1].tables_read == ()


@pytest.mark.parametrize(
    "sql", ["DESCRIBE customers", "SHOW TABLES", "IMPORT MODULE a.b", "CREATE CONSTANT c = 1", "RUN BATCH"]
)
def test_statements_that_bigquery_does_not_have_are_opaque(sql: str) -> None:
    assert [opaque.reason for opaque in read(sql).opaque] == ["statement_type"]


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_legacy_sql_is_refused_whatever_ends_the_lines(end: str) -> None:
    with pytest.raises(SqlError, match="Legacy SQL"):
        read(f"# a comment{end}#legacySQL{end}SELECT 1")
