"""Datasets as the REST API and DDL see them."""

from gatebook.sandbox.errors import duplicate, in_use
from gatebook.sandbox.warehouse.names import DatasetName
from gatebook.sandbox.warehouse.requests import Resource
from gatebook.sandbox.warehouse.state import resources
from gatebook.sandbox.warehouse.state.store import Change, Entry, Key, State


def listed(state: State, project: str, *, hidden: bool) -> list[Resource]:
    """Resources of a project's datasets, by name; hidden ones start with an underscore."""
    names = sorted(name for name in state.datasets if name.project == project)
    shown = [name for name in names if hidden or not name.dataset.startswith("_")]
    return [state.datasets[name].resource for name in shown]


def insert(change: Change, name: DatasetName, given: Resource) -> Resource:
    """Create a dataset."""
    resources.check_dataset_id(name.dataset)
    if name in change.state.datasets:
        raise duplicate("Dataset", str(name))
    return change.put(name, resources.dataset_resource(name, given)).resource


def patch(change: Change, name: DatasetName, changes: Resource, etag: str | None = None) -> Resource:
    """Lay changes over a dataset's resource."""
    entry = change.state.dataset(name)
    resources.check_etag(entry.resource, etag)
    return change.put(name, resources.patched(entry.resource, changes)).resource


def update(change: Change, name: DatasetName, wanted: Resource, etag: str | None = None) -> Resource:
    """Replace a dataset's writable fields."""
    entry = change.state.dataset(name)
    resources.check_etag(entry.resource, etag)
    return change.put(name, resources.replaced(entry.resource, wanted)).resource


def delete(change: Change, name: DatasetName, *, delete_contents: bool) -> None:
    """Drop a dataset; with its tables and routines only when asked."""
    change.state.dataset(name)
    contents: list[tuple[Key, Entry]] = [*change.state.tables_of(name), *change.state.routines_of(name)]
    if contents and not delete_contents:
        raise in_use(f"Dataset {name} is still in use")
    for inner, _ in contents:
        change.drop(inner)
    change.drop(name)
