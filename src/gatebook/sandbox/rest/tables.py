"""The methods of tables."""

from gatebook.sandbox.rest.call import Call
from gatebook.sandbox.rest.jobs.resource import etag
from gatebook.sandbox.rest.paging import page
from gatebook.sandbox.rest.services import Services
from gatebook.sandbox.warehouse import Resource

_LISTED = (
    "kind", "id", "tableReference", "type", "friendlyName", "labels", "creationTime", "expirationTime",
    "timePartitioning", "rangePartitioning", "clustering", "view", "requirePartitionFilter",
)  # fmt: skip
_PAGE = 10_000


def list_tables(services: Services, call: Call) -> Resource:
    """tables.list: a short form of each table."""
    found = services.warehouse.list_tables(call.dataset)
    items, token = page(found, call.text("pageToken"), call.integer("maxResults"), _PAGE)
    listed = [{key: table[key] for key in _LISTED if key in table} for table in items]
    reply: Resource = {"kind": "bigquery#tableList", "etag": etag(listed), "totalItems": len(found)}
    reply |= {"tables": listed} if listed else {}
    return reply | ({"nextPageToken": token} if token else {})


def get_table(services: Services, call: Call) -> Resource:
    """tables.get; `selectedFields` narrows the schema."""
    table = services.warehouse.get_table(call.table)
    selected = {name.split(".")[0].lower() for name in call.texts("selectedFields")}
    if selected and "schema" in table:
        fields = [field for field in table["schema"]["fields"] if field["name"].lower() in selected]
        return {**table, "schema": {"fields": fields}}
    return table


def insert_table(services: Services, call: Call) -> Resource:
    """tables.insert."""
    reference = {**call.dataset.rest(), **call.body.get("tableReference", {})}
    return services.warehouse.insert_table({**call.body, "tableReference": reference})


def patch_table(services: Services, call: Call) -> Resource:
    """tables.patch: only the given fields change."""
    return services.warehouse.patch_table(call.table, call.body, call.if_match)


def update_table(services: Services, call: Call) -> Resource:
    """tables.update: every writable field is replaced."""
    return services.warehouse.update_table(call.table, call.body, call.if_match)


def delete_table(services: Services, call: Call) -> None:
    """tables.delete."""
    services.warehouse.delete_table(call.table)


def list_row_access_policies(services: Services, call: Call) -> Resource:
    """rowAccessPolicies.list: those that SQL made."""
    return {"rowAccessPolicies": services.warehouse.row_access_policies(call.table)}
