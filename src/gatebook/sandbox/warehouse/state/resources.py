"""The fields that BigQuery itself writes into resources: ids, times, etags, links, kinds."""

import base64
import copy
import hashlib
import json
import re
import time
from typing import Final

from gatebook.sandbox.errors import invalid, precondition_failed
from gatebook.sandbox.warehouse.names import DatasetName, RoutineName, TableName
from gatebook.sandbox.warehouse.requests import Resource

LOCATION: Final = "US"
_ROOT: Final = "https://bigquery.googleapis.com/bigquery/v2"
_DATASET_ID: Final = re.compile(r"[A-Za-z0-9_]{1,1024}")
_TABLE_ID: Final = re.compile(r"[\w\- ]{1,1024}")  # letters, marks, numbers, connectors, dashes and spaces
_ROUTINE_ID: Final = re.compile(r"[A-Za-z0-9_]{1,256}")


def now_ms() -> int:
    """Milliseconds since the epoch, as resources count time."""
    return time.time_ns() // 1_000_000


def check_dataset_id(dataset: str) -> None:
    """400 when a dataset may not be called so."""
    if not _DATASET_ID.fullmatch(dataset):
        raise invalid(
            f'Invalid dataset ID "{dataset}". Dataset IDs must be alphanumeric (plus underscores) and must be at most '
            "1024 characters long."
        )


def check_table_id(table: str) -> None:
    """400 when a table may not be called so."""
    if not _TABLE_ID.fullmatch(table):
        raise invalid(
            f'Invalid table ID "{table}". Table IDs must be alphanumeric (plus underscores) and must be at most 1024 '
            "characters long. Also, Table decorators cannot be used."
        )


def check_routine_id(routine: str) -> None:
    """400 when a routine may not be called so."""
    if not _ROUTINE_ID.fullmatch(routine):
        raise invalid(
            f'Invalid routine ID "{routine}". Routine IDs must be alphanumeric (plus underscores) and must be at most '
            "256 characters long."
        )


def dataset_resource(name: DatasetName, given: Resource) -> Resource:
    """A new dataset's resource from what its maker gave."""
    fixed = {
        "kind": "bigquery#dataset",
        "id": str(name),
        "selfLink": f"{_ROOT}/projects/{name.project}/datasets/{name.dataset}",
        "datasetReference": name.rest(),
        "type": "DEFAULT",
    }
    location = given.get("location") or LOCATION
    return stamped({"access": _OWNERS, **_known(given), "location": location, **fixed}, created=True)


_OWNERS: Final = [
    {"role": "WRITER", "specialGroup": "projectWriters"},
    {"role": "OWNER", "specialGroup": "projectOwners"},
    {"role": "READER", "specialGroup": "projectReaders"},
]


def table_resource(name: TableName, given: Resource, kind: str, location: str = LOCATION) -> Resource:
    """A new table's resource. kind: TABLE, VIEW, MATERIALIZED_VIEW, EXTERNAL or SNAPSHOT; location: its dataset's."""
    fixed = {
        "kind": "bigquery#table",
        "id": str(name),
        "selfLink": f"{_ROOT}/projects/{name.project}/datasets/{name.dataset}/tables/{name.table}",
        "tableReference": name.rest(),
        "type": kind,
        "location": location,
    }
    return stamped({**_known(given), **fixed}, created=True)


def routine_resource(name: RoutineName, given: Resource) -> Resource:
    """A new routine's resource."""
    return stamped({**_known(given), "routineReference": name.rest()}, created=True)


def _known(given: Resource) -> Resource:
    return {key: value for key, value in given.items() if value is not None and key not in _WRITTEN_BY_SERVER}


_WRITTEN_BY_SERVER: Final = frozenset(
    {
        "kind",
        "id",
        "selfLink",
        "etag",
        "creationTime",
        "lastModifiedTime",
        "numRows",
        "numBytes",
        "type",
        "location",
        "rowAccessPolicies",
    }
)


def patched(resource: Resource, changes: Resource) -> Resource:
    """The resource with the changes laid over it; None removes a field, what the server writes is left alone."""
    result = dict(resource)
    for key, value in changes.items():
        if key in _WRITTEN_BY_SERVER or key.endswith("Reference"):
            continue
        if value is None:
            result.pop(key, None)
        elif key == "labels":
            result[key] = {k: v for k, v in {**resource.get(key, {}), **value}.items() if v is not None}
        else:
            result[key] = value
    return stamped(result)


def replaced(resource: Resource, wanted: Resource) -> Resource:
    """The resource with every writable field taken from `wanted`."""
    kept = {k: v for k, v in resource.items() if k in _WRITTEN_BY_SERVER or k.endswith("Reference")}
    return stamped({**_known(wanted), **kept})


def stamped(resource: Resource, *, created: bool = False) -> Resource:
    """The resource with its times and etag set for a change that happens now."""
    now = now_ms()
    times = {"lastModifiedTime": str(now)}
    if created:
        times["creationTime"] = str(now)
    content = {**resource, **times}
    content.pop("etag", None)
    digest = hashlib.sha256(json.dumps([content, time.monotonic_ns()], sort_keys=True).encode()).digest()
    return {**content, "etag": base64.b64encode(digest[:16]).decode()}


def check_etag(resource: Resource, etag: str | None) -> None:
    """412 when the caller's etag is given and is not the resource's."""
    if etag is not None and etag != resource["etag"]:
        raise precondition_failed()


def answered(resource: Resource) -> Resource:
    """A copy that the receiver may change."""
    return copy.deepcopy(resource)
