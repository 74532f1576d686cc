"""Views that come as REST resources: their query is analyzed, and their schema is its output."""

from gatebook.googlesql.types import StructField, to_rest_schema
from gatebook.sandbox.errors import invalid, not_implemented
from gatebook.sandbox.warehouse.binding.binder import Binder
from gatebook.sandbox.warehouse.job import Job
from gatebook.sandbox.warehouse.names import TableName
from gatebook.sandbox.warehouse.requests import Resource
from gatebook.sandbox.warehouse.state.store import Change

_KEPT = ("description", "policyTags")


def with_view_schema(job: Job, change: Change, name: TableName, given: Resource) -> Resource:
    """The resource with the schema of its view's query; other resources as they are.

    Descriptions and policy tags of a given schema are kept. 400 when the query is wrong.
    """
    definition = given.get("view") or given.get("materializedView")
    if not definition:
        return given
    if definition.get("useLegacySql") and given.get("view"):
        raise not_implemented("views in legacy SQL")
    if not definition.get("query"):
        raise invalid("Required parameter is missing: query")
    fields = _output(job, change, name, definition["query"])
    stated = {field["name"].lower(): field for field in (given.get("schema") or {}).get("fields", [])}
    for field in fields:
        known = stated.get(field["name"].lower(), {})
        field |= {key: known[key] for key in _KEPT if key in known}
    return {**given, "schema": {"fields": fields}}


def _output(job: Job, change: Change, name: TableName, query: str) -> list[Resource]:
    binder = Binder(job, change, name.project, None, (name,))
    bound = binder.bind(job.services.analysts.single(query), {})
    return to_rest_schema([StructField(column, sql_type) for column, sql_type in bound.analysis.columns])
