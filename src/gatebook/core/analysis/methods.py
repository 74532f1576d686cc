"""Footprints of calls without SQL: each method does the work of a statement on what its path names."""

from dataclasses import dataclass

from gatebook.core import documents
from gatebook.core.analysis.footprint import EVERYTHING, Footprint, Statement, TableRef
from gatebook.core.model import Call, Effect


@dataclass(frozen=True, slots=True)
class _Work:
    """The statement type that a method amounts to, and whether it reads or writes the table that its path names."""

    type: str
    reads: bool = False
    writes: bool = False


_WORK = {
    "bigquery.tabledata.list": _Work("SELECT", reads=True),
    "bigquery.tabledata.insertAll": _Work("INSERT", writes=True),
    "bigquery.jobs.insert.continue": _Work("LOAD_DATA"),
    "bigquery.tables.insert": _Work("CREATE_TABLE", writes=True),
    "bigquery.tables.patch": _Work("ALTER_TABLE", writes=True),
    "bigquery.tables.update": _Work("ALTER_TABLE", writes=True),
    "bigquery.tables.delete": _Work("DROP_TABLE", writes=True),
    "bigquery.datasets.insert": _Work("CREATE_SCHEMA"),
    "bigquery.datasets.patch": _Work("ALTER_SCHEMA"),
    "bigquery.datasets.update": _Work("ALTER_SCHEMA"),
    "bigquery.datasets.undelete": _Work("UNDROP_SCHEMA"),
    "bigquery.datasets.delete": _Work("DROP_SCHEMA"),
    "bigquery.routines.insert": _Work("CREATE_FUNCTION"),
    "bigquery.routines.update": _Work("ALTER_FUNCTION"),
    "bigquery.routines.delete": _Work("DROP_FUNCTION"),
    "bigquery.models.patch": _Work("ALTER_MODEL"),
    "bigquery.models.delete": _Work("DROP_MODEL"),
    "bigquery.rowAccessPolicies.insert": _Work("CREATE_ROW_ACCESS_POLICY", writes=True),
    "bigquery.rowAccessPolicies.update": _Work("ALTER_ROW_ACCESS_POLICY", writes=True),
    "bigquery.rowAccessPolicies.delete": _Work("DROP_ROW_ACCESS_POLICY", writes=True),
    "bigquery.rowAccessPolicies.batchDelete": _Work("DROP_ROW_ACCESS_POLICY", writes=True),
}
_LOOKING = frozenset({Effect.METADATA_READ, Effect.JOB_READ, Effect.ACCESS_READ})


def footprint_of_method(call: Call) -> Footprint:
    """Give the footprint of a call whose document holds no job.

    Reading metadata touches no data: the footprint names the table and no columns.
    """
    work = _WORK.get(call.method.name)
    table = _named_table(call)
    tables = () if table is None else (table,)
    if work is None:
        kind = "METADATA" if call.method.effect in _LOOKING else call.method.effect.value.upper()
        return Footprint((Statement(kind, tables_read=tables),))
    read, written = tables if work.reads else (), tables if work.writes else ()
    columns = tuple((table, name) for name in _selected(call)) if table and work.reads else ()
    return Footprint((Statement(work.type, tables_read=read, tables_written=written, columns_read=columns),))


def _named_table(call: Call) -> TableRef | None:
    project, dataset = call.resource.get("projectId"), call.resource.get("datasetId")
    table = call.resource.get("tableId") or documents.text(call.document, "tableReference", "tableId")
    if project is None or dataset is None or table is None:
        return None
    # insertAll with a templateSuffix writes to another table, made after the one in the path.
    suffix = documents.text(call.document, "templateSuffix") or ""
    return TableRef(project, dataset, table.partition("$")[0].partition("@")[0] + suffix)


def _selected(call: Call) -> tuple[str, ...]:
    """Give the columns that tabledata.list selects; `*` stands for all when it names none."""
    chosen = call.parameter("selectedFields")
    return tuple(sorted(set(chosen.split(",")))) if chosen else (EVERYTHING,)
