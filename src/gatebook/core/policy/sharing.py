"""Whether a Call changes who may reach data, by its statements or its method."""

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


def changes_access(call: Call, footprint: Footprint) -> str | None:
    """Say what in a Call changes access, None when nothing does."""
    granting = sorted({s.type for s in footprint.statements if _grants(s)})
    if granting:
        return ", ".join(granting)
    return call.method.name if call.method.effect is Effect.ACCESS_WRITE else None


def _grants(statement: Statement) -> bool:
    return statement.type in ACCESS_STATEMENTS or Trait.CHANGES_SHARING in statement.traits
