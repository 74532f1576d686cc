"""Tables and views as the REST API and DDL see them."""

from gatebook.sandbox.errors import duplicate, invalid, not_implemented
from gatebook.sandbox.warehouse.names import TableName
from gatebook.sandbox.warehouse.requests import Resource
from gatebook.sandbox.warehouse.state import physical, resources, schema
from gatebook.sandbox.warehouse.state.store import Change, Entry

_LISTED = (
    "kind", "id", "tableReference", "friendlyName", "type", "labels", "creationTime", "expirationTime",
    "timePartitioning", "rangePartitioning", "clustering", "view", "materializedView",
)  # fmt: skip


def kind_of(given: Resource) -> str:
    """The resource's `type`, from what its maker gave."""
    if given.get("view"):
        return "VIEW"
    if given.get("materializedView"):
        return "MATERIALIZED_VIEW"
    if given.get("externalDataConfiguration"):
        raise not_implemented("external tables")
    return "SNAPSHOT" if given.get("snapshotDefinition") else "TABLE"


def check_new(change: Change, name: TableName) -> None:
    """404 without its dataset, 409 when something of that name is there, 400 when the name is impossible."""
    resources.check_table_id(name.table)
    if name.parent != change.temporary:
        change.state.dataset(name.parent)
    if name in change.state.tables:
        raise duplicate("Table", str(name))


def insert(change: Change, name: TableName, given: Resource) -> Entry:
    """Create an empty table. Views come with the schema of their query already in `given`."""
    check_new(change, name)
    kind = kind_of(given)
    fields = schema.normalised(given.get("schema", {}).get("fields", []))
    dataset = change.state.datasets.get(name.parent)  # temporary tables have none
    location = dataset.resource["location"] if dataset else resources.LOCATION
    resource = resources.table_resource(name, _with_expiration(dataset, given), kind, location)
    if fields:
        resource["schema"] = {**given["schema"], "fields": [schema.without_empty_tags(f) for f in fields]}
    _check_partitioning(resource)
    if kind in {"VIEW", "MATERIALIZED_VIEW"}:
        return change.put(name, resource)
    rows = change.new_physical(name)
    physical.create(change, rows, resource)
    return change.put(name, resource, rows)


def _with_expiration(dataset: Entry | None, given: Resource) -> Resource:
    default = dataset.resource.get("defaultTableExpirationMs") if dataset else None
    if default is None or given.get("expirationTime") is not None or given.get("timePartitioning"):
        return given
    return {**given, "expirationTime": str(resources.now_ms() + int(default))}


def _check_partitioning(resource: Resource) -> None:
    names = {field["name"].lower(): field for field in resource.get("schema", {}).get("fields", [])}
    for kind in ("timePartitioning", "rangePartitioning"):
        wanted = resource.get(kind, {}).get("field")
        if wanted and wanted.lower() not in names:
            raise invalid(f"The field specified for partitioning cannot be found in the schema: {wanted}")
    for wanted in resource.get("clustering", {}).get("fields", []):
        if wanted.lower() not in names:
            raise invalid(f"The field specified for clustering cannot be found in the schema: {wanted}")


def patch(change: Change, name: TableName, changes: Resource, etag: str | None = None) -> Entry:
    """Lay changes over a table's resource; a schema may only grow."""
    entry = change.state.table(name)
    resources.check_etag(entry.resource, etag)
    return _put(change, name, entry, resources.patched(entry.resource, changes), changes)


def update(change: Change, name: TableName, wanted: Resource, etag: str | None = None) -> Entry:
    """Replace a table's writable fields; a schema may only grow, and stays when none is given."""
    entry = change.state.table(name)
    resources.check_etag(entry.resource, etag)
    return _put(change, name, entry, resources.replaced(entry.resource, wanted), wanted)


def _put(change: Change, name: TableName, entry: Entry, resource: Resource, given: Resource) -> Entry:
    present = entry.resource.get("schema", {}).get("fields", [])
    wanted = (given.get("schema") or {}).get("fields")
    fields = present if wanted is None else schema.evolved(name, present, wanted)
    if fields:
        resource["schema"] = {"fields": fields}
    _check_partitioning(resource)
    if entry.physical:
        physical.evolve(change, entry.physical, present, fields)
    return change.put(name, resource)


def touch(change: Change, name: TableName) -> None:
    """Note that a table's rows changed."""
    change.put(name, resources.stamped(change.state.table(name).resource))


def delete(change: Change, name: TableName) -> None:
    """Drop a table or view."""
    change.state.table(name)
    change.drop(name)


def listed(resource: Resource) -> Resource:
    """What tables.list tells of a table."""
    return {key: resource[key] for key in _LISTED if key in resource}
