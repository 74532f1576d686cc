"""Anonymous result tables: every SELECT without a destination leaves its rows in one, for a day.

They live in a hidden dataset of the user (`_<hex>`), as `anon<hex>`. They are immutable, so they are kept
as Arrow beside the database instead of in it: reading a page is a slice.
"""

import hashlib
import threading
import uuid
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from gatebook.sandbox.warehouse.names import TableName
from gatebook.sandbox.warehouse.requests import Resource
from gatebook.sandbox.warehouse.state import resources

_LIFETIME_MS: Final = 24 * 3600 * 1000  # https://cloud.google.com/bigquery/docs/cached-results
_MAX_BYTES: Final = 2 * 1024**3


@dataclass(frozen=True, slots=True)
class Result:
    """Rows of one query, in canonical Arrow types, and the table resource that describes them."""

    rows: pa.Table
    resource: Resource


class Results:
    """Anonymous results by name. The oldest go first when time or memory is up."""

    def __init__(self, max_bytes: int = _MAX_BYTES, lifetime_ms: int = _LIFETIME_MS) -> None:
        self._lock = threading.Lock()
        self._results: OrderedDict[TableName, Result] = OrderedDict()
        self._max_bytes = max_bytes
        self._lifetime_ms = lifetime_ms
        self._bytes = 0

    def keep(self, project: str, user_email: str, rows: pa.Table, fields: Sequence[Resource]) -> TableName:
        """Keep rows under a new name in the user's hidden dataset."""
        hidden = "_" + hashlib.sha256(f"{project} {user_email}".encode()).hexdigest()[:40]
        name = TableName(project, hidden, "anon" + uuid.uuid4().hex)
        expires = str(resources.now_ms() + self._lifetime_ms)
        given = {"schema": {"fields": list(fields)}, "expirationTime": expires}
        resource = resources.table_resource(name, given, "TABLE")
        resource |= {"numRows": str(rows.num_rows), "numBytes": str(rows.nbytes)}
        with self._lock:
            self._results[name] = Result(rows, resource)
            self._bytes += rows.nbytes
            self._evict()
        return name

    def find(self, name: TableName) -> Result | None:
        """The result of that name, None when there is none (any more)."""
        with self._lock:
            self._evict()
            return self._results.get(name)

    def drop(self, name: TableName) -> bool:
        """Forget a result; False when there is none."""
        with self._lock:
            result = self._results.pop(name, None)
            self._bytes -= result.rows.nbytes if result else 0
            return result is not None

    def _evict(self) -> None:
        now = resources.now_ms()
        while self._results:
            oldest, result = next(iter(self._results.items()))
            expired = int(result.resource["expirationTime"]) <= now
            crowded = self._bytes > self._max_bytes and len(self._results) > 1
            if not expired and not crowded:
                return
            del self._results[oldest]
            self._bytes -= result.rows.nbytes
