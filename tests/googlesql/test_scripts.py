import dataclasses

import pytest

from gatebook.googlesql.analyzer import Analyzer
from gatebook.googlesql.errors import AnalysisLimit
from gatebook.googlesql.script import (
    Assign,
    Block,
    Call,
    Case,
    Declare,
    ExecuteImmediate,
    If,
    Jump,
    Loop,
    Raise,
    Script,
    Statement,
)
from gatebook.googlesql.tree import ByteRange

SCRIPT = """
DECLARE x, y INT64 DEFAULT (SELECT 1);
DECLARE z DEFAULT 'é';
SET x = x + 1;
SET (x, y) = (1, 2);
SET @@time_zone = 'UTC';
IF x = 1 THEN SELECT 1; ELSEIF z = 'é' THEN SELECT 2; SELECT 3; ELSE SELECT 4; END IF;
outer_loop: WHILE x < 3 DO
  BREAK outer_loop; LEAVE; CONTINUE; ITERATE outer_loop;
END WHILE outer_loop;
FOR r IN (SELECT 1 AS a) DO SELECT r.a; END FOR;
REPEAT SET x = 0; UNTIL x = 0 END REPEAT;
LOOP LEAVE; END LOOP;
CASE x WHEN 1 THEN SELECT 5; ELSE SELECT 6; END CASE;
CASE WHEN x = 1 THEN SELECT 7; END CASE;
BEGIN
  INSERT INTO t VALUES (1);
EXCEPTION WHEN ERROR THEN
  RAISE USING MESSAGE = @@error.message; RAISE;
END;
EXECUTE IMMEDIATE 'SELECT ?, @b' INTO x, y USING 1, 2 AS b;
EXECUTE IMMEDIATE CONCAT('SELECT ', z);
CALL `p.d.proc`(x, 'é');
BEGIN TRANSACTION;
COMMIT TRANSACTION;
RETURN;
"""


@pytest.fixture(scope="module")
def script(analyzer: Analyzer) -> Script:
    return analyzer.statements(SCRIPT)


def text(where: ByteRange | None) -> str | None:
    return None if where is None else where.text(SCRIPT)


def test_every_node_covers_its_own_text(script: Script) -> None:
    starts = [text(node.range).split()[0].upper() for node in script.body]
    assert " ".join(starts) == (
        "DECLARE DECLARE SET SET SET IF OUTER_LOOP: FOR REPEAT LOOP CASE CASE BEGIN "
        "EXECUTE EXECUTE CALL BEGIN COMMIT RETURN"
    )
    assert not any(text(node.range).endswith(";") for node in script.walk())


def test_walk_visits_inner_statements_in_the_order_of_the_text(script: Script) -> None:
    selects = [text(node.range) for node in script.walk() if node.kind == "SELECT"]
    assert selects == [*(f"SELECT {n}" for n in range(1, 5)), "SELECT r.a", *(f"SELECT {n}" for n in range(5, 8))]


def test_declarations_and_assignments(script: Script) -> None:
    first, second, set_one, set_both, set_system = script.body[:5]
    assert isinstance(first, Declare)
    assert (first.names, text(first.type), text(first.default)) == (("x", "y"), "INT64", "(SELECT 1)")
    assert isinstance(second, Declare)
    assert (second.names, second.type, text(second.default)) == (("z",), None, "'é'")
    assert isinstance(set_one, Assign)
    assert (set_one.targets, text(set_one.expression), set_one.from_struct) == (("x",), "x + 1", False)
    assert isinstance(set_both, Assign)
    assert (set_both.targets, text(set_both.expression), set_both.from_struct) == (("x", "y"), "(1, 2)", True)
    assert isinstance(set_system, Assign)
    assert (set_system.targets, text(set_system.expression)) == (("@@time_zone",), "'UTC'")


def test_branches(script: Script) -> None:
    branching = script.body[5]
    assert isinstance(branching, If)
    assert [text(branch.condition) for branch in branching.branches] == ["x = 1", "z = 'é'"]
    assert [len(branch.body) for branch in branching.branches] == [1, 2]
    assert [text(node.range) for node in branching.otherwise] == ["SELECT 4"]
    with_operand, without_operand = script.body[10:12]
    assert isinstance(with_operand, Case)
    assert (text(with_operand.operand), with_operand.has_else) == ("x", True)
    assert isinstance(without_operand, Case)
    assert (without_operand.operand, without_operand.has_else) == (None, False)


