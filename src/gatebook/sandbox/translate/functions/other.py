"""Network addresses, ranges, points on the globe, sketches, and what fits nowhere else."""

from __future__ import annotations

from collections.abc import Mapping

from gatebook.googlesql.types import SqlType
from gatebook.sandbox.translate import intervals
from gatebook.sandbox.translate.calls import Call
from gatebook.sandbox.translate.names import case, string
from gatebook.sandbox.translate.translator import FunctionSql
from gatebook.sandbox.translate.types import element, failure

_START, _END = "struct_extract({0}, 'start')", "struct_extract({0}, 'end')"


def _error(call: Call) -> str:
    return failure(call[0], call.result)


def _typeof(call: Call) -> str:
    return string(call.type(0).sql())


def _session_user(call: Call) -> str:
    return string(call.translator.environment.session_user)


def _range(call: Call) -> str:
    before, after = call.once(0, 1)
    unordered = failure(string("Range start element must be smaller than range end element"), call.result)
    made = f"{{'start': {call[0]}, 'end': {call[1]}}}"
    return f"{before}{case((f'{call[0]} >= {call[1]}', unordered), otherwise=made)}{after}"


def _range_contains(call: Call) -> str:
    before, after = call.once(0, 1)
    start, end = _START.format(call[0]), _END.format(call[0])
    if call.kind(1) == "RANGE":
        low, high = _START.format(call[1]), _END.format(call[1])
        inside = f"({start} IS NULL OR {low} >= {start}) AND ({end} IS NULL OR {high} <= {end})"
        inside = f"coalesce({inside}, FALSE)"
    else:
        inside = f"({start} IS NULL OR {call[1]} >= {start}) AND ({end} IS NULL OR {call[1]} < {end})"
    return f"{before}CASE WHEN {call[0]} IS NOT NULL AND {call[1]} IS NOT NULL THEN {inside} END{after}"


def _overlap(call: Call) -> tuple[str, str, str]:
    """Later start, earlier end, and whether there is something between them."""
    low, high = (_START.format(call[i]) for i in (0, 1))
    first, last = (_END.format(call[i]) for i in (0, 1))
    start, end = f"greatest({low}, {high})", f"least({first}, {last})"  # both ignore NULL, that is: unbounded
    return start, end, f"coalesce({start} < {end}, TRUE)"


def _range_overlaps(call: Call) -> str:
    before, after = call.once(0, 1)
    known = f"{call[0]} IS NOT NULL AND {call[1]} IS NOT NULL"
    return f"{before}CASE WHEN {known} THEN {_overlap(call)[2]} END{after}"


def _range_intersect(call: Call) -> str:
    before, after = call.once(0, 1)
    start, end, exists = _overlap(call)
    known = f"{call[0]} IS NOT NULL AND {call[1]} IS NOT NULL"
    message = string("Provided RANGE inputs do not overlap. Please check RANGE_OVERLAPS before calling RANGE_INTERSECT")
    made = (f"{known} AND {exists}", f"{{'start': {start}, 'end': {end}}}")
    return f"{before}{case(made, (known, failure(message, call.result)))}{after}"


def _range_array(call: Call) -> str:
    """GENERATE_RANGE_ARRAY(range, step [, include_last_partial_range])."""
    before, after = call.once(0, 1)
    bound = element(call.type(0))
    micros = (_micros(template.format(call[0]), bound) for template in (_START, _END))
    partial = call.get(2, "TRUE")
    edges = f"bq_range_edges({', '.join(micros)}, {intervals.parts(call[1])}, {partial})"
    made = f"{{'start': {_bound('_x[1]', bound)}, 'end': {_bound('_x[2]', bound)}}}"
    return f"{before}list_transform({edges}, lambda _x: {made}){after}"


def _micros(value: str, bound: SqlType) -> str:
    return f"epoch_us(CAST({value} AS TIMESTAMP))" if bound.kind == "DATE" else f"epoch_us({value})"


def _bound(micros: str, bound: SqlType) -> str:
    if bound.kind == "DATE":
        return f"CAST(make_timestamp({micros}) AS DATE)"
    return f"make_timestamp{'tz' if bound.kind == 'TIMESTAMP' else ''}({micros})"


FUNCTIONS: Mapping[str, FunctionSql] = {
    "error": _error,
    "typeof": _typeof,
    "session_user": _session_user,
    "generate_uuid": "CAST(uuid() AS VARCHAR)",
    "parse_numeric": "bq_parse_numeric_loose({0})",
    "parse_bignumeric": "bq_parse_bignumeric_loose({0})",
    "net.host": "bq_net_host({0})",
    "net.ip_from_string": "bq_ip_from_string({0})",
    "net.safe_ip_from_string": "bq_safe_ip_from_string({0})",
    "net.ip_to_string": "bq_ip_to_string({0})",
    "net.ip_net_mask": "bq_ip_net_mask({0}, {1})",
    "net.ip_trunc": "bq_ip_trunc({0}, {1})",
    "net.ipv4_from_int64": "bq_ipv4_from_int64({0})",
    "net.ipv4_to_int64": "bq_ipv4_to_int64({0})",
    "range": _range,
    "range_start": _START,
    "range_end": _END,
    "range_is_start_unbounded": f"CASE WHEN {{0}} IS NOT NULL THEN {_START} IS NULL END",
    "range_is_end_unbounded": f"CASE WHEN {{0}} IS NOT NULL THEN {_END} IS NULL END",
    "range_contains": _range_contains,
    "range_overlaps": _range_overlaps,
    "range_intersect": _range_intersect,
    "generate_range_array": _range_array,
    "st_geogpoint": "bq_point({0}, {1})",
    **dict.fromkeys(["st_geogfromtext", "st_geogfrom"], "bq_geography({0})"),
    "st_astext": "{0}",
    "st_x": "bq_point_x({0})",
    "st_y": "bq_point_y({0})",
    "st_equals": "({0} = {1})",
    "st_asgeojson": "bq_geojson({0})",
    "st_geogfromgeojson": "bq_from_geojson({0})",
    "st_distance": "bq_distance({0}, {1})",
    "st_dwithin": "(bq_distance({0}, {1}) <= {2})",
    "hll_count.extract": "bq_hll_extract({0})",
}
