"""The gRPC service `google.cloud.bigquery.storage.v1.BigQueryRead`."""

import asyncio
import datetime as dt
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, Final

import grpc
from google.cloud.bigquery_storage_v1 import types

from gatebook.sandbox.errors import ApiError, invalid, not_implemented
from gatebook.sandbox.rest.jobs.store import JobStore
from gatebook.sandbox.rest.schema import fields_of
from gatebook.sandbox.storage.job_streams import job_stream
from gatebook.sandbox.storage.reading import Writer, read_rows
from gatebook.sandbox.storage.sessions import (
    RowRange,
    Session,
    Sessions,
    divide,
    new_session_name,
    select,
    split,
)
from gatebook.sandbox.warehouse import TableName, Warehouse

_SERVICE: Final = "google.cloud.bigquery.storage.v1.BigQueryRead"
_TABLE: Final = re.compile(r"projects/([^/]+)/datasets/([^/]+)/tables/([^/]+)")
_JOB_STREAM: Final = re.compile(r"projects/([^/]+)/locations/([^/]+)/jobs/([^/]+)/streams/_default")
_PARENT: Final = re.compile(r"projects/([^/]+)")
_CODES: Final = {
    400: grpc.StatusCode.INVALID_ARGUMENT,
    403: grpc.StatusCode.PERMISSION_DENIED,
    404: grpc.StatusCode.NOT_FOUND,
    501: grpc.StatusCode.UNIMPLEMENTED,
}


class ReadService:
    """The three methods, over a warehouse and its jobs."""

    def __init__(self, warehouse: Warehouse, jobs: JobStore) -> None:
        self._warehouse = warehouse
        self._jobs = jobs
        self._sessions = Sessions()

    def handler(self) -> grpc.GenericRpcHandler:
        """The service as a server adds it."""
        methods = {
            "CreateReadSession": grpc.unary_unary_rpc_method_handler(
                _unary(self._create_read_session),
                types.CreateReadSessionRequest.deserialize,
                types.ReadSession.serialize,
            ),
            "ReadRows": grpc.unary_stream_rpc_method_handler(
                self._read_rows, types.ReadRowsRequest.deserialize, types.ReadRowsResponse.serialize
            ),
            "SplitReadStream": grpc.unary_unary_rpc_method_handler(
                _unary(self._split_read_stream),
                types.SplitReadStreamRequest.deserialize,
                types.SplitReadStreamResponse.serialize,
            ),
        }
        return grpc.method_handlers_generic_handler(_SERVICE, methods)

    def _create_read_session(self, request: types.CreateReadSessionRequest) -> types.ReadSession:
        asked = request.read_session
        _refuse_unknown(asked)
        project = _matched(_PARENT, request.parent, "parent")[0]
        table = TableName(*_matched(_TABLE, asked.table, "read_session.table"))
        resource = self._warehouse.get_table(table)
        if "view" in resource or resource.get("type") in {"VIEW", "EXTERNAL"}:
            raise invalid(
                f"request failed: {table} is a {resource['type']}: non-table entities cannot be read with the "
                "storage API"
            )
        options = asked.read_options
        name, expires_seconds = new_session_name(project)
        session = Session(
            name=name,
            table=table,
            fields=select(fields_of(resource), options.selected_fields),
            format="ARROW" if asked.data_format == types.DataFormat.ARROW else "AVRO",
            codec=options.arrow_serialization_options.buffer_compression.name,
            restriction=options.row_restriction or None,
            selected=tuple(options.selected_fields),
            expires_seconds=expires_seconds,
        )
        self._open_streams(session, request)
        self._sessions.keep(session)
        return self._reply(session, asked, int(resource.get("numBytes") or 0))

    def _open_streams(self, session: Session, request: types.CreateReadSessionRequest) -> None:
        if session.restriction is not None:
            with self._warehouse.read(session.table, None, 0, 1, session.restriction) as reader:
                reader.read_all()  # a restriction that cannot be read is refused here, not in the middle of a stream
            session.add_stream(RowRange(0, None))
            return
        rows = self._warehouse.row_count(session.table)
        for part in divide(rows, at_most=request.max_stream_count, at_least=request.preferred_min_stream_count):
            session.add_stream(part)

    def _reply(self, session: Session, asked: types.ReadSession, table_bytes: int) -> types.ReadSession:
        ends = [rows.end or 0 for rows in session.streams.values()]
        return types.ReadSession(
            name=session.name,
            expire_time=dt.datetime.fromtimestamp(session.expires_seconds, dt.UTC),
            data_format=asked.data_format,
            table=asked.table,
            read_options=asked.read_options,
            streams=[{"name": name} for name in session.streams],
            estimated_total_bytes_scanned=table_bytes,
            estimated_row_count=max(ends, default=0),
            trace_id=asked.trace_id,
            **Writer(session).schema(),
        )

    def _split_read_stream(self, request: types.SplitReadStreamRequest) -> types.SplitReadStreamResponse:
        session, rows = self._sessions.stream(request.name)
        if not 0 <= request.fraction < 1:
            raise invalid("fraction must be between 0.0 and 1.0, both exclusive")
        parts = split(rows, request.fraction or 0.5)
        if parts is None:
            return types.SplitReadStreamResponse()
        primary, remainder = (session.add_stream(part) for part in parts)
        return types.SplitReadStreamResponse(primary_stream={"name": primary}, remainder_stream={"name": remainder})

    async def _read_rows(
        self, request: types.ReadRowsRequest, context: grpc.aio.ServicerContext[Any, Any]
    ) -> AsyncIterator[types.ReadRowsResponse]:
        try:
            session, rows = self._stream(request)
            messages = read_rows(self._warehouse, session, rows, request.offset)
            while (message := await asyncio.to_thread(_next, messages)) is not None:
                yield message
        except ApiError as error:
            await _abort(context, error)

    def _stream(self, request: types.ReadRowsRequest) -> tuple[Session, RowRange]:
        """The stream of a session, or a job's own result, which is read without a session."""
        job = _JOB_STREAM.fullmatch(request.read_stream)
        if job is None:
            return self._sessions.stream(request.read_stream)
        project, location, job_id = job.groups()
        return job_stream(self._jobs.find(project, job_id, location), request)


