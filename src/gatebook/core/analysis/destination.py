"""Where a job writes its rows, and what happens to the rows that are there already."""

from collections.abc import Iterator
from dataclasses import dataclass

from gatebook.core import documents
from gatebook.core.analysis.document_shapes import check_names
from gatebook.core.analysis.footprint import EVERYTHING, Statement, TableRef, Trait
from gatebook.core.model import JsonObject
from gatebook.errors import Reason, Refused

# Dispositions that leave what is there. Every other word, also one that BigQuery may learn, counts as emptying it.
_KEEPING = (None, "", "WRITE_APPEND", "WRITE_EMPTY")
_EXPIRIES = (
    ("timePartitioning", "expirationMs"),
    ("destinationExpirationTime",),
    ("destinationTableProperties", "expirationTime"),
)


@dataclass(frozen=True, slots=True)
class Destination:
    """The table that a job writes."""

    table: TableRef
    truncates: bool = False  # its rows are gone before the first is written, and its schema may be another
    traits: tuple[Trait, ...] = ()

    @property
    def truncation(self) -> tuple[Statement, ...]:
        """The statement that emptying the table amounts to, if it is emptied.

        The rows come with a schema of their own, which may lack the policy tags that the table's columns had.
        """
        if not self.truncates:
            return ()
        traits = (Trait.CHANGES_POLICY_TAGS, Trait.REPLACES)
        written = ((self.table, EVERYTHING),)
        return (Statement("TRUNCATE_TABLE", tables_written=(self.table,), columns_written=written, traits=traits),)


def read_destination(project: str, section: JsonObject) -> Destination | None:
    """Read the destination of a query, load or copy; None when it names none. Raises Refused(BODY_MALFORMED)."""
    if section.get("destinationTable") is None:
        return None
    table = referenced_table(project, section["destinationTable"])
    truncates = section.get("writeDisposition") not in _KEEPING
    return Destination(table, truncates, tuple(_traits(section)))


def referenced_table(project: str, reference: object) -> TableRef:
    """Read a TableReference; `project` is meant where it names none. Raises Refused(BODY_MALFORMED)."""
    dataset, table = documents.text(reference, "datasetId"), documents.text(reference, "tableId")
    if not dataset or not table:
        raise Refused(Reason.BODY_MALFORMED, "a table reference lacks its datasetId or tableId.")
    # A partition or time decorator names a part of the table: the table is what is touched.
    whole = table.partition("$")[0].partition("@")[0]
    named = documents.member(reference, "projectId")
    check_names("table reference", {"projectId": named, "datasetId": dataset, "tableId": whole})
    return TableRef(named or project, dataset, whole)


def _traits(section: JsonObject) -> Iterator[Trait]:
    if any(documents.member(section, *path) is not None for path in _EXPIRIES):
        yield Trait.EXPIRES
