"""Random nestings of the shapes of queries: the sources that are found are those that are known by construction.

Each step takes a relation (its SQL, and for every column the leaves it derives from) and wraps it into another. All
columns are strings, so that every step can follow every other.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from gatebook.core.analysis.footprint import Source, TableRef
from gatebook.core.analysis.script import read_script
from gatebook.googlesql.analyzer import Analyzer
from gatebook.googlesql.catalog import Catalog, Column, Definition, Routine, Table
from gatebook.googlesql.types import STRING, array_of, struct_of

ANALYZER = Analyzer()
PAIR = struct_of([("left", STRING), ("right", STRING)])
TABLES = tuple(
    Table(
        ("p", "d", name),
        (Column("a", STRING), Column("b", STRING), Column("pair", PAIR), Column("pairs", array_of(PAIR))),
    )
    for name in ("t0", "t1")
)
SWAP = Routine(
    ("p", "d", "swap"), "scalar", arguments=(("x", STRING), ("y", STRING)), return_type=STRING, body="y || x"
)
FIRST = Routine(("p", "d", "first_of"), "scalar", arguments=(("x", None), ("y", None)), body="x")

Leaves = frozenset[Source]


@dataclass(frozen=True)
class Relation:
    """A query, the leaves of its columns, those that decide over its rows, and the views that it needs."""

    sql: str
    columns: tuple[tuple[str, Leaves], ...]
    predicate: Leaves = frozenset()
    views: tuple[Table, ...] = field(default=())


Step = Callable[[Relation, "st.DataObject"], Relation]
NUMBERS = count()


def fresh(prefix: str) -> str:
    return f"{prefix}{next(NUMBERS)}"


def leaf(table: str, path: str) -> Source:
    return TableRef("p", "d", table), path


def base(data: "st.DataObject") -> Relation:
    table = data.draw(st.sampled_from(["t0", "t1"]))
    expressions = {
        "a": {"a"},
        "b": {"b"},
        "pair.left": {"pair.left"},
        "pairs[SAFE_OFFSET(0)].right": {"pairs.right"},
        "TO_JSON_STRING(pair)": {"pair.left", "pair.right"},
        "(SELECT MAX(q.left) FROM UNNEST(pairs) AS q)": {"pairs.left"},
        "ARRAY_TRANSFORM(pairs, q -> q.right)[SAFE_OFFSET(0)]": {"pairs.right"},
        "CAST(pair AS STRUCT<x STRING, y STRING>).y": {"pair.right"},
    }
    chosen = data.draw(st.lists(st.sampled_from(sorted(expressions)), min_size=2, max_size=3))
    columns = [(fresh("c"), frozenset(leaf(table, path) for path in expressions[text])) for text in chosen]
    items = ", ".join(f"{text} AS {name}" for text, (name, _) in zip(chosen, columns, strict=True))
    return Relation(f"SELECT {items} FROM `p`.d.{table}", tuple(columns))


def pick(relation: Relation, data: "st.DataObject") -> tuple[str, Leaves]:
    return data.draw(st.sampled_from(relation.columns))


def projected(relation: Relation, data: "st.DataObject") -> Relation:
    forms = {
        "UPPER({0})": (0,),
        "CONCAT({0}, {1})": (0, 1),
        "IF({0} = 'x', {1}, '')": (0, 1),
        "COALESCE({0}, {1})": (0, 1),
        "STRUCT({0} AS m, {1} AS n).n": (1,),
        "[STRUCT({0} AS m, {1} AS n)][OFFSET(0)].m": (0,),
        "(SELECT {0})": (0,),
        "WITH(w AS {0}, CONCAT(w, 'x'))": (0,),
        "d.swap({0}, {1})": (0, 1),
        "d.first_of({0}, {1})": (0,),
        "d.first_of(STRUCT({0} AS m, {1} AS n), 'z').m": (0,),
        "({0}).LOWER()": (0,),
        "JSON_VALUE(TO_JSON(STRUCT({0}, {1})), '$')": (0, 1),
    }
    columns, items = [], []
    for _ in range(2):
        form = data.draw(st.sampled_from(sorted(forms)))
        given_columns = [pick(relation, data), pick(relation, data)]
        name = fresh("c")
        items.append(f"{form.format(*(f'r.{column}' for column, _ in given_columns))} AS {name}")
        columns.append((name, frozenset().union(*(given_columns[i][1] for i in forms[form]))))
    return replace(relation, sql=f"SELECT {', '.join(items)} FROM ({relation.sql}) AS r", columns=tuple(columns))


def filtered(relation: Relation, data: "st.DataObject") -> Relation:
    name, leaves = pick(relation, data)
    sql = f"SELECT * FROM ({relation.sql}) WHERE {name} != 'x'"
    return replace(relation, sql=sql, predicate=relation.predicate | leaves)


def piped(relation: Relation, data: "st.DataObject") -> Relation:
    (first, leaves), (second, others) = pick(relation, data), pick(relation, data)
    name = fresh("c")
    sql = f"FROM ({relation.sql}) |> EXTEND CONCAT({first}, {second}) AS {name} |> WHERE {first} IS NOT NULL"
    columns = (*relation.columns, (name, leaves | others))
    return replace(relation, sql=f"({sql})", columns=columns, predicate=relation.predicate | leaves)


def united(relation: Relation, data: "st.DataObject") -> Relation:
    other = base(data)
    (first, leaves), (second, others) = pick(relation, data), pick(other, data)
    sql = f"SELECT {first} FROM ({relation.sql}) UNION ALL SELECT {second} FROM ({other.sql})"
    return replace(relation, sql=sql, columns=((first, leaves | others),))


def joined(relation: Relation, data: "st.DataObject") -> Relation:
    other = base(data)
    columns = (*relation.columns, *other.columns)
    return replace(relation, sql=f"SELECT * FROM ({relation.sql}) CROSS JOIN ({other.sql})", columns=columns)


def common(relation: Relation, _data: "st.DataObject") -> Relation:
    name = fresh("w")
    return replace(relation, sql=f"WITH {name} AS ({relation.sql}) SELECT * FROM {name}")


def aggregated(relation: Relation, data: "st.DataObject") -> Relation:
    (key, leaves), (value, others) = pick(relation, data), pick(relation, data)
    k, v = fresh("c"), fresh("c")
    sql = f"SELECT {key} AS {k}, STRING_AGG({value}) AS {v} FROM ({relation.sql}) GROUP BY {key}"
    return replace(relation, sql=sql, columns=((k, leaves), (v, others)))


def unnested(relation: Relation, data: "st.DataObject") -> Relation:
    (first, leaves), (second, others) = pick(relation, data), pick(relation, data)
    m, n = fresh("c"), fresh("c")
    packed = f"SELECT ARRAY_AGG(STRUCT({first} AS m, {second} AS n)) AS packed FROM ({relation.sql})"
    sql = f"SELECT e.m AS {m}, e.n AS {n} FROM ({packed}), UNNEST(packed) AS e"
    return replace(relation, sql=sql, columns=((m, leaves), (n, others)))


def windowed(relation: Relation, data: "st.DataObject") -> Relation:
    (first, leaves), (second, others) = pick(relation, data), pick(relation, data)
    place, before = fresh("c"), fresh("c")
    sql = (
        f"SELECT CAST(RANK() OVER (PARTITION BY {first} ORDER BY {second}) AS STRING) AS {place}, "
        f"LAG({first}) OVER (ORDER BY {second}) AS {before} FROM ({relation.sql})"
    )
    return replace(relation, sql=sql, columns=((place, leaves | others), (before, leaves)))


def viewed(relation: Relation, _data: "st.DataObject") -> Relation:
    view = fresh("v")
    columns = tuple(Column(name, STRING) for name, _ in relation.columns)
    table = Table(("p", "d", view), columns, definition=Definition(relation.sql, "p"))
    return replace(relation, sql=f"SELECT * FROM d.{view}", views=(*relation.views, table))


def as_json(relation: Relation, _data: "st.DataObject") -> Relation:
    name = fresh("c")
    every = frozenset().union(*(leaves for _, leaves in relation.columns))
    return replace(
        relation, sql=f"SELECT TO_JSON_STRING(r) AS {name} FROM ({relation.sql}) AS r", columns=((name, every),)
    )


def correlated(relation: Relation, data: "st.DataObject") -> Relation:
    first, leaves = pick(relation, data)
    name = fresh("c")
    inner = f"SELECT CONCAT(r.{first}, MAX(o.b)) FROM d.t1 AS o WHERE o.a = r.{first}"
    sql = f"SELECT ({inner}) AS {name} FROM ({relation.sql}) AS r"
    predicate = relation.predicate | leaves | {leaf("t1", "a")}
    return replace(relation, sql=sql, columns=((name, leaves | {leaf("t1", "b")}),), predicate=predicate)


def recursive(relation: Relation, data: "st.DataObject") -> Relation:
    (first, leaves), (second, others) = pick(relation, data), pick(relation, data)
    name, query = fresh("c"), fresh("w")
    step = f"SELECT CONCAT({query}.{name}, r.{second}) FROM {query} CROSS JOIN ({relation.sql}) AS r"
    both = f"SELECT {first} AS {name} FROM ({relation.sql}) UNION ALL {step}"
    sql = f"WITH RECURSIVE {query} AS ({both}) SELECT * FROM {query}"
    return replace(relation, sql=sql, columns=((name, leaves | others),))


def pivoted(relation: Relation, data: "st.DataObject") -> Relation:
    (value, leaves), (chosen, others) = pick(relation, data), pick(relation, data)
    m, n = fresh("c"), fresh("c")
    rows = f"SELECT {value} AS v, {chosen} AS k FROM ({relation.sql})"
    pivot = f"SELECT * FROM ({rows}) PIVOT (MAX(v) FOR k IN ('x' AS {m}, 'y' AS {n}))"
    return replace(relation, sql=pivot, columns=((m, leaves | others), (n, leaves | others)))


def unpivoted(relation: Relation, data: "st.DataObject") -> Relation:
    (first, leaves), (second, others) = pick(relation, data), pick(relation, data)
    value, label = fresh("c"), fresh("c")
    rows = f"SELECT UPPER({first}) AS u, LOWER({second}) AS w FROM ({relation.sql})"
    sql = f"SELECT {value}, {label} FROM ({rows}) UNPIVOT ({value} FOR {label} IN (u, w))"
    columns = ((value, leaves | others), (label, frozenset[Source]()))
    return replace(relation, sql=sql, columns=columns, predicate=relation.predicate | leaves | others)


def matched(relation: Relation, data: "st.DataObject") -> Relation:
    (first, leaves), (second, others) = pick(relation, data), pick(relation, data)
    name = fresh("c")
    pattern = f"ORDER BY {first} MEASURES MAX(s.{first}) AS {name} PATTERN (s+) DEFINE s AS {second} > 'm'"
    sql = f"SELECT {name} FROM ({relation.sql}) MATCH_RECOGNIZE ({pattern})"
    return replace(relation, sql=sql, columns=((name, leaves),), predicate=relation.predicate | others)


def replaced(relation: Relation, data: "st.DataObject") -> Relation:
    (first, _), (second, others) = pick(relation, data), pick(relation, data)
    columns = tuple((name, others if name == first else leaves) for name, leaves in relation.columns)
    sql = f"SELECT r.* REPLACE (LOWER({second}) AS {first}) FROM ({relation.sql}) AS r"
    return replace(relation, sql=sql, columns=columns)


def as_value(relation: Relation, data: "st.DataObject") -> Relation:
    (first, leaves), (second, others) = pick(relation, data), pick(relation, data)
    m, n = fresh("c"), fresh("c")
    value = f"SELECT AS VALUE STRUCT({first} AS {m}, {second} AS {n}) FROM ({relation.sql})"
    return replace(relation, sql=f"SELECT v.{n}, v.{m} FROM ({value}) AS v", columns=((n, others), (m, leaves)))


def excepted(relation: Relation, data: "st.DataObject") -> Relation:
    other = base(data)
    (first, leaves), (second, _) = pick(relation, data), pick(other, data)
    sql = f"SELECT {first} FROM ({relation.sql}) EXCEPT DISTINCT SELECT {second} FROM ({other.sql})"
    return replace(relation, sql=sql, columns=((first, leaves),))


def limited(relation: Relation, data: "st.DataObject") -> Relation:
    (first, _), (second, others) = pick(relation, data), pick(relation, data)
    top = f"QUALIFY ROW_NUMBER() OVER w = 1 WINDOW w AS (PARTITION BY {first} ORDER BY {second})"
    sql = f"SELECT * FROM (SELECT * FROM ({relation.sql}) WHERE TRUE {top}) ORDER BY {second} LIMIT 3"
    return replace(relation, sql=sql, predicate=relation.predicate | others)


def counted(relation: Relation, data: "st.DataObject") -> Relation:
    (first, leaves), (second, others) = pick(relation, data), pick(relation, data)
    m, n = fresh("c"), fresh("c")
    length = f"ARRAY_TO_STRING(ARRAY_TRANSFORM(SPLIT({first}, ''), e -> {second}), '')"
    at = "SELECT MAX(CAST(o AS STRING)) FROM UNNEST(SPLIT({0}, '')) WITH OFFSET AS o"
    sql = f"SELECT {length} AS {m}, ({at.format(second)}) AS {n} FROM ({relation.sql})"
    return replace(relation, sql=sql, columns=((m, leaves | others), (n, others)))


def chosen(relation: Relation, data: "st.DataObject") -> Relation:
    (first, leaves), (second, others) = pick(relation, data), pick(relation, data)
    name = fresh("c")
    picked = f"ANY_VALUE({first} HAVING MAX {second}) AS {name}"
    sql = f"FROM ({relation.sql}) |> AGGREGATE {picked} GROUP BY {second} |> SET {second} = 'x'"
    return replace(relation, sql=f"({sql} |> SELECT {name})", columns=((name, leaves | others),))


def found_in(relation: Relation, data: "st.DataObject") -> Relation:
    other = base(data)
    (first, leaves), (second, others) = pick(relation, data), pick(other, data)
    name = fresh("c")
    sql = f"SELECT CAST({first} IN (SELECT {second} FROM ({other.sql})) AS STRING) AS {name} FROM ({relation.sql})"
    return replace(relation, sql=sql, columns=((name, leaves | others),))


STEPS: list[Step] = [
    projected, filtered, piped, united, joined, common, aggregated, unnested, windowed, viewed, as_json, correlated,
    recursive, pivoted, unpivoted, matched, replaced, as_value, excepted, limited, counted, chosen, found_in,
]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(STEPS), max_size=6), st.data())
def test_sources_are_those_known_by_construction(steps: list[Step], data: "st.DataObject") -> None:
    relation = base(data)
    for step in steps:
        relation = step(relation, data)
    catalog = Catalog((*TABLES, *relation.views), (SWAP, FIRST), default_project="p")
    (statement,) = read_script(ANALYZER, relation.sql, catalog, {}).statements
    assert statement.opaque == ()
    assert [output.name for output in statement.outputs] == [name for name, _ in relation.columns]
    assert [frozenset(output.sources) for output in statement.outputs] == [leaves for _, leaves in relation.columns]
    assert frozenset(statement.uses.predicate) >= relation.predicate