def _next(messages: Iterator[types.ReadRowsResponse]) -> types.ReadRowsResponse | None:
    return next(messages, None)


def _unary(method: Callable[[Any], Any]) -> Callable[[Any, Any], Awaitable[Any]]:
    """A synchronous method as a gRPC handler: in a worker thread, refusals as gRPC statuses."""

    async def handle(request: Any, context: Any) -> Any:
        try:
            return await asyncio.to_thread(method, request)
        except ApiError as error:
            await _abort(context, error)

    return handle


async def _abort(context: Any, error: ApiError) -> None:
    await context.abort(_CODES.get(error.status, grpc.StatusCode.INTERNAL), error.message)


def _matched(pattern: re.Pattern[str], text: str, name: str) -> tuple[str, ...]:
    match = pattern.fullmatch(text)
    if match is None:
        raise invalid(f"request failed: invalid {name}: {text}")
    return match.groups()


def _refuse_unknown(asked: types.ReadSession) -> None:
    """What would change the rows or their form, and is not known here, is refused by name."""
    options = asked.read_options
    if asked.data_format not in {types.DataFormat.ARROW, types.DataFormat.AVRO}:
        raise invalid("request failed: data format must be ARROW or AVRO")
    refused = {
        "table_modifiers.snapshot_time": asked.table_modifiers.snapshot_time,
        "read_options.sample_percentage": options.sample_percentage,
        "read_options.response_compression_codec": options.response_compression_codec,
    }
    for name, value in refused.items():
        if value:
            raise not_implemented(f"{name} of a read session")
