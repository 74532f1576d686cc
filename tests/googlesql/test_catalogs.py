import dataclasses
import pickle

import pytest

from gatebook.googlesql import extra_functions, tree
from gatebook.googlesql.analyzer import Analyzer
from gatebook.googlesql.catalog import Catalog, Column, Routine, Table
from gatebook.googlesql.errors import CatalogError, SqlError
from gatebook.googlesql.types import FLOAT64, INT64, STRING, SqlType, StructField, array_of, struct_of


def table(*path: str, column: str = "a") -> Table:
    return Table(path, (Column(column, INT64),))


def catalog(*tables: Table, routines: tuple[Routine, ...] = ()) -> Catalog:
    return Catalog(tables, routines, default_project="p", default_dataset="d")


def test_catalogs_compare_by_content(shop: Catalog) -> None:
    copy = pickle.loads(pickle.dumps(shop))
    assert copy == shop
    assert hash(copy) == hash(shop)
    assert copy.digest == shop.digest
    for changed in (
        {"default_dataset": "other"},
        {"constants": ()},
        {"tables": shop.tables[1:]},
        {"routines": ()},
    ):
        assert dataclasses.replace(shop, **changed) != shop
    assert table("p", "d", "t") != table("p", "d", "t", column="b")


def test_tables_that_differ_by_case_only_are_never_confused(analyzer: Analyzer) -> None:
    both = catalog(table("p", "d", "users", column="clean"), table("p", "d", "Users", column="secret"))
    assert analyzer.analyze("SELECT clean FROM users", both).tables == {"p.d.users"}
    for sql in (
        "SELECT * FROM Users",
        "SELECT * FROM d.USERS",
        "SELECT * FROM users JOIN p.d.Users AS u ON TRUE",
        "SELECT * FROM `\\x55sers`",
        "SELECT * FROM d . /* a comment */ Users",
    ):
        with pytest.raises(SqlError, match="Table not found"):
            analyzer.analyze(sql, both)
    for sql in ("(SELECT MAX(clean) FROM USERS)", "(SELECT MAX(clean) FROM `\\x55sers`)"):
        with pytest.raises(SqlError, match="Table not found"):
            analyzer.analyze_expression(sql, both)
    for name in ("`\\x75sers`", "d./* a comment */users", "`p`.\n`d`.users"):
        assert analyzer.analyze(f"SELECT clean FROM {name}", both).tables == {"p.d.users"}
        assert analyzer.analyze_expression(f"(SELECT MAX(clean) FROM {name})", both) is not None


def test_a_temporary_table_hides_the_one_of_the_default_dataset(analyzer: Analyzer) -> None:
    both = catalog(table("p", "d", "t"), table("t", column="b"))
    assert analyzer.analyze("SELECT * FROM t", both).tables == {"t"}
    assert analyzer.analyze("SELECT * FROM d.t", both).tables == {"p.d.t"}


def test_no_default_dataset_no_short_names(analyzer: Analyzer) -> None:
    bare = Catalog((table("p", "d", "t"),), default_project="p")
    assert analyzer.analyze("SELECT * FROM d.t", bare).tables == {"p.d.t"}
    with pytest.raises(SqlError, match="Table not found: t"):
        analyzer.analyze("SELECT * FROM t", bare)


@pytest.mark.parametrize("dataset", ["net", "keys", "hll_count", "aead", "kll_quantiles", "NET", "ml", "obj", "ai"])
def test_datasets_named_like_function_namespaces_do_not_crash_the_analyzer(dataset: str, analyzer: Analyzer) -> None:
    named = Catalog((table("p", dataset, "t"),), default_project="p", default_dataset=dataset)
    sql = f"SELECT NET.HOST('x'), ML.LP_NORM([1.0], 1.0) FROM t JOIN p.{dataset}.t AS u ON t.a = u.a"
    assert analyzer.analyze(sql, named).tables == {f"p.{dataset}.t"}
    with pytest.raises(CatalogError):
        analyzer.analyze("SELECT 1", Catalog((table("net", "d", "t"),)))


@pytest.mark.parametrize("name", ["upper", "POWER", "count", "max_by", "CEILING", "if"])
def test_routines_named_like_built_in_functions(name: str, analyzer: Analyzer) -> None:
    """A dataset may have such a function, but a bare name is the built-in one; a temporary one is refused."""
    mine = Routine(("p", "d", name), "scalar", return_type=STRING, language="JS")
    assert analyzer.analyze(f"SELECT d.`{name}`()", catalog(routines=(mine,))).columns == (("f0_", STRING),)
    with pytest.raises(CatalogError, match="built-in"):
        analyzer.analyze("SELECT 1", catalog(routines=(dataclasses.replace(mine, path=(name,)),)))


