"""Evidence in version 2 of the documents, there and back."""

from gatebook.core.analysis.footprint import TableRef
from gatebook.core.book import v2
from gatebook.core.book.canonical import in_order, number_or_none, repeated, whole, whole_or_none
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
        known_tables=_known_tables(evidence.tables),
        rows_estimated=whole_or_none(estimate.rows_affected),
        running_jobs=whole(usage.running_jobs),
        standing=None if evidence.standing == ALL_OWN else _write_standing(evidence.standing),
    )


def read_evidence(document: v2.Evidence | None) -> Evidence:
    """Give the evidence that a document holds. Raises ValueError."""
    if document is None:
        return NO_EVIDENCE
    return Evidence(
        standing=_read_standing(document.standing or v2.Standing()),
        estimate=Estimate(number_or_none(document.bytes_estimated), number_or_none(document.rows_estimated)),
        tables={TableRef(*known.table): _facts(known) for known in document.known_tables},
        usage=Usage(int(document.calls_last_minute), int(document.running_jobs), int(document.bytes_today)),
        contradictions=tuple(document.contradictions),
    )


def _write_standing(standing: Standing) -> v2.Standing:
    return v2.Standing(
        job_location=standing.job_location,
        jobs=list(standing.foreign_jobs),
        scattered_job=standing.scattered_job,
        sessions=list(standing.foreign_sessions),
        tables=[(table.project, table.dataset, table.table) for table in standing.foreign_tables],
        taken_job=standing.taken_job,
        uploads=list(standing.foreign_uploads),
    )


def _read_standing(document: v2.Standing) -> Standing:
    return Standing(
        foreign_jobs=tuple(document.jobs),
        scattered_job=document.scattered_job,
        job_location=document.job_location,
        taken_job=document.taken_job,
        foreign_tables=tuple(TableRef(*names) for names in document.tables),
        foreign_uploads=tuple(document.uploads),
        foreign_sessions=tuple(document.sessions),
    )


def _known_tables_anew(tables: Tables) -> list[v2.KnownTable]:
    return repeated(
        [
            v2.KnownTable(
                columns=[(column.path, list(column.policy_tags)) for column in facts.columns],
                labels=in_order(facts.labels),
                table=(table.project, table.dataset, table.table),
            )
            for table, facts in tables.items()
        ]
    )


# Calls that ask the same again rest on the same object.
_known_tables = Remembered(_known_tables_anew, at_most=512)


def _facts(known: v2.KnownTable) -> TableFacts:
    return TableFacts(tuple(ColumnFacts(path, tuple(tags)) for path, tags in known.columns), known.labels)
