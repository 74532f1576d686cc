"""Patterns of a policy that stand for nothing in a catalog: a table that was renamed, a column that was misspelt."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import msgspec

from gatebook.core.policy.columns import ColumnPattern, column_of
from gatebook.core.policy.conditions import CLASS
from gatebook.core.policy.names import Inside, Thing, pattern_of
from gatebook.core.policy.problems import Path, Problem, Severity
from gatebook.core.policy.question import Tables
from gatebook.core.policy.reading import Source


def unmatched_patterns(source: Source, tables: Tables) -> Iterator[Problem]:
    """Give a warning for each pattern of tables or columns that stands for none. The file must be without errors."""
    things = [Thing.of_table(table) for table in tables]
    columns = [column_of((table, leaf.path), tables) for table, facts in tables.items() for leaf in facts.columns]

    def any_table(pattern: str) -> bool:
        read = pattern_of(pattern)
        # What is not in a dataset, and what is there beside tables, is in no catalog of tables.
        return not isinstance(read, Inside) or read.kind is not None or any(map(read.touches, things))

    def any_column(pattern: str) -> bool:
        return pattern.startswith(CLASS) or any(map(ColumnPattern.of(pattern).covers, columns))

    for path, pattern, what in _patterns(source):
        there: Callable[[str], bool] = any_column if what == "column" else any_table
        if not there(pattern):
            problem = source.located.problem(path, f"{pattern!r} stands for no {what} of the catalog")
            yield replace(problem, severity=Severity.WARNING)


def _patterns(source: Source) -> Iterator[tuple[Path, str, str]]:
    for name, entry in source.document.classifications.items():
        for index, pattern in enumerate(entry.columns):
            yield ("classifications", name, "columns", index), pattern, "column"
    for number, rule in enumerate(source.document.rules):
        if isinstance(rule.statement, msgspec.UnsetType):
            continue
        for key, what in (("reads", "table"), ("writes", "table"), ("columns", "column")):
            for index, pattern in enumerate(getattr(rule.statement, key)):
                yield ("rules", number, "statement", key, index), pattern, what