def test_names_taken_twice_are_refused(analyzer: Analyzer) -> None:
    twice = (
        Routine(("p", "d", "f"), "scalar", "JS", return_type=STRING),
        Routine(("p", "d", "F"), "aggregate", "JS", return_type=STRING),
    )
    with pytest.raises(CatalogError, match=r"p\.d\.F: the name is taken by p\.d\.f"):
        analyzer.analyze("SELECT 1", catalog(routines=twice))
    with pytest.raises(CatalogError, match="variable X is declared twice"):
        analyzer.analyze("SELECT 1", Catalog(constants=(("x", INT64), ("X", INT64))))


def test_incomplete_routines_are_refused(analyzer: Analyzer) -> None:
    for routine in (Routine(("f",), "scalar", "JS"), Routine(("f",), "table")):
        with pytest.raises(CatalogError):
            analyzer.analyze("SELECT 1", catalog(routines=(routine,)))


def test_value_tables(analyzer: Analyzer) -> None:
    row = struct_of([("a", INT64), ("b", STRING)])
    values = catalog(Table(("p", "d", "t"), (Column("value", row),), value_table=True))
    assert analyzer.analyze("SELECT a, t FROM t", values).columns == (("a", INT64), ("t", row))


def test_parameters(analyzer: Analyzer) -> None:
    empty = Catalog()
    assert analyzer.analyze("SELECT @A || 'x' AS y", empty, {"a": STRING}).columns == (("y", STRING),)
    assert analyzer.analyze("SELECT ?, ?", empty, (INT64, STRING)).columns == (("f0_", INT64), ("f1_", STRING))
    assert analyzer.analyze("SELECT ? + 1", empty).columns == (("f0_", INT64),)
    assert analyzer.analyze("SELECT @a + 1", empty).columns == (("f0_", INT64),)
    with pytest.raises(SqlError, match="Query parameter 'b' not found"):
        analyzer.analyze("SELECT @b", empty, {"a": STRING})
    with pytest.raises(CatalogError, match="same name"):
        analyzer.analyze("SELECT 1", empty, {"a": STRING, "A": STRING})


def test_expressions(analyzer: Analyzer, shop: Catalog) -> None:
    plain = analyzer.analyze_expression("total + @p", shop, {"p": INT64})
    assert tree.kind(plain) == "FunctionCall"
    names = {node.name for node in tree.walk_kinds(plain, "Parameter")}
    assert names == {"p"}
    subquery = analyzer.analyze_expression("(SELECT MAX(id) FROM `acme.shop.orders`)", shop)
    assert [scan.table.full_name for scan in tree.table_scans(subquery)] == ["acme.shop.orders"]
    for sql, objection in {
        "total + nope": r"Unrecognized name: nope at \[1:9\]",
        "(SELECT nope FROM `acme.shop.orders`)": r"Unrecognized name: nope at \[1:9\]",
        "(SELECT id FROM `acme.shop.orders`) + nope": r"Unrecognized name: nope at \[1:39\]",
        "(SELECT id FROM `acme.shop.orders` +": r"Syntax error: .* at \[1:36\]",
    }.items():
        with pytest.raises(SqlError, match=objection):
            analyzer.analyze_expression(sql, shop)


def test_routine_bodies(analyzer: Analyzer, shop: Catalog) -> None:
    plus, wrap, _, twice, numbered, listed, *_ = shop.routines
    body = analyzer.analyze_routine(plus, shop).statement
    assert body.return_type.type_kind == 2  # TYPE_INT64
    assert [node.name for node in tree.walk_kinds(body.function_expression, "ArgumentRef")] == ["x"]
    with_type = analyzer.analyze_routine(wrap, shop, (STRING,)).statement
    assert (
        tree.field(tree.unwrap(with_type.function_expression), "type").array_type.element_type.type_kind == 8
    )  # STRING
    assert len(analyzer.analyze_routine(twice, shop).statement.aggregate_expression_list) == 1
    analysis = analyzer.analyze_routine(numbered, shop)
    assert (analysis.columns, analysis.tables) == ((("id", INT64), ("n", INT64)), {"acme.shop.customers"})
    with pytest.raises(CatalogError, match="only SQL functions"):
        analyzer.analyze_routine(dataclasses.replace(listed, language="JS"), shop)


