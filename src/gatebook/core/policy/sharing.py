"""Whether a Call changes who may reach data, by its statements, its method or its document."""

from gatebook.core import documents
from gatebook.core.analysis.footprint import Footprint, Statement, Trait
from gatebook.core.model import Call, Effect

ACCESS_STATEMENTS = frozenset(
    {
        "GRANT",
        "REVOKE",
        "CREATE_ROW_ACCESS_POLICY",
        "ALTER_ROW_ACCESS_POLICY",
        "DROP_ROW_ACCESS_POLICY",
        "DROP_ALL_ROW_ACCESS_POLICIES",
        "ALTER_ALL_ROW_ACCESS_POLICIES",
        "CREATE_DATA_POLICY",
        "ALTER_DATA_POLICY",
        "DROP_DATA_POLICY",
    }
)
_DATASET_METHODS = frozenset({"bigquery.datasets.insert", "bigquery.datasets.patch", "bigquery.datasets.update"})


def changes_access(call: Call, footprint: Footprint) -> str | None:
    """Say what in a Call changes access, None when nothing does."""
    granting = sorted({s.type for s in footprint.statements if _grants(s)})
    if granting:
        return ", ".join(granting)
    if call.method.effect is Effect.ACCESS_WRITE:
        return call.method.name
    return f"{call.method.name} with `access`" if shares_dataset(call) else None


def shares_dataset(call: Call) -> bool:
    """A dataset's list of who may read and write it is a member of its resource."""
    return call.method.name in _DATASET_METHODS and documents.member(call.document, "access") is not None


def _grants(statement: Statement) -> bool:
    return statement.type in ACCESS_STATEMENTS or Trait.CHANGES_SHARING in statement.traits
