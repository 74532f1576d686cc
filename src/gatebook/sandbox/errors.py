"""The one error of the embedded BigQuery: its answer before it is dressed as HTTP, gRPC or a job.

Statuses, reasons and wording follow https://cloud.google.com/bigquery/docs/error-messages.
"""

from typing import Final

_LOCATION: Final = "US"


class ApiError(Exception):
    """An answer BigQuery would give instead of a result.

    status: the HTTP status; reason: BigQuery's reason word (`invalidQuery`, `notFound`, ...); message:
    one line for people; location: what the reason points at (`query` for SQL), None when BigQuery names
    none.
    """

    def __init__(self, status: int, reason: str, message: str, location: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.message = message
        self.location = location


def invalid_query(message: str) -> ApiError:
    """The SQL is wrong, or failed while it ran: 400 `invalidQuery`."""
    return ApiError(400, "invalidQuery", message, location="q")


def invalid(message: str, location: str | None = None) -> ApiError:
    """A request whose values make no sense: 400 `invalid`."""
    return ApiError(400, "invalid", message, location)


def not_found(kind: str, name: str) -> ApiError:
    """A resource that is not there: 404 `notFound`. kind: `Dataset`, `Table`, `Routine`, `Job`, ..."""
    where = f" in location {_LOCATION}" if kind in {"Dataset", "Table"} else ""
    text = f"Not found: {kind} {name} was not found{where}" if where else f"Not found: {kind} {name}"
    return ApiError(404, "notFound", text)


def duplicate(kind: str, name: str) -> ApiError:
    """A resource that is already there: 409 `duplicate`."""
    return ApiError(409, "duplicate", f"Already Exists: {kind} {name}")


def in_use(message: str) -> ApiError:
    """A resource that still holds others: 400 `resourceInUse`."""
    return ApiError(400, "resourceInUse", message)


def precondition_failed() -> ApiError:
    """The etag the caller holds is not the resource's any more: 412 `conditionNotMet`."""
    return ApiError(412, "conditionNotMet", "Precondition check failed.", location="If-Match")


def not_implemented(what: str) -> ApiError:
    """Something BigQuery has and this sandbox has not, by name: 501 `notImplemented`."""
    return ApiError(501, "notImplemented", f"Not implemented in the embedded BigQuery: {what}")


def stopped() -> ApiError:
    """The job was cancelled by its owner: reason `stopped`, as BigQuery shows it in a job's errorResult."""
    return ApiError(499, "stopped", "Job execution was cancelled: User requested cancellation")


def internal(message: str) -> ApiError:
    """A fault of the sandbox itself: 500 `internalError`, with no inner detail."""
    return ApiError(500, "internalError", message)
