"""A catalog on disk: an array of Table and Routine resources of the REST API, as the list and get methods give them."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from gatebook.core import documents
from gatebook.core.analysis.footprint import TableRef
from gatebook.core.policy.catalog_check import unmatched_patterns
from gatebook.core.policy.problems import Problem
from gatebook.core.policy.question import Tables
from gatebook.core.policy.reading import POLICY
from gatebook.core.policy.table_facts import table_facts
from gatebook.inbound.cli.policy_paths import CannotTry
from gatebook.policy_files import read_file


def read_catalog(path: Path) -> list[dict[str, Any]]:
    """Give the resources. Raises CannotTry."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=list[dict[str, Any]])
    except (OSError, RecursionError, msgspec.DecodeError) as error:
        raise CannotTry(f"{path}: is no JSON array of Table and Routine resources: {error}") from error


def tables_of(resources: Sequence[dict[str, Any]]) -> Tables:
    """Give the facts of the tables in a catalog."""
    return dict(_facts(resources))


def _facts(resources: Sequence[dict[str, Any]]) -> Iterator[tuple[TableRef, Any]]:
    for resource in resources:
        names = [documents.text(resource, "tableReference", name) for name in ("projectId", "datasetId", "tableId")]
        if all(names):
            yield TableRef(*[name or "" for name in names]), table_facts(resource)


def unmatched(files: Sequence[Path], resources: Sequence[dict[str, Any]]) -> Iterator[Problem]:
    """Warn of the patterns in policy files that stand for nothing in the catalog."""
    tables = tables_of(resources)
    for file in files:
        read = read_file(file, POLICY)
        if not isinstance(read, list):
            yield from unmatched_patterns(read, tables)
