"""GROUP BY with grouping sets, and PIVOT and UNPIVOT."""

from collections.abc import Mapping

from gatebook.googlesql import tree
from gatebook.sandbox.translate.aggregation import Aggregation, aggregate_sql
from gatebook.sandbox.translate.errors import Unmapped
from gatebook.sandbox.translate.scans.rows import computed, order_key
from gatebook.sandbox.translate.translator import Node, NodeSql, Translator, select, type_of
from gatebook.sandbox.translate.types import range_order

_HAVING_MAX = 1


def _aggregate(translator: Translator, node: Node) -> str:
    keys = {column: f"g{column}" for column in computed(translator, tree.field(node, "group_by_list"))}
    source = _with_keys(translator, tree.field(node, "input_scan"), tree.field(node, "group_by_list"), keys)
    aggregation, extra, shown = Aggregation(translator), [], dict(keys)
    for item in map(tree.unwrap, tree.field(node, "aggregate_list")):
        conditions, window = _having(translator, tree.unwrap(tree.field(item, "expr")), list(keys.values()))
        extra += window
        extra += _correlated(aggregation, tree.unwrap(tree.field(item, "expr")))
        shown[translator.column(tree.field(item, "column"))] = _call(aggregation, item, conditions)
    if extra:
        source = f"SELECT *, {', '.join(extra)} FROM ({source}) _w"
    for call in tree.field(node, "grouping_call_list"):
        key = keys[translator.column(tree.unwrap(call.group_by_column).column)]
        shown[translator.column(call.output_column)] = aggregation.add(f"grouping({key})")
    inner = select([*keys.values(), *aggregation.columns()]) if keys or aggregation.names else "count(*) AS _d"
    columns = select(f"{shown[column]} AS {column}" for column in translator.columns(node))
    return f"SELECT {columns} FROM (SELECT {inner} FROM ({source}) _t{_group_by(translator, node, keys)}) _a"


def _with_keys(translator: Translator, scan: Node, group_by: Node, keys: Mapping[str, str]) -> str:
    values = computed(translator, group_by)
    source = translator.scan(scan)
    if not keys:
        return source
    return f"SELECT *, {', '.join(f'{values[column]} AS {key}' for column, key in keys.items())} FROM ({source}) _i"


def _call(aggregation: Aggregation, item: Node, conditions: tuple[str, ...]) -> str:
    translator = aggregation.translator
    if tree.kind(item) == "DeferredComputedColumn":
        raise Unmapped("an aggregate whose errors are deferred")
    call = tree.unwrap(tree.field(item, "expr"))
    saved = {key: translator.replaced.get(key) for key in aggregation.outer}
    translator.replaced.update(aggregation.outer)
    try:
        return _call_inside(aggregation, call, conditions)
    finally:
        for key, value in saved.items():
            translator.replaced.pop(key)
            if value is not None:
                translator.replaced[key] = value


def _call_inside(aggregation: Aggregation, call: Node, conditions: tuple[str, ...]) -> str:
    translator = aggregation.translator
    if tree.field(call, "group_by_list") or tree.present(call, "having_expr"):
        raise Unmapped("an aggregate with GROUP BY inside")
    order = tuple(order_key(translator, key) for key in call.order_by_item_list)
    return aggregate_sql(aggregation, translator.tables.aggregates, call, conditions=conditions, order=order)


def _correlated(aggregation: Aggregation, call: Node) -> list[str]:
    """Columns of outer queries in an aggregate: they must come from its rows, or DuckDB aggregates the outer query."""
    translator, columns = aggregation.translator, []
    for reference in tree.walk_kinds(call, "ColumnRef"):
        if reference.is_correlated and reference.column.column_id not in aggregation.outer:
            name = translator.fresh("x")
            columns.append(f"{translator.column(reference.column)} AS {name}")
            aggregation.outer[reference.column.column_id] = name
    return columns


