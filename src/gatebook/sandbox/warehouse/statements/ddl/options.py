"""OPTIONS(...) lists as fields of REST resources.

https://cloud.google.com/bigquery/docs/reference/standard-sql/data-definition-language
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from gatebook.sandbox.errors import invalid_query, not_implemented
from gatebook.sandbox.warehouse.requests import Resource

_DAY_MS: Final = 86_400_000

Change = Callable[[Resource, Any], None]
"""Lay one option's value (None: unset) over a resource."""


def _plain(key: str) -> Change:
    def change(resource: Resource, value: Any) -> None:
        if value is None:
            resource.pop(key, None)
        else:
            resource[key] = value

    return change


def _nested(outer: str, inner: str, form: Callable[[Any], Any] = lambda value: value) -> Change:
    def change(resource: Resource, value: Any) -> None:
        part = {k: v for k, v in resource.get(outer, {}).items() if k != inner}
        if value is not None:
            part[inner] = form(value)
        resource[outer] = part

    return change


def _labels(resource: Resource, value: Any) -> None:
    pairs = [tuple(item.values()) for item in value or []]
    if len({key for key, _ in pairs}) != len(pairs):
        raise invalid_query("Duplicate label keys are not allowed")
    resource["labels"] = dict(pairs)


def _expiration(resource: Resource, value: datetime | None) -> None:
    if value is None:
        resource.pop("expirationTime", None)
    else:
        resource["expirationTime"] = str(int(value.astimezone(UTC).timestamp() * 1000))


def _days(key: str) -> Change:
    def change(resource: Resource, value: Any) -> None:
        if value is None:
            resource.pop(key, None)
        else:
            resource[key] = str(round(float(value) * _DAY_MS))

    return change


def _partition_days(resource: Resource, value: Any) -> None:
    if "timePartitioning" not in resource:
        raise invalid_query("partition_expiration_days can only be set on a table partitioned by time")
    _nested("timePartitioning", "expirationMs", lambda days: str(round(float(days) * _DAY_MS)))(resource, value)


_DESCRIBED: Final[Mapping[str, Change]] = {
    "description": _plain("description"),
    "friendly_name": _plain("friendlyName"),
    "labels": _labels,
}
TABLE: Final[Mapping[str, Change]] = {
    **_DESCRIBED,
    "expiration_timestamp": _expiration,
    "partition_expiration_days": _partition_days,
    "require_partition_filter": _plain("requirePartitionFilter"),
    "kms_key_name": _nested("encryptionConfiguration", "kmsKeyName"),
    "default_rounding_mode": _plain("defaultRoundingMode"),
    "enable_change_history": _plain("enableChangeHistory"),
    "max_staleness": _plain("maxStaleness"),
}
VIEW: Final[Mapping[str, Change]] = {
    **_DESCRIBED,
    "expiration_timestamp": _expiration,
    "enable_refresh": _nested("materializedView", "enableRefresh"),
    "refresh_interval_minutes": _nested(
        "materializedView", "refreshIntervalMs", lambda minutes: str(round(float(minutes) * 60_000))
    ),
}
SCHEMA: Final[Mapping[str, Change]] = {
    **_DESCRIBED,
    "location": _plain("location"),
    "default_table_expiration_days": _days("defaultTableExpirationMs"),
    "default_partition_expiration_days": _days("defaultPartitionExpirationMs"),
    "default_kms_key_name": _nested("defaultEncryptionConfiguration", "kmsKeyName"),
    "default_rounding_mode": _plain("defaultRoundingMode"),
    "max_time_travel_hours": _plain("maxTimeTravelHours"),
    "storage_billing_model": _plain("storageBillingModel"),
}
COLUMN: Final[Mapping[str, Change]] = {
    "description": _plain("description"),
    "rounding_mode": _plain("roundingMode"),
}
ROUTINE: Final[Mapping[str, Change]] = {
    "description": _plain("description"),
    "library": _plain("importedLibraries"),
    "strict_mode": _plain("strictMode"),
}
# Options that BigQuery has and that would change what a statement does; ignoring them would be a silent
# difference.
_NOT_IMPLEMENTED: Final = frozenset(
    {"data_policies", "privacy_policy", "is_case_insensitive", "default_collation", "tags"}
)


def apply(resource: Resource, options: Iterable[tuple[str, Any]], known: Mapping[str, Change]) -> None:
    """Lay the options (name, value) over a resource, in place."""
    for name, value in options:
        if name.lower() in _NOT_IMPLEMENTED:
            raise not_implemented(f"the option {name}")
        change = known.get(name.lower())
        if change is None:
            raise invalid_query(f"Unknown option: {name}")
        change(resource, value)
