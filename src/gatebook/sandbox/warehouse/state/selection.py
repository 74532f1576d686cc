"""A selection of columns, top-level or nested (`address.city`), as Storage Read's `selected_fields` has it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import pyarrow as pa

from gatebook.sandbox.errors import invalid
from gatebook.sandbox.warehouse.arrow import arrow_schema
from gatebook.sandbox.warehouse.requests import Resource


@dataclass(frozen=True, slots=True)
class Selection:
    """whole_fields: the top-level fields to read; fields: the same with unselected nested fields left out."""

    whole_fields: list[Resource]
    fields: list[Resource]

    @classmethod
    def of(cls, fields: Sequence[Resource], names: Sequence[str] | None) -> Self:
        """Select by dotted names; None selects everything. 400 for a name that is no field."""
        if names is None:
            return cls(list(fields), list(fields))
        chosen = _chosen(fields, [name.lower().split(".") for name in names], "")
        kept = {field["name"] for field in chosen}
        return cls([field for field in fields if field["name"] in kept], chosen)

    @property
    def columns(self) -> list[str]:
        """Names of the top-level columns."""
        return [field["name"] for field in self.whole_fields]

    def arrow_schema(self) -> pa.Schema:
        """What `nested` gives."""
        return pa.schema([field.with_nullable(True) for field in arrow_schema(self.fields)])

    def nested(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """A batch of whole fields without the nested fields that are not selected."""
        return batch if self.fields == self.whole_fields else batch.cast(self.arrow_schema())


def _chosen(fields: Sequence[Resource], wanted: list[list[str]], path: str) -> list[Resource]:
    known = {field["name"].lower() for field in fields}
    for name in wanted:
        if name[0] not in known:
            raise invalid(f"No such field: {path}{name[0]}")
    result = []
    for field in fields:
        inner = [name[1:] for name in wanted if name[0] == field["name"].lower()]
        if not inner:
            continue
        whole = any(not rest for rest in inner)
        if whole or "fields" not in field:
            result.append(field)
        else:
            result.append({**field, "fields": _chosen(field["fields"], inner, f"{path}{field['name']}.")})
    return result
