"""Over the network, with Google's clients: a table masked in flight is what a masked query gives."""

import io
import json
from collections.abc import Iterator
from typing import Any

import fastavro
import pyarrow as pa
import pytest
import requests
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery
from google.cloud.bigquery._helpers import CELL_DATA_PARSER
from google.cloud.bigquery_storage_v1 import BigQueryReadClient, types
from google.cloud.bigquery_storage_v1.services.big_query_read.transports import BigQueryReadGrpcTransport
from grpc import insecure_channel

from gatebook.columnar.arrow import arrow_masker
from gatebook.columnar.avro import rows_masker as avro_masker
from gatebook.core.masking.cell_texts import TimestampFormat
from gatebook.core.masking.expressions import SOURCE, sql_projection
from gatebook.core.masking.keys import query_parameters
from gatebook.core.masking.masks import ALWAYS_NULL, Mask
from gatebook.core.masking.pages import rows_masker
from gatebook.core.masking.plans import plan_reply
from gatebook.googlesql.types import from_rest_schema
from gatebook.sandbox.server import Addresses, Options
from masking_samples import KEY, MASKS, named
from sandbox.running_sandbox import Running

VALUES = {
    "a_string STRING": "'anna@example.com'",
    "a_bytes BYTES": "b'abc'",
    "an_int64 INT64": "-37",
    "a_float64 FLOAT64": "-37.5",
    "a_bool BOOL": "TRUE",
    "a_date DATE": "DATE '2024-02-29'",
    "a_datetime DATETIME": "DATETIME '2024-02-29 23:59:59.999999'",
    "a_timestamp TIMESTAMP": "TIMESTAMP '2024-02-29 23:59:59.999999+00'",
    "a_time TIME": "TIME '23:59:59'",
    "a_numeric NUMERIC": "NUMERIC '-37.000000001'",
    "a_bignumeric BIGNUMERIC": "BIGNUMERIC '37.5'",
    "a_geography GEOGRAPHY": "ST_GEOGPOINT(1, 2)",
    "a_json JSON": "JSON '{\"a\": 1}'",
    "an_interval INTERVAL": "MAKE_INTERVAL(1, 2, 3)",
    "a_range RANGE<DATE>": "RANGE(DATE '2020-01-01', NULL)",
}
COLUMNS, RAW = ", ".join(VALUES), ", ".join(VALUES.values())
REQUIRED = ", ".join(f"{column} NOT NULL" for column in VALUES)
DEFINITIONS = f"""
    CREATE TABLE d.nullable ({COLUMNS}, records ARRAY<STRUCT<{COLUMNS}>>, texts ARRAY<STRING>);
    INSERT INTO d.nullable SELECT {RAW}, [STRUCT({RAW}), STRUCT({RAW})], ['a', 'abcde'];
    INSERT INTO d.nullable (an_int64, records) VALUES (1, []);
    CREATE TABLE d.required ({REQUIRED}, records ARRAY<STRUCT<{REQUIRED}>>, record STRUCT<a STRING> NOT NULL);
    INSERT INTO d.required SELECT {RAW}, [STRUCT({RAW})], STRUCT('abc' AS a);
"""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Addresses]:
    running = Running(Options())
    yield running.addresses
    running.stop()


@pytest.fixture(scope="module")
def client(sandbox: Addresses) -> Iterator[bigquery.Client]:
    options = ClientOptions(api_endpoint=sandbox.rest_url)
    made = bigquery.Client("demo-project", AnonymousCredentials(), client_options=options)
    made.create_dataset("d")
    made.query_and_wait(DEFINITIONS)
    yield made
    made.close()


