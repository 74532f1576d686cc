"""Regular expressions: DuckDB's engine is RE2, as BigQuery's."""

from __future__ import annotations

from collections.abc import Mapping

from gatebook.sandbox.translate.calls import Call
from gatebook.sandbox.translate.errors import Unmapped
from gatebook.sandbox.translate.names import case
from gatebook.sandbox.translate.translator import FunctionSql

_ONE = "CAST(1 AS BIGINT)"


def _extract(call: Call) -> str:
    """The text of the one capturing group, of the whole match when there is none, NULL when nothing matches."""
    before, after = call.once(*range(len(call)))
    text, pattern, group = call[0], call[1], f"bq_regexp_group({call[1]})"
    if len(call) == 2:
        whole, part = (f"regexp_extract({text}, {pattern}, {number})" for number in (0, 1))
        matches = f"regexp_matches({text}, {pattern})"
    else:
        text, occurrence = f"bq_substr({text}, {call[2]}, {2**62})", call.get(3, _ONE)
        whole, part = (f"regexp_extract_all({text}, {pattern}, {number})[{occurrence}]" for number in (0, 1))
        matches = f"({whole}) IS NOT NULL"
    picked = f"CASE {group} WHEN 0 THEN {whole} WHEN 1 THEN {part} ELSE nullif({part}, '') END"
    return f"{before}CASE WHEN {matches} THEN {picked} END{after}"


def _extract_all(call: Call) -> str:
    before, after = call.once(0, 1)
    whole, part = (f"regexp_extract_all({call[0]}, {call[1]}, {number})" for number in (0, 1))
    return f"{before}CASE WHEN bq_regexp_group({call[1]}) = 0 THEN {whole} ELSE {part} END{after}"


def _instr(call: Call) -> str:
    """REGEXP_INSTR(text, pattern [, position [, occurrence [, 1 for the end of the match]]])."""
    if len(call) > 3 and call.constant(3) != 1:
        raise Unmapped("REGEXP_INSTR with an occurrence")
    end = call.constant(4) if len(call) > 4 else 0
    if end not in (0, 1):
        raise Unmapped("REGEXP_INSTR with a computed occurrence_position")
    before, after = call.once(0, 1, *([2] if len(call) > 2 else []))
    position = call.get(2, _ONE)
    text = call[0] if len(call) < 3 else f"bq_substr({call[0]}, {position}, {2**62})"
    prefix = f"bq_regexp_{'through' if end else 'before'}({call[1]})"
    found = f"length(regexp_extract({text}, {prefix}, 1)) + {position}"
    matches, known = f"regexp_matches({text}, {call[1]})", f"{text} IS NOT NULL AND {call[1]} IS NOT NULL"
    return f"{before}{case((matches, found), (known, '0'))}{after}"


def _text_only(how: FunctionSql) -> FunctionSql:
    def render(call: Call) -> str:
        if call.kind() == "BYTES":
            raise Unmapped(f"{call.name} of BYTES")
        return call.render(how)

    return render


FUNCTIONS: Mapping[str, FunctionSql] = {
    "regexp_contains": _text_only("regexp_matches({0}, {1})"),
    "regexp_extract": _text_only(_extract),
    "regexp_substr": _text_only(_extract),
    "regexp_extract_all": _text_only(_extract_all),
    "regexp_instr": _text_only(_instr),
    "regexp_replace": _text_only("regexp_replace({0}, {1}, {2}, 'g')"),
}
