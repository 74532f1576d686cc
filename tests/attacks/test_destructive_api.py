"""Ways around a rule on statements through the REST API: each is seen as what it does, and its neighbours are not."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from gatebook.core.analysis.footprint import Footprint
from gatebook.core.methods import METHODS, UPLOADS
from gatebook.core.model import Call, Origin
from gatebook.errors import Reason, Refused
from gatebook.outbound.offline import OfflineAnalyst

CASES = yaml.safe_load(Path(__file__).with_name("destructive_api.yaml").read_text())
ATTACKS = [case for case in CASES if "does" in case]
NEIGHBOURS = [case for case in CASES if "harmless" in case]
BY_NAME = {method.name.removeprefix("bigquery."): method for method in (*METHODS, *UPLOADS)}
# What no neighbour may show: whatever takes away, loosens, hides or carries out.
ALARMING = ("DROP_", "TRUNCATE", "DELETE", "GRANT", "EXPORT", "ROW_ACCESS")


def call(case: dict[str, Any]) -> Call:
    named = {"projectId": "acme", "datasetId": "shop", **case.get("path", {})}
    resource = {name: value for name, value in named.items() if value is not None}
    parameters = tuple(case.get("parameters", {}).items())
    return Call("c", 0, BY_NAME[case["method"]], resource, parameters, {}, case.get("document"), Origin("", ""))


def understand(case: dict[str, Any]) -> Footprint:
    reference = {"tableReference": {"projectId": "acme", "datasetId": "shop", "tableId": "orders"}}
    current = case.get("current", {"schema": {"fields": [{"name": "id", "type": "INT64"}]}})
    return OfflineAnalyst([{**reference, **current}]).understand(call(case))


def seen(footprint: Footprint) -> set[str]:
    found = set(footprint.statement_types) | {item.reason for item in footprint.opaque}
    for statement in footprint.statements:
        found |= {str(trait) for trait in statement.traits}
        found |= {f"{item.kind} {item.name}" for item in (*statement.resources_read, *statement.resources_written)}
    return found


@pytest.mark.parametrize("case", ATTACKS, ids=lambda case: case["does"])
def test_what_a_call_does_is_seen(case: dict[str, Any]) -> None:
    if case["seen"] == ["refused"]:
        with pytest.raises(Refused) as caught:
            understand(case)
        assert caught.value.reason in (Reason.BODY_MALFORMED, Reason.PARAMETER_UNKNOWN, Reason.SQL_INVALID)
    else:
        assert set(case["seen"]) <= seen(understand(case))


@pytest.mark.parametrize("case", NEIGHBOURS, ids=lambda case: case["harmless"])
def test_what_a_call_does_not_do_is_not_seen(case: dict[str, Any]) -> None:
    footprint = understand(case)
    assert not footprint.opaque
    assert not [kind for kind in footprint.statement_types if any(word in kind for word in ALARMING)]
    assert not [trait for statement in footprint.statements for trait in statement.traits]


def test_the_set_is_large_enough_to_mean_something() -> None:
    assert len(ATTACKS) >= 60
    assert len(NEIGHBOURS) >= 12


@pytest.mark.parametrize(
    ("sql", "method", "document"),
    [
        ("DROP SCHEMA shop", "datasets.delete", None),
        ("ALTER SCHEMA shop SET OPTIONS (max_time_travel_hours = 48)", "datasets.patch", {"maxTimeTravelHours": "48"}),
        ("GRANT `roles/bigquery.dataViewer` ON SCHEMA shop TO 'user:a@b.c'", "datasets.patch", {"access": []}),
    ],
)
def test_a_call_on_a_dataset_writes_what_its_sql_does(sql: str, method: str, document: dict[str, Any] | None) -> None:
    """A rule on `acme.shop.*` must be about both, or the one is a way around it."""
    asked = {"query": sql, "useLegacySql": False}
    (by_sql,) = understand({"method": "jobs.query", "document": asked}).statements
    (by_call,) = understand({"method": method, "document": document}).statements
    assert by_call.tables_written == by_sql.tables_written
    assert by_call.resources_written == by_sql.resources_written
    assert set(by_call.traits) == set(by_sql.traits)
