"""Routines as the REST API sees them: SQL and JavaScript functions, table functions, procedures."""

from gatebook.sandbox.errors import duplicate, invalid
from gatebook.sandbox.warehouse.names import RoutineName
from gatebook.sandbox.warehouse.requests import Resource
from gatebook.sandbox.warehouse.state import resources
from gatebook.sandbox.warehouse.state.store import Change

_KINDS = ("SCALAR_FUNCTION", "AGGREGATE_FUNCTION", "TABLE_VALUED_FUNCTION", "PROCEDURE")


def insert(change: Change, name: RoutineName, given: Resource) -> Resource:
    """Create a routine."""
    resources.check_routine_id(name.routine)
    change.state.dataset(name.parent)
    if name in change.state.routines:
        raise duplicate("Routine", str(name))
    return put(change, name, given)


def put(change: Change, name: RoutineName, given: Resource) -> Resource:
    """Create or replace a routine."""
    _check(given)
    return change.put(name, resources.routine_resource(name, given)).resource


def update(change: Change, name: RoutineName, wanted: Resource, etag: str | None = None) -> Resource:
    """Replace a routine's writable fields."""
    entry = change.state.routine(name)
    resources.check_etag(entry.resource, etag)
    _check(wanted)
    kept = {key: entry.resource[key] for key in ("routineReference", "creationTime")}
    return change.put(name, resources.stamped({**wanted, **kept})).resource


def _check(given: Resource) -> None:
    if given.get("routineType") not in _KINDS:
        raise invalid(f"Invalid value for routineType: {given.get('routineType')} is not a valid value")
    if not given.get("definitionBody"):
        raise invalid("Required parameter is missing: definitionBody")