def _having(translator: Translator, call: Node, keys: list[str]) -> tuple[tuple[str, ...], list[str]]:
    """HAVING MAX/MIN inside a call: only rows where the expression has the group's greatest or least value count."""
    modifier = tree.present(call, "having_modifier")
    if modifier is None:
        return (), []
    value, extreme = translator.expression(modifier.having_expr), translator.fresh("h")
    sql_type = type_of(modifier.having_expr)
    if sql_type.kind in ("ARRAY", "STRUCT", "JSON"):
        raise Unmapped(f"HAVING MAX of {sql_type.kind}")
    if sql_type.kind == "RANGE":
        value = range_order(value, sql_type)
    function = "max" if modifier.kind == _HAVING_MAX else "min"
    partition = f"PARTITION BY {', '.join(keys)}" if keys else ""
    return (f"{value} = {extreme}",), [f"{function}({value}) OVER ({partition}) AS {extreme}"]


def _group_by(translator: Translator, node: Node, keys: Mapping[str, str]) -> str:
    sets = [_grouping_set(translator, tree.unwrap(item), keys) for item in tree.field(node, "grouping_set_list")]
    if sets:
        return f" GROUP BY GROUPING SETS ({', '.join(sets)})"
    return f" GROUP BY {', '.join(keys.values())}" if keys else ""


def _grouping_set(translator: Translator, node: Node, keys: Mapping[str, str]) -> str:
    def listed(references: Node) -> str:
        return f"({', '.join(keys[translator.column(reference.column)] for reference in references)})"

    match tree.kind(node):
        case "GroupingSet":
            return listed(node.group_by_column_list)
        case "Rollup":
            return f"ROLLUP({', '.join(listed(part.column_list) for part in node.rollup_column_list)})"
        case "Cube":
            return f"CUBE({', '.join(listed(part.column_list) for part in node.cube_column_list)})"
        case kind:
            raise Unmapped(f"GROUP BY {kind}")


def _pivot(translator: Translator, node: Node) -> str:
    keys = {column: f"g{column}" for column in computed(translator, node.group_by_list)}
    source = _with_keys(translator, node.input_scan, node.group_by_list, keys)
    subject = translator.expression(node.for_expr)
    values = [translator.expression(value) for value in node.pivot_value_list]
    aggregation, shown = Aggregation(translator), dict(keys)
    for column in node.pivot_column_list:
        condition = f"{subject} IS NOT DISTINCT FROM {values[column.pivot_value_index]}"
        call = tree.unwrap(node.pivot_expr_list[column.pivot_expr_index])
        order = tuple(order_key(translator, key) for key in call.order_by_item_list)
        shown[translator.column(column.column)] = aggregate_sql(
            aggregation, translator.tables.aggregates, call, conditions=(condition,), order=order
        )
    inner = select([*keys.values(), *aggregation.columns()])
    group_by = f" GROUP BY {', '.join(keys.values())}" if keys else ""
    columns = select(f"{shown[column]} AS {column}" for column in translator.columns(node))
    return f"SELECT {columns} FROM (SELECT {inner} FROM ({source}) _t{group_by}) _a"


def _unpivot(translator: Translator, node: Node) -> str:
    """Every row once for each argument group, label and values side by side in a struct."""
    kept = computed(translator, node.projected_input_column_list)
    names = [translator.column(column) for column in node.value_column_list]
    label = translator.column(node.label_column)
    groups = zip(node.unpivot_arg_list, node.label_list, strict=True)
    structs = ", ".join(_unpivot_struct(translator, names, label, group, text) for group, text in groups)
    spread = ", ".join(f"struct_extract(_u, '{name}') AS {name}" for name in (*names, label))
    rows = f"SELECT *, unnest([{structs}]) AS _u FROM ({translator.scan(node.input_scan)}) _i"
    passed = select([*(f"{sql} AS {column}" for column, sql in kept.items()), spread])
    nulls = "" if node.include_nulls else f" WHERE {' OR '.join(f'{name} IS NOT NULL' for name in names)}"
    return f"SELECT {select(translator.columns(node))} FROM (SELECT {passed} FROM ({rows}) _r) _t{nulls}"


def _unpivot_struct(translator: Translator, names: list[str], label: str, group: Node, text: Node) -> str:
    values = (f"'{name}': {translator.column(ref.column)}" for name, ref in zip(names, group.column_list, strict=True))
    return f"{{{', '.join(values)}, '{label}': {translator.expression(text)}}}"


SCANS: Mapping[str, NodeSql] = {"AggregateScan": _aggregate, "PivotScan": _pivot, "UnpivotScan": _unpivot}
