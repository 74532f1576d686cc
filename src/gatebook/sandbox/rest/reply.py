"""Replies: resources and errors as HTTP, in the shape Google's APIs give them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from starlette.responses import Response

from gatebook.sandbox.errors import ApiError
from gatebook.sandbox.rest import partial
from gatebook.sandbox.rest.call import Call
from gatebook.sandbox.warehouse import Resource

_JSON = "application/json; charset=UTF-8"
_STATUS_NAMES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ALREADY_EXISTS",
    412: "FAILED_PRECONDITION",
    499: "CANCELLED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """What a method answers. resource: the JSON body, None for an empty one."""

    resource: Resource | None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def render(call: Call, reply: Reply) -> Response:
    """The reply under the call's `fields`, `prettyPrint` and with the resource's etag as header."""
    if reply.resource is None:
        empty = 204 if reply.status == 200 and not reply.headers else reply.status
        return Response(status_code=empty, headers=dict(reply.headers))
    resource = reply.resource
    headers = dict(reply.headers)
    if isinstance(resource.get("etag"), str):
        headers["ETag"] = resource["etag"]
    mask = call.text("fields")
    if mask is not None:
        resource = partial.apply(partial.parse(mask), resource)
    return _json(resource, reply.status, headers, pretty=call.flag("prettyPrint", default=True))


def render_error(error: ApiError) -> Response:
    """An error as BigQuery's REST API answers it."""
    detail: dict[str, Any] = {"message": error.message, "domain": "global", "reason": error.reason}
    if error.location is not None:
        kind = "header" if error.location in {"If-Match", "Content-Range", "Content-Type"} else "parameter"
        detail |= {"location": error.location, "locationType": kind}
    body = {
        "error": {
            "code": error.status,
            "message": error.message,
            "errors": [detail],
            "status": _STATUS_NAMES.get(error.status, "UNKNOWN"),
        }
    }
    return _json(body, error.status, {}, pretty=True)


def _json(body: Resource, status: int, headers: Mapping[str, str], *, pretty: bool) -> Response:
    content = msgspec.json.encode(body)
    if pretty:
        content = msgspec.json.format(content, indent=2)
    return Response(content, status, headers, media_type=_JSON)
