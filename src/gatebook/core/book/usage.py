"""What a caller's Exchanges say that its jobs processed."""

from collections.abc import Iterable

from gatebook.core.book.exchange import Exchange


def bytes_used(exchanges: Iterable[Exchange]) -> int:
    """Add up what the jobs of these Exchanges processed, each job once, however often it was asked after.

    Where BigQuery has not told, what its dry run expected counts.
    """
    told: dict[str, int] = {}
    expected: dict[str, int] = {}
    for exchange in exchanges:
        outcome = exchange.outcome
        job = (outcome.job_id if outcome is not None else None) or exchange.id
        if outcome is not None and outcome.bytes_processed is not None:
            told[job] = max(told.get(job, 0), outcome.bytes_processed)
        estimate = exchange.opening.evidence.estimate.bytes_processed
        if estimate is not None and exchange.refusal is None:
            expected[job] = max(expected.get(job, 0), estimate)
    return sum((expected | told).values())
