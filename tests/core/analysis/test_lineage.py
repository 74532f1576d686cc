"""Golden footprints of every shape of query, view, routine, write and script."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from attacks.attack_catalog import read, shown
from gatebook.errors import Refused

CASES = yaml.safe_load((Path(__file__).parent / "lineage.yaml").read_text())


@pytest.mark.parametrize("case", CASES, ids=[case["sql"] for case in CASES])
def test_lineage(case: dict[str, Any]) -> None:
    if "refused" in case:
        with pytest.raises(Refused) as caught:
            read(case["sql"])
        assert caught.value.message == case["refused"]
    else:
        assert [shown(statement) for statement in read(case["sql"]).statements] == case["statements"]


def test_outputs_have_the_types_of_the_language() -> None:
    (statement,) = read("SELECT id, address, contacts, TO_JSON(tags) AS j FROM customers").statements
    assert [output.type for output in statement.outputs] == [
        "INT64",
        "STRUCT<street STRING, city STRING, zip STRING>",
        "ARRAY<STRUCT<kind STRING, value STRING>>",
        "JSON",
    ]