def test_loops_and_jumps(script: Script) -> None:
    while_, for_, repeat, loop = script.body[6:10]
    assert isinstance(while_, Loop)
    assert (while_.kind, while_.label, text(while_.condition)) == ("WHILE", "outer_loop", "x < 3")
    jumps = [node for node in while_.body if isinstance(node, Jump)]
    assert [(jump.kind, jump.label) for jump in jumps] == [
        ("BREAK", "outer_loop"),
        ("BREAK", None),
        ("CONTINUE", None),
        ("CONTINUE", "outer_loop"),
    ]
    assert isinstance(for_, Loop)
    assert (for_.kind, for_.variable, text(for_.query)) == ("FOR_IN", "r", "SELECT 1 AS a")
    assert isinstance(repeat, Loop)
    assert (repeat.kind, text(repeat.condition), len(repeat.body)) == ("REPEAT", "x = 0", 1)
    assert isinstance(loop, Loop)
    assert (loop.kind, loop.condition) == ("LOOP", None)


def test_blocks_calls_and_dynamic_sql(script: Script) -> None:
    block, static, dynamic, call, begin = script.body[12:17]
    assert isinstance(block, Block)
    assert [node.kind for node in block.body] == ["INSERT"]
    assert block.handler is not None
    raises = [node for node in block.handler if isinstance(node, Raise)]
    assert [text(node.message) for node in raises] == ["@@error.message", None]
    assert isinstance(static, ExecuteImmediate)
    assert (static.literal, static.into) == ("SELECT ?, @b", ("x", "y"))
    assert [(text(item.expression), item.alias) for item in static.using] == [("1", None), ("2", "b")]
    assert isinstance(dynamic, ExecuteImmediate)
    assert (dynamic.literal, text(dynamic.sql)) == (None, "CONCAT('SELECT ', z)")
    assert isinstance(call, Call)
    assert (call.procedure, [text(item) for item in call.arguments]) == (("p", "d", "proc"), ["x", "'é'"])
    assert begin == Statement(begin.range, "BEGIN_TRANSACTION")


def test_blocks_without_exception_have_no_handler(analyzer: Analyzer) -> None:
    (block,) = analyzer.statements("here: BEGIN SELECT 1; END here").body
    assert isinstance(block, Block)
    assert (block.handler, block.label) == (None, "here")


def test_scripts_nest_as_deep_as_bigquery_allows(analyzer: Analyzer) -> None:
    def nested(depth: int) -> str:
        return "IF TRUE THEN " * depth + "SELECT 1;" + " END IF;" * depth

    assert len(list(analyzer.statements(nested(50)).walk())) == 51
    with pytest.raises(AnalysisLimit) as raised:
        analyzer.statements(nested(51))
    assert raised.value.kind == "depth"


def test_nodes_are_values(script: Script) -> None:
    assert hash(script.body) == hash(tuple(dataclasses.replace(node) for node in script.body))


@pytest.mark.parametrize(
    ("sql", "executed"),
    [
        ("EXECUTE IMMEDIATE 'a' 'b' || CONCAT('c', r'\\n', 'd')", "abc\\nd"),
        ("EXECUTE IMMEDIATE CONCAT('a', UPPER('b'))", None),
        ("DECLARE q STRING DEFAULT 'a' || 'b'; EXECUTE IMMEDIATE `Q`", "ab"),
        ("DECLARE q STRING; EXECUTE IMMEDIATE q", None),
        ("DECLARE q STRING DEFAULT 'a'; SET Q = 'b'; EXECUTE IMMEDIATE q", None),
        ("DECLARE q STRING DEFAULT 'a'; CALL p(1, `q` ); EXECUTE IMMEDIATE q", None),
        ("DECLARE q STRING DEFAULT 'a'; EXECUTE IMMEDIATE 'x' INTO q; EXECUTE IMMEDIATE q", None),
        ("BEGIN DECLARE q STRING DEFAULT 'a'; END; BEGIN DECLARE q STRING DEFAULT 'b'; EXECUTE IMMEDIATE q; END", None),
        ("EXECUTE IMMEDIATE q", None),
        ("EXECUTE IMMEDIATE @q", None),
    ],
)
def test_the_text_that_is_executed(analyzer: Analyzer, sql: str, executed: str | None) -> None:
    parsed = analyzer.statements(sql)
    *_, last = [node for node in parsed.walk() if isinstance(node, ExecuteImmediate)]
    assert parsed.executed_text(last) == executed
