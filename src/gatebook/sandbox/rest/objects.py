"""A directory that stands for Google Cloud Storage: `gs://bucket/name` is the file `bucket/name` in it."""

import glob
from pathlib import Path

from gatebook.sandbox.errors import ApiError, invalid

_SCHEME = "gs://"


class Objects:
    """Finds and names files for load and extract jobs; nothing outside the root can be reached."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    def path(self, uri: str) -> Path:
        """The file of one URI; 400 `invalid` for anything but `gs://bucket/name`."""
        name = uri.removeprefix(_SCHEME)
        path = (self._root / name).resolve()
        if not uri.startswith(_SCHEME) or "/" not in name.strip("/") or self._root not in path.parents:
            raise invalid(f"Source URI must be a Google Cloud Storage location: [{uri}]")
        return path

    def matching(self, uri: str) -> list[Path]:
        """The existing files of a URI that may hold one `*`; 404 `notFound` when there is none."""
        pattern = glob.escape(str(self.path(uri))).replace("[*]", "*")
        found = sorted(Path(name) for name in glob.glob(pattern))  # noqa: PTH207 - the pattern is absolute
        if not found:
            raise ApiError(404, "notFound", f"Not found: URI {uri}")
        return found

    def shard(self, uri: str) -> Path:
        """The file to write for a URI, whose `*` is the number of the only shard."""
        path = self.path(uri.replace("*", "000000000000"))
        path.parent.mkdir(parents=True, exist_ok=True)
        return path