def test_table_arguments(analyzer: Analyzer) -> None:
    rows = SqlType("TABLE", fields=(StructField("a", INT64),))
    taking = Routine(("p", "d", "f"), "table", arguments=(("given", rows),), body="SELECT a FROM given")
    any_rows = Routine(
        ("p", "d", "g"), "table", arguments=(("given", SqlType("TABLE")),), body="SELECT *, 1 AS n FROM given"
    )
    both = catalog(table("p", "d", "t"), routines=(taking, any_rows))
    assert analyzer.analyze("SELECT * FROM d.f(TABLE t)", both).columns == (("a", INT64),)
    assert analyzer.analyze("SELECT * FROM g((SELECT 'x' AS b))", both).columns == (("b", STRING), ("n", INT64))
    assert analyzer.analyze_routine(taking, both).columns == (("a", INT64),)


def test_every_extra_function_is_declared_and_is_not_a_built_in_one(analyzer: Analyzer) -> None:
    for function in extra_functions.EXTRA_FUNCTIONS:
        assert len(function.path) > 1 or function.path[0].lower() not in analyzer._resolver.builtin_names
        over = " OVER ()" if function.mode == "ANALYTIC" else ""
        given = [item for item in function.arguments if not item.optional]
        values = ", ".join(f"CAST(NULL AS {'INT64' if item.type in ('ANY', 'T') else item.type})" for item in given)
        analysis = analyzer.analyze(f"SELECT {'.'.join(function.path)}({values}){over} FROM (SELECT 1)", Catalog())
        expected = INT64 if function.returns == "T" else function.returns
        assert analysis.columns[0][1] == expected or function.returns == FLOAT64
    assert len(extra_functions.EXTRA_FUNCTIONS) + len(extra_functions.EXTRA_TABLE_FUNCTIONS) >= 31


def test_calls_tell_built_in_extra_and_user_functions_apart(analyzer: Analyzer, shop: Catalog) -> None:
    sql = "SELECT UPPER('a'), SEARCH('a', 'b'), shop.clean('a'), shop.wrap(1), local(1)"
    calls = tree.walk_kinds(analyzer.analyze(sql, shop).statement, "FunctionCall")
    assert [tree.field(call, "function").name for call in calls] == [
        "ZetaSQL:upper",
        "BigQuery:search",
        "UDF:acme.shop.clean",
        "Templated_SQL_Function:acme.shop.wrap",
        "UDF:local",
    ]


def test_scans_carry_the_byte_range_of_their_table_path(analyzer: Analyzer, shop: Catalog) -> None:
    for sql, ranges in {
        "SELECT 'é', o.id FROM customers AS c JOIN shop.orders AS o ON TRUE": ["customers", "shop.orders"],
        "SELECT 'é' FROM `acme.shop.customers`": ["`acme`.`shop`.`customers`"],
        "WITH é AS (SELECT * FROM customers) SELECT * FROM é".replace("é", "`é`"): ["customers"],
        "INSERT INTO shop.orders (id) SELECT id FROM customers /* é */": ["shop.orders", "customers"],
        "FROM customers |> WHERE email = 'é' |> JOIN orders USING (id)": ["customers", "orders"],
        "UPDATE orders SET id = 1 WHERE 'é' = 'x'": ["orders"],
        "MERGE shop.orders AS o USING customers ON 'é' = 'x' WHEN MATCHED THEN DELETE": ["shop.orders", "customers"],
    }.items():
        analysis = analyzer.analyze(sql, shop)
        scans = sorted(tree.byte_range(scan) for scan in tree.table_scans(analysis.statement))
        assert [where.text(analysis.sql) for where in scans] == ranges


def test_analyses_are_reused(analyzer: Analyzer) -> None:
    first = analyzer.analyze("SELECT a FROM t", catalog(table("p", "d", "t")))
    assert analyzer.analyze("SELECT a FROM t", catalog(table("p", "d", "t"))) is first
    assert analyzer.analyze("SELECT a FROM t", catalog(table("p", "d", "t")), {}) is not first
    wider = catalog(Table(("p", "d", "t"), (Column("a", array_of(STRING)),)))
    assert analyzer.analyze("SELECT a FROM t", wider).columns == (("a", array_of(STRING)),)


def test_more_catalogs_than_are_kept(analyzer: Analyzer) -> None:
    for number in (*range(34), 0):
        sql = f"SELECT a FROM t{number} -- a text that is not remembered: {len(analyzer._analyses)}"
        assert analyzer.analyze(sql, catalog(table("p", "d", f"t{number}"))).tables == {f"p.d.t{number}"}


def test_from_alone_is_a_query(analyzer: Analyzer) -> None:
    """The scan of `FROM t` is said to stand where the whole query stands."""
    catalog = Catalog((Table(("p", "d", "T"), (Column("a", INT64),)),), default_project="p", default_dataset="d")
    assert analyzer.analyze("FROM d.T", catalog).tables == {"p.d.T"}
    with pytest.raises(SqlError, match="not found"):
        analyzer.analyze("FROM d.t", catalog)
