"""One analyzer for all tests: starting one costs a tenth of a second, compiling it half a minute."""

import pytest

from gatebook.googlesql.analyzer import Analyzer
from gatebook.googlesql.catalog import Catalog, Column, Routine, Table
from gatebook.googlesql.types import FLOAT64, INT64, STRING, TIMESTAMP, array_of, struct_of

ITEMS = array_of(struct_of([("sku", STRING), ("count", INT64)]))

SHOP = Catalog(
    tables=(
        Table(
            ("acme", "shop", "customers"),
            (
                Column("id", INT64),
                Column("email", STRING),
                Column("tags", array_of(STRING)),
                Column("address", struct_of([("city", STRING), ("zip", STRING)])),
                Column("_PARTITIONTIME", TIMESTAMP, pseudo=True),
            ),
        ),
        Table(("acme", "shop", "orders"), (Column("id", INT64), Column("customer_id", INT64), Column("items", ITEMS))),
        Table(("acme", "shop", "events_*"), (Column("id", INT64), Column("_TABLE_SUFFIX", STRING, pseudo=True))),
        Table(("acme", "shop", "vectors"), (Column("v", array_of(FLOAT64)),)),
        Table(("acme", "shop", "v"), (Column("x", INT64),)),
        Table(("acme", "net", "hosts"), (Column("ip", STRING),)),
        Table(("other", "shop", "customers"), (Column("code", INT64),)),
        Table(("example.com:legacy", "shop", "users"), (Column("id", INT64),)),
        Table(("acme", "shop", "INFORMATION_SCHEMA", "TABLES"), (Column("table_name", STRING),)),
        Table(("acme", "region-us", "INFORMATION_SCHEMA", "JOBS"), (Column("job_id", STRING),)),
        Table(("recent",), (Column("id", INT64),)),
    ),
    routines=(
        Routine(("acme", "shop", "plus"), "scalar", arguments=(("x", INT64),), body="x + 1"),
        Routine(("acme", "shop", "wrap"), "scalar", arguments=(("x", None),), body="[x]"),
        Routine(("acme", "shop", "clean"), "scalar", "JS", (("x", STRING),), STRING, body="return x"),
        Routine(("acme", "shop", "twice"), "aggregate", arguments=(("x", FLOAT64),), body="SUM(x) * 2"),
        Routine(
            ("acme", "shop", "numbered"),
            "table",
            arguments=(("n", INT64),),
            body="SELECT id, n FROM acme.shop.customers",
        ),
        Routine(
            ("acme", "shop", "listed"), "table", arguments=(("n", INT64),), return_columns=(Column("name", STRING),)
        ),
        Routine(
            ("acme", "shop", "refresh"),
            "procedure",
            arguments=(("n", INT64), ("result", STRING)),
            modes=("IN", "OUT"),
        ),
        Routine(("local",), "scalar", arguments=(("x", INT64),), return_type=INT64, body="x + 1"),
    ),
    constants=(("total", INT64), ("line", struct_of([("a", INT64)])), ("answer", STRING)),
    models=(("acme", "shop", "m"),),
    connections=(("acme", "us", "c"),),
    default_project="acme",
    default_dataset="shop",
)


@pytest.fixture(scope="session")
def analyzer() -> Analyzer:
    return Analyzer()


@pytest.fixture(scope="session")
def shop() -> Catalog:
    return SHOP
