"""The alphabets of BigQuery's resource names: a name that is not plainly one thing is refused.

The rules are those of the reference (`DatasetReference`, `TableReference`, `JobReference`, ...). They are stricter
than BigQuery only where one resource would have two spellings, since a policy that names one would miss the other.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping

# A project number is a second spelling of a project id; ids begin with a letter, so that the two never mix.
_PROJECT = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+:)?[a-z][a-z0-9-]{0,62}"
)
_WORD = re.compile(r"[A-Za-z0-9_]{1,1024}")
_JOB = re.compile(r"[A-Za-z0-9_-]{1,1024}")
_ASCII_TABLE = re.compile(r"[A-Za-z0-9_-]{1,1024}")
# A partition: a date or hour, an integer range's start, or one of the two named partitions. Time decorators (`@`)
# name another state of the table, and are refused.
_PARTITION = re.compile(r"[0-9]{1,19}|__NULL__|__UNPARTITIONED__")
_TABLE_BYTES = 1024


def is_project(name: str) -> bool:
    """Tell a project id, domain-scoped ones (`example.com:warehouse`) included; a project number is none."""
    return _PROJECT.fullmatch(name) is not None and not name.endswith("-")


def is_dataset(name: str) -> bool:
    """Tell a dataset id."""
    return _WORD.fullmatch(name) is not None


def is_table(name: str) -> bool:
    """Tell a table id: up to 1024 bytes of letters, marks, numbers, connectors, dashes and spaces, normalised (NFC)."""
    if _ASCII_TABLE.fullmatch(name):
        return True
    return (
        0 < len(name.encode("utf-8", "surrogatepass")) <= _TABLE_BYTES
        and all(_is_table_character(character) for character in name)
        and unicodedata.is_normalized("NFC", name)
    )


def is_table_or_partition(name: str) -> bool:
    """Tell a table id that may carry a partition decorator (`events$20260131`)."""
    table, decorated, partition = name.partition("$")
    return is_table(table) and (not decorated or _PARTITION.fullmatch(partition) is not None)


def is_job(name: str) -> bool:
    """Tell a job id."""
    return _JOB.fullmatch(name) is not None


def _is_table_character(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] in "LMN" or category in ("Pc", "Pd") or character == " "


NAMES: Mapping[str, Callable[[str], bool]] = {
    "projectId": is_project,
    "datasetId": is_dataset,
    "tableId": is_table_or_partition,
    "jobId": is_job,
    "routineId": is_dataset,
    "modelId": is_table,
    "policyId": is_dataset,
}
