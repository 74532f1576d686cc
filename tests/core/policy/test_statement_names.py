"""Every statement type that a footprint can have is one that a rule can name."""

import re
from pathlib import Path

import pytest

import gatebook.core.analysis
from gatebook.core.analysis.methods import footprint_of_method
from gatebook.core.methods import METHODS, UPLOADS
from gatebook.core.model import Call, Effect, Method, Origin
from gatebook.core.policy.statement_names import OTHER_TYPES, TYPES

RESOURCE = dict.fromkeys(("projectId", "datasetId", "tableId", "jobId", "routineId", "modelId", "policyId"), "x")
NO_SQL = [method for method in (*METHODS, *UPLOADS) if method.effect is not Effect.JOB]


@pytest.mark.parametrize("method", NO_SQL, ids=[method.name for method in NO_SQL])
def test_every_method_amounts_to_a_type_with_a_name(method: Method) -> None:
    call = Call("c", 0, method, RESOURCE, (), {}, {}, Origin("", ""))
    assert {statement.type for statement in footprint_of_method(call).statements} <= TYPES


def test_every_type_that_the_analysis_writes_has_a_name() -> None:
    folder = Path(str(gatebook.core.analysis.__file__)).parent
    texts = "\n".join(file.read_text() for file in sorted(folder.rglob("*.py")))
    written = set(re.findall(r'(?:Statement|_opaque|_Work)\(\s*"([A-Z_]+)"', texts))
    assert len(written) > 10
    assert written <= TYPES


def test_no_type_is_named_twice() -> None:
    assert OTHER_TYPES <= TYPES
