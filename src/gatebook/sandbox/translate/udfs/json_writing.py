"""JSON functions that make a changed value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gatebook.sandbox.translate.udfs.json_values import (
    Path,
    found_at,
    parsed_path,
    read_json,
    sorted_members,
    write,
)
from gatebook.sandbox.translate.udfs.registry import BOOL, JSON, TEXT, TEXTS, EvaluationError, Udf

_Change = Callable[[Any, Path, Any, bool, bool], Any]


def _object(names: list[str | None], values: list[str]) -> str:
    """The first of several members with one name wins."""
    if len(names) != len(values):
        raise EvaluationError("The number of keys and values must match")
    members: dict[str, Any] = {}
    for name, value in zip(names, values, strict=True):
        if name is None:
            raise EvaluationError("A key cannot be NULL")
        members.setdefault(name, read_json(value))
    return write(sorted_members(members))


def _changed(change: _Change) -> Callable[..., str | None]:
    """Apply changes one after the other. `flag` is the function's last, named argument."""

    def apply(
        text: str | None, paths: list[str | None], values: list[str], arrays: list[bool], flag: bool | None
    ) -> str | None:
        if text is None or flag is None or None in paths:
            return None
        value = read_json(text)
        for path, item, is_array in zip(paths, values, arrays, strict=True):
            value = change(value, parsed_path(path or "", "standard"), read_json(item), is_array, flag)
        return write(sorted_members(value))

    return apply


def _set(value: Any, path: Path, item: Any, _is_array: bool, create: bool) -> Any:
    """JSON_SET(..., create_if_missing)."""
    if not path:
        return item
    step, rest = path[0], path[1:]
    if value is None and create:
        value = {} if isinstance(step, str) else []
    if isinstance(step, str) and isinstance(value, dict) and (step in value or create):
        value[step] = _set(value.get(step), rest, item, _is_array, create)
    elif isinstance(step, int) and isinstance(value, list) and (step < len(value) or create):
        value.extend([None] * (step + 1 - len(value)))
        value[step] = _set(value[step], rest, item, _is_array, create)
    return value


def _append(value: Any, path: Path, item: Any, is_array: bool, each: bool) -> Any:
    """JSON_ARRAY_APPEND(..., append_each_element)."""
    items = item if is_array and each else [item]
    target = found_at(value, path)
    if isinstance(target, list):
        target.extend(items if item is not None or not is_array else [])
    elif target is None:
        return _set(value, path, list(items or []), is_array, create=True)
    return value


def _insert(value: Any, path: Path, item: Any, is_array: bool, each: bool) -> Any:
    """JSON_ARRAY_INSERT(..., insert_each_element)."""
    if not path or not isinstance(path[-1], int):
        return value
    items, target, at = (item if is_array and each else [item]), found_at(value, path[:-1]), path[-1]
    if target is None:
        target = []
        value = _set(value, path[:-1], target, is_array, create=True)
    if isinstance(target, list):
        target.extend([None] * (at - len(target)))
        target[at:at] = items or []
    return value


def _remove(text: str, paths: list[str | None]) -> str:
    value = read_json(text)
    for path in paths:
        if path is None:
            continue
        steps = parsed_path(path, "standard")
        if not steps:
            raise EvaluationError("The JSONPath cannot be '$'")
        target, last = found_at(value, steps[:-1]), steps[-1]
        if isinstance(target, dict) and isinstance(last, str):
            target.pop(last, None)
        elif isinstance(target, list) and isinstance(last, int) and last < len(target):
            target.pop(last)
    return write(value)


def _strip_nulls(text: str, path: str, include_arrays: bool, remove_empty: bool) -> str:
    value = read_json(text)
    steps = parsed_path(path, "standard")
    target = found_at(value, steps)
    if isinstance(target, dict | list):
        stripped = _stripped(target, include_arrays, remove_empty)
        value = stripped if not steps else _set(value, steps, stripped, False, create=False)
    return write(value)


def _stripped(value: Any, arrays: bool, empty: bool) -> Any:
    """Without null members, without null elements if `arrays`; what becomes empty turns into null if `empty`."""
    if isinstance(value, dict):
        members = {name: _stripped(item, arrays, empty) for name, item in value.items()}
        kept: Any = {name: item for name, item in members.items() if item is not None}
    elif isinstance(value, list):
        items = [_stripped(item, arrays, empty) for item in value]
        kept = [item for item in items if item is not None] if arrays else items
    else:
        return value
    return None if empty and not kept and (arrays or isinstance(value, dict)) else kept


_CHANGE = (JSON, TEXTS, TEXTS, "BOOLEAN[]", BOOL)

UDFS: tuple[Udf, ...] = (
    Udf("bq_json_object", _object, (TEXTS, TEXTS), TEXT),
    Udf("bq_json_set", _changed(_set), _CHANGE, TEXT, sees_null=True),
    Udf("bq_json_array_append", _changed(_append), _CHANGE, TEXT, sees_null=True),
    Udf("bq_json_array_insert", _changed(_insert), _CHANGE, TEXT, sees_null=True),
    Udf("bq_json_remove", _remove, (JSON, TEXTS), TEXT),
    Udf("bq_json_strip_nulls", _strip_nulls, (JSON, TEXT, BOOL, BOOL), TEXT),
)
