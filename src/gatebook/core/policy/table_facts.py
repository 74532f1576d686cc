"""BigQuery's Table resource (REST v2) to what classification needs to know of it: leaf columns, policy tags, labels."""

from collections.abc import Iterator

from gatebook.core import documents
from gatebook.core.policy.question import ColumnFacts, TableFacts

_NESTING = 15  # records within records, as many as BigQuery has


def table_facts(resource: object) -> TableFacts:
    """Read a Table resource, whatever its shape: what is not as documented is left out."""
    labels = documents.obj(resource, "labels")
    return TableFacts(
        tuple(_leaves(documents.items(resource, "schema", "fields"), "", (), _NESTING)),
        {key: value for key, value in labels.items() if isinstance(value, str)},
    )


def _leaves(fields: list[object], prefix: str, tags: tuple[str, ...], depth: int) -> Iterator[ColumnFacts]:
    for field in fields:
        name = documents.text(field, "name")
        if name is None:
            continue
        own = tuple(tag for tag in documents.items(field, "policyTags", "names") if isinstance(tag, str))
        inner = documents.items(field, "fields")
        if inner and depth:
            yield from _leaves(inner, f"{prefix}{name}.", (*tags, *own), depth - 1)
        else:
            yield ColumnFacts(prefix + name, (*tags, *own))
