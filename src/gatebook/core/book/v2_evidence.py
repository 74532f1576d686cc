"""Evidence in version 2 of the documents, there and back."""

from gatebook.core.analysis.footprint import TableRef
from gatebook.core.book import v2
from gatebook.core.book.canonical import in_order, number_or_none, whole, whole_or_none
from gatebook.core.book.records import NO_EVIDENCE, Evidence
from gatebook.core.book.remembered import Remembered
from gatebook.core.policy.question import ColumnFacts, Estimate, TableFacts, Tables, Usage
from gatebook.core.policy.standing import ALL_OWN, Standing


def write_evidence(evidence: Evidence) -> v2.Evidence | None:
    """Give the document of evidence, None when there is none."""
    if evidence is NO_EVIDENCE:
        return None
    estimate, usage = evidence.estimate, evidence.usage
    return v2.Evidence(
        bytes_estimated=whole_or_none(estimate.bytes_processed),
        bytes_today=whole(usage.bytes_today),
        calls_last_minute=whole(usage.calls_last_minute),
        contradictions=list(evidence.contradictions),
        foreign=None if evidence.standing == ALL_OWN else _foreign(evidence.standing),
        known_tables=_known_tables(evidence.tables),
        rows_estimated=whole_or_none(estimate.rows_affected),
        running_jobs=whole(usage.running_jobs),
    )


def read_evidence(document: v2.Evidence | None) -> Evidence:
    """Give the evidence that a document holds. Raises ValueError."""
    if document is None:
        return NO_EVIDENCE
    return Evidence(
        standing=_standing(document.foreign or v2.Foreign()),
        estimate=Estimate(number_or_none(document.bytes_estimated), number_or_none(document.rows_estimated)),
        tables={TableRef(*known.table): _facts(known) for known in document.known_tables},
        usage=Usage(int(document.calls_last_minute), int(document.running_jobs), int(document.bytes_today)),
        contradictions=tuple(document.contradictions),
    )


def _foreign(standing: Standing) -> v2.Foreign:
    return v2.Foreign(
        jobs=list(standing.foreign_jobs),
        sessions=list(standing.foreign_sessions),
        tables=[(table.project, table.dataset, table.table) for table in standing.foreign_tables],
        taken_job=standing.taken_job,
        uploads=list(standing.foreign_uploads),
    )


def _standing(foreign: v2.Foreign) -> Standing:
    return Standing(
        foreign_jobs=tuple(foreign.jobs),
        taken_job=foreign.taken_job,
        foreign_tables=tuple(TableRef(*names) for names in foreign.tables),
        foreign_uploads=tuple(foreign.uploads),
        foreign_sessions=tuple(foreign.sessions),
    )


def _known_tables_anew(tables: Tables) -> list[v2.KnownTable]:
    return [
        v2.KnownTable(
            columns=[(column.path, list(column.policy_tags)) for column in facts.columns],
            labels=in_order(facts.labels),
            table=(table.project, table.dataset, table.table),
        )
        for table, facts in tables.items()
    ]


# Calls that ask the same again rest on the same object.
_known_tables = Remembered(_known_tables_anew, at_most=512)


def _facts(known: v2.KnownTable) -> TableFacts:
    return TableFacts(tuple(ColumnFacts(path, tuple(tags)) for path, tags in known.columns), known.labels)
