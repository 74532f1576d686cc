"""Calls without SQL: the statements that each amounts to, for every method of the closed surface."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from gatebook.core.analysis.document_shapes import check_document
from gatebook.core.analysis.footprint import Footprint, Statement
from gatebook.core.analysis.job_document import QueryAsk, read_job
from gatebook.core.analysis.methods import footprint_of_method
from gatebook.core.methods import METHODS, UPLOADS
from gatebook.core.model import Call, Effect, Method, Origin

CASES = yaml.safe_load(Path(__file__).with_name("calls.yaml").read_text())
BY_NAME = {method.name: method for method in (*METHODS, *UPLOADS)}
LOOKING = {Effect.METADATA_READ, Effect.JOB_READ, Effect.ACCESS_READ}


def call(method: Method, case: dict[str, Any]) -> Call:
    named = {"projectId": "acme", "datasetId": "shop", **case.get("path", {})}
    resource = {name: value for name, value in named.items() if value is not None}
    parameters = tuple(case.get("parameters", {}).items())
    return Call("c", 0, method, resource, parameters, {}, case.get("document"), Origin("127.0.0.1", "t"))


def read(case: dict[str, Any]) -> Footprint:
    asked = call(BY_NAME[f"bigquery.{case['method']}"], case)
    check_document(asked)
    if asked.method.effect is Effect.JOB:
        statements = read_job(asked)
        assert not isinstance(statements, QueryAsk)
        return Footprint(statements)
    return footprint_of_method(asked, case.get("current"))


def shown(statement: Statement) -> dict[str, Any]:
    facts = {
        "type": statement.type,
        **{name: [str(table) for table in getattr(statement, name)] for name in ("tables_read", "tables_written")},
        **{
            name: [f"{table}.{path}" for table, path in getattr(statement, name)]
            for name in ("columns_read", "columns_written")
        },
        **{
            name: [f"{item.kind} {item.name}" for item in getattr(statement, name)]
            for name in ("resources_read", "resources_written")
        },
        "traits": [str(trait) for trait in statement.traits],
        "opaque": [item.reason for item in statement.opaque],
    }
    return {name: value for name, value in facts.items() if value}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["method"])
def test_a_call_is_the_statements_that_it_amounts_to(case: dict[str, Any]) -> None:
    assert [shown(statement) for statement in read(case).statements] == case["statements"]


@pytest.mark.parametrize("method", [m for m in BY_NAME.values() if m.effect not in LOOKING], ids=lambda m: m.name)
def test_every_method_that_does_something_has_a_case_above(method: Method) -> None:
    sql_only = {"bigquery.jobs.query"}
    assert method.name.removeprefix("bigquery.") in {case["method"] for case in CASES} or method.name in sql_only


@pytest.mark.parametrize("method", [m for m in BY_NAME.values() if m.effect in LOOKING], ids=lambda m: m.name)
def test_looking_touches_no_data(method: Method) -> None:
    everything = {"tableId": "t", "routineId": "r", "modelId": "m", "policyId": "p", "jobId": "j"}
    (statement,) = footprint_of_method(call(method, {"path": everything, "document": {}})).statements
    assert statement.type == "METADATA"
    assert not any((statement.columns_read, statement.tables_written, statement.resources_written))


@pytest.mark.parametrize("method", [m for m in BY_NAME.values() if m.effect is not Effect.JOB], ids=lambda m: m.name)
def test_no_method_is_without_a_footprint(method: Method) -> None:
    everything = {"tableId": "t", "routineId": "r", "modelId": "m", "policyId": "p", "jobId": "j"}
    assert footprint_of_method(call(method, {"path": everything, "document": {}})).statements
