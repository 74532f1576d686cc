import pytest

from gatebook.googlesql import protos
from gatebook.googlesql.analyzer import Analyzer
from gatebook.googlesql.catalog import Catalog
from gatebook.googlesql.engine import Engine
from gatebook.googlesql.errors import AnalysisLimit, SqlError, error_from_status

LONG_LIST = "SELECT 1 IN (" + ",".join(["1"] * 60_000) + ")"


def ask(analyzer: Analyzer, sql: str) -> None:
    """Parse without the analyzer's memory of what it parsed before."""
    analyzer._resolver.parse(sql, script=False)


def test_deadlines_nest(analyzer: Analyzer) -> None:
    with analyzer.engine.deadline(60.0), analyzer.engine.deadline(0.05), pytest.raises(AnalysisLimit) as raised:
        ask(analyzer, LONG_LIST)
    assert raised.value.kind == "time"
    with analyzer.engine.deadline(0.0), analyzer.engine.deadline(60.0), pytest.raises(AnalysisLimit):
        ask(analyzer, "SELECT 1")
    ask(analyzer, "SELECT 1")


def test_a_limit_ends_the_instance_and_the_next_call_has_a_new_one(analyzer: Analyzer) -> None:
    ask(analyzer, "SELECT 1")
    before = analyzer.engine.generation
    with analyzer.engine.deadline(0.05), pytest.raises(AnalysisLimit):
        ask(analyzer, LONG_LIST)
    assert not analyzer.engine.running
    assert analyzer.engine.memory_bytes() == 0
    ask(analyzer, "SELECT 1")
    assert analyzer.engine.generation == before + 1


def test_objections_keep_the_instance(analyzer: Analyzer) -> None:
    ask(analyzer, "SELECT 1")
    before = analyzer.engine.generation
    with pytest.raises(SqlError):
        ask(analyzer, "SELECT )")
    ask(analyzer, "SELECT 1")
    assert analyzer.engine.generation == before


def test_memory_is_limited() -> None:
    small = Analyzer(Engine(memory_limit_bytes=24 * 1024 * 1024))
    assert small.analyze("SELECT 1", Catalog()).kind == "SELECT"
    with pytest.raises(AnalysisLimit) as raised:
        ask(small, LONG_LIST)
    assert raised.value.kind == "memory"
    assert small.analyze("SELECT 1", Catalog()).kind == "SELECT"


def test_replies_are_limited() -> None:
    short = Engine(reply_limit_bytes=1000)
    request = protos.service.LanguageOptionsRequest(maximum_features=True)
    short.call("GetLanguageOptions", request, protos.options.LanguageOptionsProto)
    parse = protos.service.ParseRequest(sql_statement="SELECT " + ", ".join(["1"] * 1000))
    with pytest.raises(AnalysisLimit) as raised:
        short.call("Parse", parse, protos.service.ParseResponse)
    assert raised.value.kind == "size"


@pytest.mark.parametrize(
    ("status", "message", "line", "column"),
    [
        ('Code: 3, Message: Syntax error: Unexpected ")" [at 1:8]', 'Syntax error: Unexpected ")"', 1, 8),
        ("Code: 3, Message: A [at 1:2]; B\n  C [at 3:14]", "A [at 1:2]; B\n  C", 3, 14),
        ("Code: 5, Message: Not found", "Not found", None, None),
        ("Something else", "Something else", None, None),
    ],
)
def test_statuses_are_read(status: str, message: str, line: int | None, column: int | None) -> None:
    error = error_from_status(status)
    assert isinstance(error, SqlError)
    assert (error.message, error.line, error.column) == (message, line, column)
    assert str(error) == (message if line is None else f"{message} at [{line}:{column}]")


def test_the_analyzers_own_faults_are_limits() -> None:
    error = error_from_status("Code: 13, Message: RET_CHECK failure (file.cc:1) x")
    assert isinstance(error, AnalysisLimit)
    assert "RET_CHECK" not in str(error)
