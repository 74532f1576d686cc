"""The analyst without an upstream: schemas from a list of REST resources, the same footprints."""

from typing import Any

import pytest
from test_analyst import query

from gatebook.core.analysis.footprint import TableRef
from gatebook.errors import Reason, Refused
from gatebook.googlesql.errors import CatalogError
from gatebook.outbound.offline import OfflineAnalyst

SHOP = {"projectId": "acme", "datasetId": "shop"}


def table(name: str, *columns: str, **members: Any) -> dict[str, Any]:
    fields = [{"name": column, "type": "STRING"} for column in columns]
    return {"tableReference": {**SHOP, "tableId": name}, "schema": {"fields": fields}, **members}


def function(name: str, body: str) -> dict[str, Any]:
    return {
        "routineReference": {**SHOP, "routineId": name},
        "routineType": "SCALAR_FUNCTION",
        "language": "SQL",
        "arguments": [{"name": "x", "dataType": {"typeKind": "STRING"}}],
        "returnType": {"typeKind": "STRING"},
        "definitionBody": body,
    }


CUSTOMERS = table("customers", "id", "email")


def test_tables_and_routines_are_known_from_the_list() -> None:
    analyst = OfflineAnalyst([CUSTOMERS, function("hide", "LEFT(x, 1)")])
    footprint = analyst.understand(query("SELECT shop.hide(email) FROM shop.customers"))
    assert footprint.columns == ("acme.shop.customers.email",)
    assert footprint.statements[0].routines == ("acme.shop.hide",)
    assert analyst.understand(query("SELECT id FROM shop.customers")).columns == ("acme.shop.customers.id",)


def test_a_wildcard_is_described_by_the_last_table_that_it_matches() -> None:
    analyst = OfflineAnalyst([table("events_20260101", "old"), table("events_20260102", "fresh"), CUSTOMERS])
    footprint = analyst.understand(query("SELECT fresh, _TABLE_SUFFIX FROM `shop.events_*`"))
    assert footprint.tables == (TableRef("acme", "shop", "events_*"),)


def test_what_is_not_in_the_list_is_not_there() -> None:
    with pytest.raises(Refused) as caught:
        OfflineAnalyst([CUSTOMERS]).understand(query("SELECT 1 FROM shop.orders"))
    assert caught.value.reason is Reason.TABLE_NOT_FOUND


@pytest.mark.parametrize(
    ("resources", "said"),
    [
        ([CUSTOMERS, {"schema": {}}], "resource 2: give one of tableReference and routineReference"),
        ([CUSTOMERS, CUSTOMERS], "resource 2: acme.shop.customers is there twice"),
        ([{**CUSTOMERS, "schema": {"fields": [{"name": "a", "type": "X"}]}}], "resource 1: acme.shop.customers: unkn"),
        ([function("f", "x") | {"routineType": "X"}], "resource 1: acme.shop.f: a routine has a routineType"),
    ],
)
def test_a_resource_that_is_not_one_is_named(resources: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(CatalogError, match=said):
        OfflineAnalyst(resources)
