"""The tables, views and routines of the cases in this folder and of the golden footprints, as REST resources."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from gatebook.core.analysis.footprint import Footprint, Statement
from gatebook.core.model import Body, Call, Effect, Method, Origin
from gatebook.outbound.offline import OfflineAnalyst

_QUERY = Method("bigquery.jobs.query", "POST", "/bigquery/v2/projects/{projectId}/queries", Effect.JOB, Body.JSON)
_DEFAULT = {"projectId": "acme", "datasetId": "shop"}
_SHORT = "acme.shop."


@cache
def analyst() -> OfflineAnalyst:
    """One analyst for all cases: it takes a moment to start."""
    return OfflineAnalyst(json.loads((Path(__file__).parent / "catalog.json").read_text()))


def read(sql: str) -> Footprint:
    """Understand a query with `shop` as its default dataset. Raises Refused."""
    document: dict[str, Any] = {"query": sql, "useLegacySql": False, "defaultDataset": _DEFAULT}
    call = Call("0" * 32, 0, _QUERY, {"projectId": "acme"}, (), {}, document, Origin("127.0.0.1", "test"))
    return analyst().understand(call)


def shown(statement: Statement) -> dict[str, Any]:
    """Write a statement as the cases do: members without content are left out, names in `acme.shop` are short."""
    uses = statement.uses
    members: dict[str, Any] = {
        "type": statement.type,
        "reads": _text(statement.tables_read),
        "writes": _text(statement.tables_written),
        "outputs": [f"{o.name} < {_columns(o.sources)}".rstrip() for o in statement.outputs],
        "columns": _columns(statement.columns_read),
        "columns_written": _columns(statement.columns_written),
        **{use: _columns(getattr(uses, use)) for use in ("predicate", "join", "group", "order", "window")},
        "resources_read": [f"{item.kind} {item.name}" for item in statement.resources_read],
        "resources_written": [f"{item.kind} {item.name}" for item in statement.resources_written],
        "traits": _text(statement.traits),
        "opaque": _text([item.reason for item in statement.opaque]),
    }
    return {name: value for name, value in members.items() if value}


def _columns(sources: Any) -> str:
    return " ".join(f"{table}.{path}".removeprefix(_SHORT) for table, path in sources)


def _text(items: Any) -> str:
    return " ".join(str(item).removeprefix(_SHORT) for item in items)
