"""The facts of touched columns: no more than a decision needs, and the same object for the same question."""

from gatebook.core.analysis.footprint import EVERYTHING, Footprint, Output, Statement, TableRef, Uses
from gatebook.core.policy.question import NO_TABLES, ColumnFacts, TableFacts
from gatebook.core.policy.touched import TouchedTables

ORDERS, OLD = TableRef("acme", "shop", "orders"), TableRef("acme", "shop", "old")
EMAIL, PHONE, ZIP, NOTE = (ColumnFacts(path) for path in ("contact.Email", "contact.phone", "zip", "note"))
FACTS = TableFacts((EMAIL, PHONE, ZIP, NOTE), {"pii": "yes"})


def touched(*statements: Statement) -> tuple[str, ...]:
    found = TouchedTables(4)(Footprint(statements), {ORDERS: FACTS})
    assert found[ORDERS].labels == {"pii": "yes"}
    return tuple(column.path for column in found[ORDERS].columns)


def test_columns_are_kept_wherever_a_statement_names_them() -> None:
    assert touched(Statement("SELECT", columns_read=((ORDERS, "contact.email"),))) == ("contact.Email",)
    assert touched(Statement("UPDATE", columns_written=((ORDERS, "note"),))) == ("note",)
    assert touched(Statement("SELECT", outputs=(Output("x", "STRING", ((ORDERS, "zip"),)),))) == ("zip",)
    for how in ("predicate", "join", "group", "order", "window"):
        assert touched(Statement("SELECT", uses=Uses(**{how: ((ORDERS, "zip"),)}))) == ("zip",)


def test_a_record_keeps_its_leaves_and_a_whole_table_all_of_them() -> None:
    assert touched(Statement("SELECT", columns_read=((ORDERS, "contact"),))) == ("contact.Email", "contact.phone")
    assert len(touched(Statement("COPY", columns_read=((ORDERS, EVERYTHING),)))) == 4
    assert touched(Statement("SELECT", columns_read=((OLD, EVERYTHING),))) == ()


def test_the_same_question_has_the_same_object() -> None:
    tables = TouchedTables(2)
    footprint = Footprint((Statement("SELECT", columns_read=((ORDERS, "zip"),)),))
    first = tables(footprint, {ORDERS: FACTS})
    assert tables(footprint, {ORDERS: FACTS}) is first
    changed = TableFacts((ZIP,), {})
    assert tables(footprint, {ORDERS: changed})[ORDERS] == changed
    for _ in range(3):
        tables(Footprint((Statement("SELECT", columns_read=((ORDERS, "note"),)),)), {ORDERS: FACTS})
    assert tables(footprint, {ORDERS: changed})[ORDERS] == changed


def test_nothing_known_is_nothing() -> None:
    assert TouchedTables(2)(Footprint(), {}) is NO_TABLES
