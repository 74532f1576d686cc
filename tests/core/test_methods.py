"""The method table against Google's discovery document of BigQuery v2 (flat paths, revision 20261009)."""

import re
from pathlib import Path

import pytest

from gatebook.core.methods import METHODS, PARAMETERS, UPLOADS, unknown_method
from gatebook.core.model import Body, Effect, Method
from gatebook.core.resource_names import NAMES

DISCOVERY = Path(__file__).with_name("bigquery_v2_methods.txt")
# The flat paths of the document name variables after their collection.
VARIABLES = {
    "projectsId": "projectId",
    "datasetsId": "datasetId",
    "tablesId": "tableId",
    "jobsId": "jobId",
    "queriesId": "jobId",
    "routinesId": "routineId",
    "modelsId": "modelId",
    "rowAccessPoliciesId": "policyId",
}


def documented() -> set[tuple[str, str, str]]:
    rows = (line.split() for line in DISCOVERY.read_text().splitlines())
    return {(name, verb, re.sub(r"\{(\w+)\}", lambda m: f"{{{VARIABLES[m[1]]}}}", path)) for verb, path, name in rows}


def test_the_table_is_the_discovery_document() -> None:
    assert {(m.name, m.verb, m.template) for m in METHODS} == documented()
    assert len(METHODS) == 47


def test_names_and_routes_are_unique() -> None:
    every = (*METHODS, *UPLOADS)
    assert len({m.name for m in every}) == len(every)
    assert len({(m.verb, m.template) for m in METHODS}) == len(METHODS)


@pytest.mark.parametrize("method", METHODS, ids=lambda m: m.name)
def test_reads_never_carry_a_body_and_never_write(method: Method) -> None:
    if method.verb == "GET":
        assert method.body is Body.NONE
        assert method.effect in {Effect.METADATA_READ, Effect.DATA_READ, Effect.JOB_READ, Effect.ACCESS_READ}
    if method.verb in ("DELETE", "PUT", "PATCH"):
        assert method.effect in {Effect.METADATA_WRITE, Effect.JOB_WRITE, Effect.ACCESS_WRITE}


@pytest.mark.parametrize("method", [m for m in METHODS if re.search("IamPolicy|rowAccessPolicies", m.name)])
def test_access_control_is_told_apart_from_metadata(method: Method) -> None:
    changes = re.search(r"setIamPolicy|insert|update|elete", method.name.rsplit(".", 1)[1])
    assert method.effect is (Effect.ACCESS_WRITE if changes else Effect.ACCESS_READ)


def test_every_template_variable_has_an_alphabet() -> None:
    used = {name for m in (*METHODS, *UPLOADS) for name in re.findall(r"\{(\w+)\}", m.template)}
    assert used == set(NAMES)


def test_unknown_methods_have_no_body_and_no_known_effect() -> None:
    method = unknown_method("GET", "/x")
    assert (method.effect, method.body) == (Effect.UNKNOWN, Body.NONE)
    assert method.name not in {m.name for m in (*METHODS, *UPLOADS)}


def test_no_parameter_carries_a_credential_or_another_name_for_one() -> None:
    assert not PARAMETERS & {"access_token", "oauth_token", "key", "callback", "upload_id", "all_users"}