class Table:
    """A table with one mask on all of it."""

    def __init__(self, sandbox: Addresses, name: str, mask: Mask) -> None:
        self.sandbox = sandbox
        self.rest_url = f"{sandbox.rest_url}/bigquery/v2/projects/demo-project"
        self.name = name
        resource = requests.get(f"{self.rest_url}/datasets/d/tables/{name}", timeout=30).json()
        self.fields = resource["schema"]["fields"]
        self.masks = {field["name"]: mask for field in self.fields}
        self.plans = plan_reply(self.fields, self.masks)

    def listed(self, *, int64: bool) -> list[Any]:
        """The rows of tabledata.list, masked in flight."""
        parameters = {"formatOptions.useInt64Timestamp": str(int64).lower()}
        reply = requests.get(f"{self.rest_url}/datasets/d/tables/{self.name}/data", parameters, timeout=30)
        timestamps = TimestampFormat.INT64 if int64 else TimestampFormat.FLOAT64
        masked = rows_masker(self.plans, timestamps, KEY)(json.dumps(reply.json()["rows"]).encode())
        return json.loads(masked)

    def sql(self) -> str:
        columns = (
            f"{sql_projection(column.name, column.type, self.masks, KEY.key_id)} AS {column.name}"
            for column in from_rest_schema(self.fields)
        )
        return f"SELECT {', '.join(columns)} FROM d.{self.name} AS {SOURCE}"

    def queried(self, *, int64: bool) -> dict[str, Any]:
        """The reply of jobs.query with masks in the SQL."""
        body = {
            "query": self.sql(),
            "useLegacySql": False,
            "parameterMode": "NAMED",
            "queryParameters": query_parameters(KEY, ["people"]),
            "formatOptions": {"useInt64Timestamp": int64},
        }
        return requests.post(f"{self.rest_url}/queries", json=body, timeout=30).json()

    def destination(self) -> str:
        job = self.queried(int64=True)["jobReference"]["jobId"]
        table = requests.get(f"{self.rest_url}/jobs/{job}", timeout=30).json()["configuration"]["query"]
        name = table["destinationTable"]
        return f"projects/{name['projectId']}/datasets/{name['datasetId']}/tables/{name['tableId']}"

    def storage(self, data_format: str, table: str | None = None) -> tuple[types.ReadSession, types.ReadRowsResponse]:
        wanted = types.ReadSession(
            table=table or f"projects/demo-project/datasets/d/tables/{self.name}", data_format=data_format
        )
        with insecure_channel(self.sandbox.grpc_address) as channel:
            storage = BigQueryReadClient(transport=BigQueryReadGrpcTransport(channel=channel))
            session = storage.create_read_session(
                parent="projects/demo-project", read_session=wanted, max_stream_count=1
            )
            [reply] = list(storage.read_rows(session.streams[0].name))
        return session, reply

    def arrow(self) -> pa.RecordBatch:
        """The rows of the Storage Read API in Arrow, masked in flight."""
        raw = _batch(*self.storage("ARROW"))
        masked = [
            arrow_masker(plan, field, KEY)(column)
            for plan, field, column in zip(self.plans, raw.schema, raw.columns, strict=True)
        ]
        batch = pa.RecordBatch.from_arrays(masked, schema=raw.schema)
        batch.validate(full=True)
        return batch

    def avro(self) -> list[Any]:
        """The rows of the Storage Read API in Avro, masked in flight."""
        session, reply = self.storage("AVRO")
        masked = avro_masker(self.plans, json.loads(session.avro_schema.schema), KEY)
        return _avro_rows(session, masked(reply.avro_rows.serialized_binary_rows))


def _batch(session: types.ReadSession, reply: types.ReadRowsResponse) -> pa.RecordBatch:
    schema = pa.ipc.read_schema(pa.py_buffer(session.arrow_schema.serialized_schema))
    return pa.ipc.read_record_batch(pa.py_buffer(reply.arrow_record_batch.serialized_record_batch), schema)


def _avro_rows(session: types.ReadSession, message: bytes) -> list[Any]:
    schema, source, rows = fastavro.parse_schema(json.loads(session.avro_schema.schema)), io.BytesIO(message), []
    while source.tell() < len(message):
        rows.append(fastavro.schemaless_reader(source, schema, None))
    return rows


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize("mask", MASKS, ids=named)
def test_what_is_masked_in_flight_is_what_a_masked_query_gives(sandbox: Addresses, mask: Mask) -> None:
    table = Table(sandbox, "nullable", mask)
    assert table.listed(int64=True) == table.queried(int64=True)["rows"]
    assert table.listed(int64=False) == table.queried(int64=False)["rows"]
    by_sql = table.destination()
    assert repr(table.arrow().to_pylist()) == repr(_batch(*table.storage("ARROW", by_sql)).to_pylist())
    session, reply = table.storage("AVRO", by_sql)
    assert repr(table.avro()) == repr(_avro_rows(session, reply.avro_rows.serialized_binary_rows))


def test_required_fields_are_not_null_and_google_s_client_reads_them(
    sandbox: Addresses, client: bigquery.Client
) -> None:
    """NULL in a REQUIRED column is something that Google's clients do not expect: they fail."""
    table = Table(sandbox, "required", ALWAYS_NULL)
    schema = [bigquery.SchemaField.from_api_repr(field) for field in table.fields]
    [row] = table.listed(int64=True)
    values = {
        field.name: CELL_DATA_PARSER.to_py(cell["v"], field) for cell, field in zip(row["f"], schema, strict=True)
    }
    assert values["a_string"] == ""
    assert values["a_json"] is None  # the JSON value null, where SQL would give NULL
    assert values["record"] == {"a": None}
    assert values["records"] == []
    batch = table.arrow()
    assert [batch.column(index).null_count for index in range(batch.num_columns)] == [0] * batch.num_columns
    [avro] = table.avro()
    assert avro["a_json"] == "null"
    assert avro["record"] == {"a": None}
