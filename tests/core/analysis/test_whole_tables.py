"""Columns by name where all of a table is read, and what calls without SQL give."""

from gatebook.core.analysis.footprint import EVERYTHING, Footprint, Output, Statement, TableRef
from gatebook.core.analysis.whole_tables import spelled_out, tables_to_know
from gatebook.googlesql.catalog import Column, Table
from gatebook.googlesql.types import INT64, STRING, array_of, struct_of

ORDERS, OLD, NEW = (TableRef("acme", "shop", name) for name in ("orders", "old", "new"))
CONTACT = struct_of([("email", STRING), ("phones", array_of(STRING))])
SCHEMA = Table(
    ("acme", "shop", "orders"),
    (
        Column("id", INT64),
        Column("Contacts", array_of(CONTACT)),
        Column("_PARTITIONTIME", INT64, pseudo=True),
    ),
)
LEAVES = ((ORDERS, "Contacts.email"), (ORDERS, "Contacts.phones"), (ORDERS, "id"))
CONTACTS_TYPE = "ARRAY<STRUCT<email STRING, phones ARRAY<STRING>>>"


def one(statement: Statement, *, moved: bool) -> Statement:
    (found,) = spelled_out(Footprint((statement,)), {ORDERS: SCHEMA}, moved=moved).statements
    return found


def test_all_columns_are_their_leaves() -> None:
    statement = Statement("CREATE_FUNCTION", columns_read=((ORDERS, EVERYTHING), (OLD, EVERYTHING)))
    found = one(statement, moved=False)
    assert found.columns_read == ((OLD, EVERYTHING), *LEAVES)
    assert found.outputs == ()


def test_a_copy_gives_every_column_from_every_source() -> None:
    statement = Statement("COPY", columns_read=((ORDERS, EVERYTHING), (OLD, EVERYTHING)), tables_written=(NEW,))
    found = one(statement, moved=True)
    assert found.columns_read == ((OLD, EVERYTHING), *LEAVES)
    assert found.outputs == (
        Output("id", "INT64", ((ORDERS, "id"),)),
        Output("Contacts", CONTACTS_TYPE, LEAVES[:2]),
        Output("*", "", ((OLD, EVERYTHING),)),
    )


def test_rows_give_the_columns_that_were_selected_in_any_spelling() -> None:
    found = one(Statement("SELECT", columns_read=((ORDERS, "CONTACTS"), (ORDERS, "id"))), moved=True)
    assert found.columns_read == LEAVES
    assert found.outputs == (Output("CONTACTS", CONTACTS_TYPE, LEAVES[:2]), Output("id", "INT64", ((ORDERS, "id"),)))
    nested = one(Statement("SELECT", columns_read=((ORDERS, "contacts.EMAIL"),)), moved=True)
    assert nested.columns_read == ((ORDERS, "Contacts.email"),)
    assert nested.outputs[0].sources == ((ORDERS, "Contacts.email"),)


def test_a_column_that_is_not_there_keeps_its_name() -> None:
    assert one(Statement("SELECT", columns_read=((ORDERS, "nope"),)), moved=True).columns_read == ((ORDERS, "nope"),)


def test_only_what_must_be_known_is_looked_up() -> None:
    footprint = Footprint((Statement("SELECT", columns_read=((ORDERS, "id"), (OLD, EVERYTHING))),))
    assert tables_to_know(footprint, moved=False) == {OLD}
    assert tables_to_know(footprint, moved=True) == {ORDERS, OLD}
