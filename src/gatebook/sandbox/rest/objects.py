"""A directory that stands for Google Cloud Storage: `gs://bucket/name` is the file `bucket/name` in it."""

import glob
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO

import pyarrow as pa

from gatebook.sandbox.errors import ApiError, invalid
from gatebook.sandbox.rest.formats import reading, writing
from gatebook.sandbox.warehouse import Resource

_SCHEME = "gs://"
_SHARD = "000000000000"
"""What BigQuery puts in place of a URI's `*` in the first file, here the only one."""


class Objects:
    """The files of load and extract jobs, LOAD DATA and EXPORT DATA; nothing outside the root can be reached."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    def write(self, uri: str, rows: pa.RecordBatchReader, fields: Sequence[Resource], extract: Resource) -> int:
        """Write all rows as `configuration.extract` says; return the number of files."""
        writing.check(extract)
        path = self._path(uri.replace("*", _SHARD))
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            writing.write(rows, fields, extract, file)
        return 1

    def read(
        self, uris: Sequence[str], load: Resource, fields: Sequence[Resource] | None
    ) -> tuple[list[Resource], pa.Table]:
        """Rows of all files and their schema, as `configuration.load` says."""
        with ExitStack() as closing:
            files = [closing.enter_context(file) for uri in uris for file in self.open(uri)]
            loaded = reading.read_all(files, load, fields)
        return loaded.fields, loaded.rows

    def exist(self, uri: str) -> bool:
        """Whether a URI that may hold one `*` names any file."""
        return bool(self._matching(uri))

    def open(self, uri: str) -> Iterator[IO[bytes]]:
        """The files of a URI; 404 `notFound` when there is none."""
        found = self._matching(uri)
        if not found:
            raise ApiError(404, "notFound", f"Not found: URI {uri}")
        for path in found:
            yield path.open("rb")

    def _matching(self, uri: str) -> list[Path]:
        pattern = glob.escape(str(self._path(uri))).replace("[*]", "*")
        return sorted(Path(name) for name in glob.glob(pattern))  # noqa: PTH207 - the pattern is absolute

    def _path(self, uri: str) -> Path:
        name = uri.removeprefix(_SCHEME)
        path = (self._root / name).resolve()
        if not uri.startswith(_SCHEME) or "/" not in name.strip("/") or self._root not in path.parents:
            raise invalid(f"Source URI must be a Google Cloud Storage location: [{uri}]")
        return path
