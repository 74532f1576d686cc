"""One REST request, read: path and query parameters, JSON body, who asks."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from gatebook.sandbox.errors import ApiError, invalid, not_implemented
from gatebook.sandbox.warehouse import DatasetName, Resource, RoutineName, TableName

_TRUE = {"true", "1", "t", "yes"}
_FALSE = {"false", "0", "f", "no", ""}


@dataclass(frozen=True, slots=True)
class Call:
    """A request to one method.

    path: values of the path's placeholders. query: query parameters, every value kept in order. body: the
    JSON body, empty without one. base_url: scheme and authority the client used, without a final slash.
    if_match: the etag the caller insists on.
    """

    path: Mapping[str, str]
    query: Mapping[str, list[str]]
    body: Resource = field(default_factory=dict)
    user_email: str = ""
    base_url: str = ""
    if_match: str | None = None

    @property
    def project(self) -> str:
        """The project in the path."""
        return self.path["projectId"]

    @property
    def dataset(self) -> DatasetName:
        """The dataset in the path."""
        return DatasetName(self.project, self.path["datasetId"])

    @property
    def table(self) -> TableName:
        """The table in the path."""
        return TableName(self.project, self.path["datasetId"], self.path["tableId"])

    @property
    def routine(self) -> RoutineName:
        """The routine in the path."""
        return RoutineName(self.project, self.path["datasetId"], self.path["routineId"])

    def text(self, name: str) -> str | None:
        """A query parameter's last value; None when absent or empty."""
        values = self.query.get(name)
        return values[-1] or None if values else None

    def texts(self, name: str) -> list[str]:
        """All values of a repeatable query parameter; commas separate too."""
        return [part for value in self.query.get(name, []) for part in value.split(",") if part]

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean query parameter, in any spelling clients use (python sends ``True``)."""
        text = (self.query.get(name) or [""])[-1].lower()
        if not text:
            return default
        if text in _TRUE | _FALSE:
            return text in _TRUE
        raise bad_value(name, "boolean", text)

    def integer(self, name: str) -> int | None:
        """An unsigned query parameter; 400 `invalid` when it is no such number."""
        text = self.text(name)
        return None if text is None else unsigned(name, text)


def unsigned(name: str, value: Any) -> int:
    """An unsigned 64-bit number given as JSON number or text; 400 `invalid` otherwise."""
    try:
        number = int(value)
    except (TypeError, ValueError):
        raise bad_value(name, "integer", value) from None
    if not 0 <= number < 1 << 64:
        raise bad_value(name, "unsigned integer", value)
    return number


def bad_value(name: str, kind: str, value: Any) -> ApiError:
    """400 `invalid` for a parameter that is not of its type."""
    return invalid(f"Invalid value for {name}: {value} is not a valid {kind}", location=name)


def refuse_unknown(resource: Mapping[str, Any], understood: Collection[str], where: str) -> None:
    """501 `notImplemented` for any option that is set and not understood: ignoring it could change a result."""
    for name, value in resource.items():
        if value and name not in understood:
            raise not_implemented(f"{where}.{name}")


def required(resource: Mapping[str, Any], *path: str) -> Any:
    """The value at a path of a JSON body; 400 `required` naming the path when it is missing."""
    value: Any = resource
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
        if value in (None, "", {}):
            raise ApiError(400, "required", f"Required parameter is missing: {'.'.join(path)}", ".".join(path))
    return value
