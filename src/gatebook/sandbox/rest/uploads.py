"""Uploads with a load job: multipart bodies, and resumable sessions that arrive in chunks.

Protocol: https://cloud.google.com/bigquery/docs/reference/api-uploads.
"""

import re
import secrets
import tempfile
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import IO

import msgspec

from gatebook.sandbox.errors import ApiError, invalid
from gatebook.sandbox.warehouse import Resource

_BOUNDARY = re.compile(r'boundary="?([^";]+)"?', re.IGNORECASE)
_RANGE = re.compile(r"bytes (?:(?P<first>\d+)-(?P<last>\d+)|\*)/(?P<total>\d+|\*)")


def multipart(content_type: str, body: bytes) -> tuple[Resource, IO[bytes]]:
    """The job and the file of a `multipart/related` body; 400 `invalid` when it has not these two parts."""
    boundary = _BOUNDARY.search(content_type)
    if boundary is None:
        raise invalid("Missing boundary in the multipart content type", location="Content-Type")
    mark = b"--" + boundary[1].encode()
    parts = (b"\r\n" + body).split(b"\r\n" + mark)
    if len(parts) != 4 or not parts[3].startswith(b"--"):
        raise invalid("An upload needs exactly two parts: the job and the file")
    job, content = (part.partition(b"\r\n\r\n")[2] for part in parts[1:3])
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the load job closes it
    file.write(content)
    file.seek(0)
    return parse_job(job), file


def parse_job(body: bytes) -> Resource:
    """A JSON object; 400 `parseError` otherwise."""
    try:
        return msgspec.json.decode(body or b"{}", type=Resource)
    except msgspec.DecodeError as error:
        raise ApiError(400, "parseError", f"Invalid JSON payload received. {error}") from None


@dataclass(frozen=True, slots=True)
class Chunk:
    """A `Content-Range`. first: None asks how far the upload is; total: None is not known yet."""

    first: int | None
    total: int | None

    @classmethod
    def parse(cls, header: str | None) -> "Chunk":
        """Read the header; without one the request carries the whole file."""
        if header is None:
            return cls(0, None)
        match = _RANGE.fullmatch(header.strip())
        if match is None:
            raise invalid(f"Failed to parse Content-Range header: {header}", location="Content-Range")
        total = None if match["total"] == "*" else int(match["total"])
        return cls(None if match["first"] is None else int(match["first"]), total)


@dataclass(slots=True)
class Upload:
    """A resumable upload on its way: the job it is for, the bytes so far."""

    project: str
    job: Resource
    file: IO[bytes] = field(default_factory=tempfile.TemporaryFile)
    received: int = 0

    async def take(self, chunk: Chunk, content: AsyncIterator[bytes]) -> None:
        """Add a chunk; bytes that were received before are skipped, a gap is 400 `invalid`."""
        skip = 0 if chunk.first is None else self.received - chunk.first
        if skip < 0:
            raise invalid(f"Chunk starts at {chunk.first}, expected {self.received}", location="Content-Range")
        async for part in content:
            fresh = part[skip:]
            skip = max(0, skip - len(part))
            self.file.write(fresh)
            self.received += len(fresh)

    def is_complete(self, chunk: Chunk, *, has_range: bool) -> bool:
        """Whether all bytes are here."""
        return not has_range or chunk.total == self.received


class Uploads:
    """The resumable uploads that have begun and not ended."""

    def __init__(self) -> None:
        self._uploads: dict[str, Upload] = {}
        self._lock = threading.Lock()

    def begin(self, project: str, job: Resource) -> str:
        """Begin an upload; the id that its chunks must carry."""
        upload_id = secrets.token_urlsafe(24)
        with self._lock:
            self._uploads[upload_id] = Upload(project, job)
        return upload_id

    def get(self, upload_id: str | None, project: str) -> Upload:
        """The upload of that id; 404 `notFound` when it ended or never began."""
        found = self._uploads.get(upload_id or "")
        if found is None or found.project != project:
            raise ApiError(404, "notFound", "Not found: the upload session ended or never began")
        return found

    def end(self, upload_id: str) -> None:
        """Forget an upload whose file has been taken over."""
        with self._lock:
            self._uploads.pop(upload_id, None)
