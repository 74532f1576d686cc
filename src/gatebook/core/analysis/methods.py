"""Footprints of calls without SQL: each method does the work of a statement on what its path and document name."""

from collections.abc import Callable, Mapping
from functools import partial

from gatebook.core import documents
from gatebook.core.analysis.dataset_document import deleted_dataset, made_dataset
from gatebook.core.analysis.footprint import (
    EVERYTHING,
    Footprint,
    Resource,
    ResourceKind,
    Statement,
    TableRef,
    Trait,
)
from gatebook.core.analysis.routine_document import made_routine
from gatebook.core.analysis.table_document import altered_table, made_table
from gatebook.core.model import Call, Effect, JsonObject
from gatebook.errors import Reason, Refused

_LOOKING = frozenset({Effect.METADATA_READ, Effect.JOB_READ, Effect.ACCESS_READ})
_Read = Callable[[Call, JsonObject | None], tuple[Statement, ...]]


def footprint_of_method(call: Call, current: JsonObject | None = None) -> Footprint:
    """Give the footprint of a call whose document holds no job.

    `current` is the Table resource as it is now, for the methods that change one (`needs_current`); None when upstream
    has none or does not give it, and then everything that the change could lose counts as lost.

    Reading metadata touches no data: the footprint names the table and no columns.
    """
    read = _READERS.get(call.method.name)
    if read is not None:
        return Footprint(read(call, current))
    kind = "METADATA" if call.method.effect in _LOOKING else call.method.effect.value.upper()
    return Footprint((Statement(kind, tables_read=_named_table(call)),))


def needs_current(call: Call) -> TableRef | None:
    """Give the table whose resource tells what the call changes, None when its document alone does."""
    changes = call.method.name in ("bigquery.tables.patch", "bigquery.tables.update")
    return _named_table(call)[0] if changes else None


def _named_table(call: Call) -> tuple[TableRef, ...]:
    project, dataset = call.resource.get("projectId"), call.resource.get("datasetId")
    table = call.resource.get("tableId") or documents.text(call.document, "tableReference", "tableId")
    if project is None or dataset is None or table is None:
        return ()
    # insertAll with a templateSuffix writes to another table, made after the one in the path.
    suffix = documents.text(call.document, "templateSuffix") or ""
    return (TableRef(project, dataset, table.partition("$")[0].partition("@")[0] + suffix),)


def _list_rows(call: Call, _: JsonObject | None) -> tuple[Statement, ...]:
    tables = _named_table(call)
    columns = tuple((table, name) for table in tables for name in _selected(call))
    return (Statement("SELECT", tables_read=tables, columns_read=columns),)


def _selected(call: Call) -> tuple[str, ...]:
    """Give the columns that tabledata.list selects; `*` stands for all when it names none."""
    chosen = call.parameter("selectedFields")
    if not chosen:
        return (EVERYTHING,)
    names = set(chosen.split(","))
    if any(name != name.strip() or not all(name.split(".")) for name in names):
        # Upstream may read ` email` as email, and `address.` as address; a rule that names the column would not.
        raise Refused(Reason.PARAMETER_UNKNOWN, "selectedFields: give names of columns, joined by single commas.")
    return tuple(sorted(names))


def _insert_rows(call: Call, _: JsonObject | None) -> tuple[Statement, ...]:
    tables = _named_table(call)
    return (Statement("INSERT", tables_written=tables, columns_written=tuple((t, EVERYTHING) for t in tables)),)


def _on_table(kind: str, call: Call, _: JsonObject | None) -> tuple[Statement, ...]:
    return (Statement(kind, tables_written=_named_table(call)),)


def _on_access(kind: str, call: Call, _: JsonObject | None) -> tuple[Statement, ...]:
    """Who may reach a table's rows, or the table or routine itself."""
    routines = [call.resource["routineId"]] if "routineId" in call.resource else []
    policies = [f"{call.resource['tableId']}.{policy_id}" for policy_id in _row_policies(call)]
    named = ((ResourceKind.ROUTINE, routines), (ResourceKind.ROW_ACCESS_POLICY, policies))
    return (
        Statement(
            kind,
            tables_written=_named_table(call),
            resources_written=tuple(Resource(of, _in_dataset(call, name)) for of, names in named for name in names),
            traits=(Trait.CHANGES_SHARING,),
        ),
    )


def _row_policies(call: Call) -> list[str]:
    if "policyId" in call.resource:
        return [call.resource["policyId"]]
    one = documents.text(call.document, "rowAccessPolicyReference", "policyId")
    many = documents.items(call.document, "policyIds")
    return [policy_id for policy_id in (one, *many) if isinstance(policy_id, str)]


def _on_model(kind: str, call: Call, _: JsonObject | None) -> tuple[Statement, ...]:
    expires = documents.member(call.document, "expirationTime") is not None
    model = Resource(ResourceKind.MODEL, _in_dataset(call, call.resource["modelId"]))
    return (Statement(kind, resources_written=(model,), traits=(Trait.EXPIRES,) if expires else ()),)


def _drop_routine(call: Call, _: JsonObject | None) -> tuple[Statement, ...]:
    # The path does not tell a function from a procedure.
    routine = Resource(ResourceKind.ROUTINE, _in_dataset(call, call.resource["routineId"]))
    return (Statement("DROP_FUNCTION", resources_written=(routine,)),)


def _upload(_: Call, __: JsonObject | None) -> tuple[Statement, ...]:
    # A piece of a file: the call that began the upload named the table.
    return (Statement("LOAD_DATA"),)


def _in_dataset(call: Call, name: str) -> str:
    return f"{call.resource['projectId']}.{call.resource['datasetId']}.{name}"


_READERS: Mapping[str, _Read] = {
    "bigquery.tabledata.list": _list_rows,
    "bigquery.tabledata.insertAll": _insert_rows,
    "bigquery.jobs.insert.continue": _upload,
    "bigquery.tables.insert": made_table,
    "bigquery.tables.patch": altered_table,
    "bigquery.tables.update": altered_table,
    "bigquery.tables.delete": partial(_on_table, "DROP_TABLE"),
    "bigquery.tables.setIamPolicy": partial(_on_access, "GRANT"),
    "bigquery.datasets.insert": partial(made_dataset, "CREATE_SCHEMA"),
    "bigquery.datasets.patch": partial(made_dataset, "ALTER_SCHEMA"),
    "bigquery.datasets.update": partial(made_dataset, "ALTER_SCHEMA"),
    "bigquery.datasets.undelete": partial(made_dataset, "UNDROP_SCHEMA"),
    "bigquery.datasets.delete": deleted_dataset,
    "bigquery.routines.insert": made_routine,
    "bigquery.routines.update": made_routine,
    "bigquery.routines.delete": _drop_routine,
    "bigquery.routines.setIamPolicy": partial(_on_access, "GRANT"),
    "bigquery.models.patch": partial(_on_model, "ALTER_MODEL"),
    "bigquery.models.delete": partial(_on_model, "DROP_MODEL"),
    "bigquery.rowAccessPolicies.insert": partial(_on_access, "CREATE_ROW_ACCESS_POLICY"),
    "bigquery.rowAccessPolicies.update": partial(_on_access, "ALTER_ROW_ACCESS_POLICY"),
    "bigquery.rowAccessPolicies.delete": partial(_on_access, "DROP_ROW_ACCESS_POLICY"),
    "bigquery.rowAccessPolicies.batchDelete": partial(_on_access, "DROP_ROW_ACCESS_POLICY"),
}
