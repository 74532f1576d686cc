"""Files that statements read and write (LOAD DATA, EXPORT DATA), as whoever opens the warehouse provides them."""

from collections.abc import Sequence
from typing import Protocol

import pyarrow as pa

from gatebook.sandbox.errors import not_implemented
from gatebook.sandbox.warehouse.requests import Resource


class Files(Protocol):
    """Access to files by URI. Options are those of the REST job configurations `extract` and `load`."""

    def write(self, uri: str, rows: pa.RecordBatchReader, fields: Sequence[Resource], extract: Resource) -> int:
        """Write all rows to a URI that holds one `*`; return the number of files."""
        ...

    def read(
        self, uris: Sequence[str], load: Resource, fields: Sequence[Resource] | None
    ) -> tuple[list[Resource], pa.Table]:
        """Rows of all files and their schema. fields: the schema to read with, None to find it in the files."""
        ...

    def exist(self, uri: str) -> bool:
        """Whether a URI that may hold one `*` names any file."""
        ...


class NoFiles:
    """A warehouse without files."""

    def write(self, uri: str, rows: pa.RecordBatchReader, fields: Sequence[Resource], extract: Resource) -> int:
        """Refused."""
        raise not_implemented("EXPORT DATA without a place for files")

    def read(
        self, uris: Sequence[str], load: Resource, fields: Sequence[Resource] | None
    ) -> tuple[list[Resource], pa.Table]:
        """Refused."""
        raise not_implemented("LOAD DATA without a place for files")

    def exist(self, uri: str) -> bool:
        """Refused."""
        raise not_implemented("files")
