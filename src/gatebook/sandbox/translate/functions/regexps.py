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
    pattern, group = call[1], f"bq_regexp_group({call[1]})"
    if len(call) == 2:
        matches = f"regexp_matches({call[0]}, {pattern})"
        whole, part = (f"regexp_extract({call[0]}, {pattern}, {number})" for number in (0, 1))
    else:
        text, occurrence = f"bq_substr({call[0]}, {call[2]}, {2**62})", call.get(3, _ONE)
        whole, part = (f"({_all(text, pattern, number)})[{occurrence}]" for number in (0, f"least({group}, 1)"))
        matches = f"{whole} IS NOT NULL"
    picked = case((f"{group} = 0", whole), (f"{group} = 1", part), otherwise=f"nullif({part}, '')")
    return f"{before}{case((matches, picked))}{after}"


def _all(text: str, pattern: str, group: int | str) -> str:
    """All matches. DuckDB finds one more, empty, behind the end of a match that ends the text; BigQuery does not."""
    whole = f"regexp_extract_all({text}, {pattern}, 0)"
    ends = case(
        (f"{whole}[-2] <> ''", f"ends_with({text}, {whole}[-2])"),
        otherwise=f"regexp_matches({text}, '(?:' || {pattern} || ')(?s:.)\\z')",
    )
    surplus = (
        f"{whole}[-1] = '' AND len({whole}) > 1 AND regexp_matches({text}, '(?:' || {pattern} || ')\\z') AND {ends}"
    )
    found = f"regexp_extract_all({text}, {pattern}, CAST({group} AS INTEGER))"
    return case((surplus, f"({found})[:-2]"), otherwise=found)


def _extract_all(call: Call) -> str:
    before, after = call.once(0, 1)
    found = _all(call[0], call[1], f"least(bq_regexp_group({call[1]}), 1)")
    return f"{before}list_transform({found}, lambda _x: coalesce(_x, '')){after}"


def _instr(call: Call) -> str:
    """REGEXP_INSTR(text, pattern [, position [, occurrence [, 1 for the end of the match]]])."""
    if len(call) > 3 and call.constant(3) != 1:
        raise Unmapped("REGEXP_INSTR with an occurrence")
    end = call.constant(4) if len(call) > 4 else 0
    if end not in (0, 1):
        raise Unmapped("REGEXP_INSTR with a computed occurrence_position")
    before, after = call.once(*range(min(len(call), 3)))
    position, text = call.get(2, _ONE), call[0]
    if len(call) > 2:
        text = f"bq_substr({text}, {position}, {2**62})"
    found = f"length(regexp_extract({text}, bq_regexp_{'through' if end else 'before'}({call[1]}), 1))"
    # An empty match is reported one character late, except at the end of the text.
    empty = f"bq_regexp_group({call[1]}) = 0 AND regexp_extract({text}, {call[1]}, 0) = '' AND {found} < length({text})"
    late = f"CAST({empty} AS BIGINT)"
    nothing = f"{call[0]} IS NULL OR {call[1]} IS NULL"
    left_out = f"(bq_regexp_group({call[1]}) = 2 AND regexp_extract({text}, bq_regexp_the_group({call[1]}), 1) = '')"
    outside = f"{position} > length({call[0]}) OR NOT regexp_matches({text}, {call[1]}) OR {left_out}"
    return f"{before}{case((nothing, 'NULL'), (outside, '0'), otherwise=f'{found} + {late} + {position}')}{after}"


def _text_only(how: FunctionSql) -> FunctionSql:
    def render(call: Call) -> str:
        if call.kind() == "BYTES":
            raise Unmapped(f"{call.name.upper()} of BYTES")
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
