"""Whatever a statement is made to look like: what it reads, destroys or replaces is seen, or it is opaque."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from attacks.attack_catalog import read
from gatebook.core.analysis.footprint import Footprint

HERE = Path(__file__).parent
SENSITIVE = yaml.safe_load((HERE / "sensitive.yaml").read_text())
DESTRUCTIVE = yaml.safe_load((HERE / "destructive_sql.yaml").read_text())


def seen(footprint: Footprint) -> set[str]:
    """The columns that reach outputs or uses of any statement, in short."""
    found = set()
    for statement in footprint.statements:
        uses = statement.uses
        given = [source for output in statement.outputs for source in output.sources]
        given += [*uses.predicate, *uses.join, *uses.group, *uses.order, *uses.window]
        found |= {f"{table}.{path}".removeprefix("acme.shop.") for table, path in given}
    return found


@pytest.mark.parametrize("case", SENSITIVE, ids=[case["sql"] for case in SENSITIVE])
def test_sensitive_columns_are_seen(case: dict[str, Any]) -> None:
    footprint = read(case["sql"])
    if "opaque" in case:
        assert case["opaque"] in [opaque.reason for opaque in footprint.opaque]
    else:
        assert seen(footprint) >= set(case["sees"])


@pytest.mark.parametrize("case", DESTRUCTIVE, ids=[case["sql"] for case in DESTRUCTIVE])
def test_destruction_is_seen(case: dict[str, Any]) -> None:
    footprint = read(case["sql"])
    if "opaque" in case:
        assert case["opaque"] in [opaque.reason for opaque in footprint.opaque]
        return
    found = [
        ({str(table).removeprefix("acme.shop.") for table in statement.tables_written}, set(statement.traits))
        for statement in footprint.statements
        if statement.type == case["type"]
    ]
    written = {case["writes"]} if "writes" in case else set()
    assert any(writes >= written and traits >= set(case.get("traits", ())) for writes, traits in found), found
