"""The body of tabledata.insertAll: its options are read, its rows are counted and passed on as they are."""

from typing import Any

import msgspec

from gatebook.core.model import JsonObject
from gatebook.errors import Reason, Refused


class _InsertAll(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """TableDataInsertAllRequest of the REST reference. Rows stay unread: `Raw` is a slice of what came."""

    rows: list[msgspec.Raw]
    kind: str | msgspec.UnsetType = msgspec.UNSET
    skipInvalidRows: bool | str | msgspec.UnsetType = msgspec.UNSET  # noqa: N815 - BigQuery's name
    ignoreUnknownValues: bool | str | msgspec.UnsetType = msgspec.UNSET  # noqa: N815 - BigQuery's name
    templateSuffix: str | msgspec.UnsetType = msgspec.UNSET  # noqa: N815 - BigQuery's name
    traceId: str | msgspec.UnsetType = msgspec.UNSET  # noqa: N815 - BigQuery's name


_DECODER = msgspec.json.Decoder(_InsertAll)
_ENCODER = msgspec.json.Encoder()


def parse_rows(body: bytes) -> tuple[JsonObject, int, bytes]:
    """Give the options beside the rows, the number of rows, and the body framed anew around the rows.

    Framed anew, upstream cannot find a second `templateSuffix` (which names another table) where Gatebook saw one.
    Raises Refused(BODY_MALFORMED).
    """
    try:
        body.decode("utf-8")
        request = _DECODER.decode(body)
    except (ValueError, RecursionError):
        raise Refused(
            Reason.BODY_MALFORMED,
            "The JSON body cannot be read: it must be a TableDataInsertAllRequest, an object with `rows`.",
        ) from None
    options: JsonObject = {name: value for name, value in _options(request) if value is not msgspec.UNSET}
    return options, len(request.rows), _ENCODER.encode(request)


def _options(request: _InsertAll) -> list[tuple[str, Any]]:
    return [(name, getattr(request, name)) for name in request.__struct_fields__ if name != "rows"]
