"""A query job's result as a stream of its own: Arrow, read without a session, as jobs.query's first page goes on."""

import math

from google.cloud.bigquery_storage_v1 import types

from gatebook.sandbox.errors import invalid, not_implemented
from gatebook.sandbox.rest.jobs.job import Job
from gatebook.sandbox.storage import arrow
from gatebook.sandbox.storage.sessions import RowRange, Session
from gatebook.sandbox.warehouse import QueryOutcome


def job_stream(job: Job, request: types.ReadRowsRequest) -> tuple[Session, RowRange]:
    """The job's result as a session of one stream, written as the request wants it."""
    if job.error is not None:
        raise job.error
    outcome = job.outcome
    if not isinstance(outcome, QueryOutcome) or outcome.schema is None or outcome.destination is None:
        raise invalid(f"request failed: job {job.name} has no rows to read, or not yet")
    if "destinationTable" in job.details:
        raise invalid("request failed: This API does not support explicitly-specified destination tables")
    options = request.arrow_serialization_options
    if options.picos_timestamp_precision.name not in arrow.MICROSECONDS:
        raise not_implemented(f"picos_timestamp_precision={options.picos_timestamp_precision.name}")
    session = Session(
        name=request.read_stream,
        table=outcome.destination,
        fields=outcome.schema,
        format="ARROW",
        codec=options.buffer_compression.name,
        restriction=None,
        selected=(),
        expires_seconds=math.inf,
    )
    return session, RowRange(0, outcome.total_rows or 0)
