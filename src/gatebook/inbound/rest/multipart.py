"""multipart/related uploads (RFC 2387), taken apart strictly: a JSON part, a file part, and nothing else.

The grammar is RFC 2046 section 5.1 without its freedoms: no preamble, no epilogue, no third part, no transfer encoding
that would have to be undone, one way to end a line. Parsers that differ in those freedoms are how one file becomes two.
"""

import re
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass

from gatebook.errors import Reason, Refused

_PART_HEAD_BYTES = 4096
_LINE_BYTES = 64
# RFC 2046 section 5.1.1: bcharsnospace, and a space where it is not the last.
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]")
_PARAMETER = re.compile(r"""\s*;\s*([A-Za-z0-9-]+)=(?:"([^"\\]*)"|([^\s";]+))""")
MEDIA_TYPE = re.compile(
    r"[A-Za-z0-9!#$&^_.+*-]+/[A-Za-z0-9!#$&^_.+*-]+(?:\s*;\s*[A-Za-z0-9-]+=(?:\"[ -!#-\[\]-~]*\"|[!#-:<-~]+))*"
)
_PART_HEADERS = {
    "content-type": MEDIA_TYPE,
    "content-transfer-encoding": re.compile(r"(?i:binary|8bit|7bit)"),
    "content-length": re.compile(r"[0-9]{1,19}"),
    "mime-version": re.compile(r"1\.0"),
}
_JSON = re.compile(r"application/json(?:\s*;\s*charset=\"?utf-8\"?)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Related:
    """An upload taken apart: the document, the file's media type, and its content, still on its way."""

    document: bytes
    media_type: str
    content: AsyncGenerator[bytes, None]


async def read_related(content_type: str, pieces: AsyncIterator[bytes], document_bytes: int) -> Related:
    """Read up to the file's content. `document_bytes` bounds the first part.

    Raises Refused (CONTENT_TYPE, BODY_MALFORMED, BODY_TOO_LARGE); the content may raise them too.
    """
    edge = b"--" + _boundary(content_type).encode("ascii")
    source = _Source(pieces)
    newline = await _first_line(source, edge)
    delimiter = newline + edge
    document_head = await _part_head(source, newline)
    if not _JSON.fullmatch(document_head["content-type"]):
        raise Refused(Reason.CONTENT_TYPE, "The first part of the upload must be the job, as application/json.")
    document = await source.until(delimiter, document_bytes)
    await _rest_of_line(source, newline)
    file_head = await _part_head(source, newline)
    return Related(document, file_head["content-type"], _content(source, delimiter))


def _boundary(content_type: str) -> str:
    kind = content_type.partition(";")[0].strip().lower()
    parameters: dict[str, str] = {}
    at = len(content_type.partition(";")[0])
    while at < len(content_type):
        found = _PARAMETER.match(content_type, at)
        if found is None or found[1].lower() in parameters:
            raise Refused(Reason.CONTENT_TYPE, "The content-type of the upload cannot be read.")
        parameters[found[1].lower()] = found[2] if found[2] is not None else found[3]
        at = found.end()
    if kind != "multipart/related" or not parameters.keys() <= {"boundary", "type"}:
        raise Refused(Reason.CONTENT_TYPE, "An upload with uploadType=multipart must be multipart/related.")
    boundary = parameters.get("boundary", "")
    if not _BOUNDARY.fullmatch(boundary):
        raise Refused(Reason.CONTENT_TYPE, "The content-type of the upload lacks a valid boundary.")
    return boundary


async def _first_line(source: "_Source", edge: bytes) -> bytes:
    """Read the first delimiter, and learn from its line how lines end: Google's API client for Python writes LF."""
    line = await source.until(b"\n", _LINE_BYTES + len(edge))
    newline = b"\r\n" if line.endswith(b"\r") else b"\n"
    line = line.removesuffix(b"\r")
    if not line.startswith(edge) or line[len(edge) :].strip(b" \t"):
        raise _malformed("it does not begin with its boundary")
    return newline


async def _rest_of_line(source: "_Source", newline: bytes) -> None:
    if (await source.until(newline, _LINE_BYTES)).strip(b" \t"):
        raise _malformed("a delimiter is not alone on its line, or a part is missing")


async def _part_head(source: "_Source", newline: bytes) -> dict[str, str]:
    """Read the headers of a part."""
    found: dict[str, str] = {}
    block = await source.until(newline + newline, _PART_HEAD_BYTES)
    for line in block.decode("latin-1").split(newline.decode()):
        name, colon, value = line.partition(":")
        known = _PART_HEADERS.get(name.lower())
        if not colon or known is None or name.lower() in found or not known.fullmatch(value.strip(" \t")):
            raise _malformed("a part has a header that is not understood")
        found[name.lower()] = value.strip(" \t")
    if "content-type" not in found:
        raise _malformed("a part lacks its content-type")
    return found


async def _content(source: "_Source", delimiter: bytes) -> AsyncGenerator[bytes, None]:
    async for piece in source.pieces_until(delimiter):
        yield piece
    ending = await source.rest(_LINE_BYTES)
    # Anything but the closing delimiter is a third part, or a line that only begins like a delimiter.
    if not ending.startswith(b"--") or ending[2:].strip(b" \t\r\n"):
        raise _malformed("it goes on after the file")


class _Source:
    """The pieces of a body, with what was read too far."""

    def __init__(self, pieces: AsyncIterator[bytes]) -> None:
        self._pieces = pieces
        self._ahead = b""

    async def _more(self) -> bytes:
        piece = await anext(self._pieces, None)
        if piece is None:
            raise _malformed("it is cut short")
        return piece

    async def until(self, mark: bytes, limit_bytes: int) -> bytes:
        """Read up to the mark and past it."""
        gathered, searched = bytearray(self._ahead), 0
        while (at := gathered.find(mark, searched)) < 0:
            if len(gathered) > limit_bytes + len(mark):
                raise Refused(Reason.BODY_TOO_LARGE, f"A part of the upload is longer than {limit_bytes} bytes.")
            searched = max(0, len(gathered) - len(mark) + 1)
            gathered += await self._more()
        if at > limit_bytes:
            raise Refused(Reason.BODY_TOO_LARGE, f"A part of the upload is longer than {limit_bytes} bytes.")
        self._ahead = bytes(gathered[at + len(mark) :])
        return bytes(gathered[:at])

    async def pieces_until(self, mark: bytes) -> AsyncGenerator[bytes, None]:
        """Give what stands before the mark, as it comes, and read past the mark."""
        keep = len(mark) - 1
        while (at := self._ahead.find(mark)) < 0:
            if len(self._ahead) > keep:
                yield self._ahead[:-keep]
                self._ahead = self._ahead[-keep:]
            self._ahead += await self._more()
        if at:
            yield self._ahead[:at]
        self._ahead = self._ahead[at + len(mark) :]

    async def rest(self, limit_bytes: int) -> bytes:
        """Read what is left, which must be short."""
        gathered = self._ahead
        async for piece in self._pieces:
            gathered += piece
            if len(gathered) > limit_bytes:
                break
        if len(gathered) > limit_bytes:
            raise _malformed("it goes on after the file")
        return gathered


def _malformed(problem: str) -> Refused:
    return Refused(Reason.BODY_MALFORMED, f"The multipart upload cannot be read: {problem}.")
