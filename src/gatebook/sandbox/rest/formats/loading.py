"""What every reader of load files shares: what it gives, how bad rows are counted, how a job says so."""

from dataclasses import dataclass, field

import pyarrow as pa

from gatebook.sandbox.errors import ApiError, invalid
from gatebook.sandbox.warehouse import Resource


@dataclass(frozen=True, slots=True)
class Loaded:
    """The rows of one load. fields: the REST schema they have; bad_records: rows left out as allowed."""

    fields: list[Resource]
    rows: pa.Table
    bad_records: int = 0


@dataclass(slots=True)
class BadRecords:
    """Bad rows met so far, and how many the job allows (``maxBadRecords``)."""

    format_name: str
    allowed: int
    messages: list[str] = field(default_factory=list)

    def add(self, message: str) -> None:
        """Count a bad row; message says what is wrong with it and where."""
        self.messages.append(f"Error while reading data, error message: {message}")

    def check(self, rows: int) -> int:
        """The number of bad rows; raises LoadFailed when there are more than allowed."""
        errors = len(self.messages)
        if errors > self.allowed:
            summary = (
                f"Error while reading data, error message: {self.format_name} table encountered too many errors, "
                f"giving up. Rows: {rows}; errors: {errors}. Please look into the errors[] collection for "
                "more details."
            )
            raise LoadFailed(summary, self.messages)
        return errors


class LoadFailed(ApiError):
    """A load that met too many bad rows. details: one message per bad row, for the job's ``errors``."""

    def __init__(self, message: str, details: list[str]) -> None:
        super().__init__(400, "invalid", message)
        self.details = details


def no_schema() -> ApiError:
    """400 `invalid` for rows whose types nobody gave."""
    return invalid("No schema specified on job or table.")
