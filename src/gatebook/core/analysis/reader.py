"""What the analysis needs of Google's analyzer."""

from collections.abc import Sequence
from typing import Any, Protocol

from gatebook.core.analysis.parameters import Parameters
from gatebook.googlesql import script
from gatebook.googlesql.catalog import Catalog, Routine
from gatebook.googlesql.types import SqlType


class Reader(Protocol):
    """What this package needs of `gatebook.googlesql.analyzer.Analyzer`, which says more. All raise GoogleSqlError."""

    def parse(self, sql: str, *, script: bool = False) -> Any:
        """Give the parse tree of a text."""

    def statements(self, sql: str) -> script.Script:
        """Give the statements of a text."""

    def names(self, sql: str) -> Any:
        """Give the names that a text refers to."""

    def normalise(self, sql: str, project: str, dataset: str | None) -> str:
        """Give the text with every name in full."""

    def analyze(self, sql: str, catalog: Catalog, parameters: Parameters = None) -> Any:
        """Give the analysis of one statement."""

    def analyze_expression(self, sql: str, catalog: Catalog, parameters: Parameters = None) -> Any:
        """Give the resolved tree of an expression."""

    def analyze_routine(
        self, routine: Routine, catalog: Catalog, argument_types: Sequence[SqlType | None] | None = None
    ) -> Any:
        """Give the analysis of the statement that makes an SQL function or table function."""

    def parse_type(self, sql: str) -> SqlType:
        """Give the type that a text names."""
