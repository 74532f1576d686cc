"""Google's analyzer, shared by all jobs: one instance, one thread at a time, a time limit, a memory of its answers."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from gatebook.googlesql import tree
from gatebook.googlesql.analysis import Analysis
from gatebook.googlesql.analyzer import Analyzer
from gatebook.googlesql.catalog import Catalog
from gatebook.googlesql.edits import Rewritten
from gatebook.googlesql.errors import SqlError
from gatebook.googlesql.script_reader import read_script
from gatebook.googlesql.types import SqlType
from gatebook.sandbox.warehouse.binding.text import Source, Text, read_source

ParameterTypes = Mapping[str, SqlType] | tuple[SqlType, ...] | None
"""Types by name, by position, or None: undeclared, their types follow from their use."""

Answer = TypeVar("Answer")

_TIME_LIMIT_SECONDS: Final = 30.0
_REMEMBERED: Final = 512


class Analysts:
    """Questions about SQL text. Raises the analyzer's own errors (gatebook.googlesql.errors)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._analyzer: Analyzer | None = None
        self._memory: OrderedDict[object, Any] = OrderedDict()

    def source(self, sql: str) -> Source:
        """Parse a text of any number of statements."""

        def parse(analyzer: Analyzer) -> Source:
            parsed = analyzer.parse(sql, script=True)
            return read_source(read_script(sql, parsed), parsed)

        return self._ask(("source", sql), parse)

    def single(self, sql: str) -> Text:
        """The text of exactly one statement."""
        source = self.source(sql)
        if len(source.script.body) != 1:
            raise SqlError("Expected exactly one statement")
        return source.text(source.script.body[0].range)

    def constant(self, sql: str) -> Text:
        """The text of an expression that names nothing."""
        return Text(sql, sql, frozenset(), 1, 1, Rewritten(sql, sql, ()))

    def is_scalar_expression(self, sql: str) -> bool:
        """Whether the text is exactly one expression, without subqueries."""
        return self._ask(("scalar", sql), lambda analyzer: _is_scalar(analyzer.parse(f"SELECT (\n{sql}\n)")))

    def analyze(self, sql: str, catalog: Catalog, parameters: ParameterTypes) -> Analysis:
        """Analyze one statement."""
        return self._ask(None, lambda analyzer: analyzer.analyze(sql, catalog, parameters))

    def expression(self, sql: str, catalog: Catalog, parameters: ParameterTypes) -> Any:
        """Analyze one expression: its resolved tree."""
        key = ("expression", sql, catalog, _key(parameters))
        return self._ask(key, lambda analyzer: analyzer.analyze_expression(sql, catalog, parameters))

    def _ask(self, key: object, question: Callable[[Analyzer], Answer]) -> Answer:
        """Ask, unless the answer is remembered under the key; None leaves that to the analyzer's own memory."""
        with self._lock:
            if key is not None and key in self._memory:
                self._memory.move_to_end(key)
                known: Answer = self._memory[key]
                return known
            if self._analyzer is None:
                self._analyzer = Analyzer()
            with self._analyzer.engine.deadline(_TIME_LIMIT_SECONDS):
                answer = question(self._analyzer)
            if key is not None:
                self._memory[key] = answer
            if len(self._memory) > _REMEMBERED:
                self._memory.popitem(last=False)
            return answer


def _key(parameters: ParameterTypes) -> object:
    return tuple(parameters.items()) if isinstance(parameters, Mapping) else parameters


def _is_scalar(parsed: Any) -> bool:
    """Whether `SELECT (...)` holds one expression: nothing else is in the query, nothing else in the SELECT."""
    queries = list(tree.walk_kinds(parsed, "Query"))
    select = tree.unwrap(queries[0].query_expr)
    if len(queries) != 1 or tree.kind(select) != "Select" or _parts(queries[0]) != ["query_expr"]:
        return False
    columns = list(select.select_list.columns) if _parts(select) == ["select_list"] else []
    return len(columns) == 1 and not columns[0].HasField("alias")


def _parts(node: Any) -> list[str]:
    return [name for name, _ in tree.children(node) if name != "parse_location_range"]
