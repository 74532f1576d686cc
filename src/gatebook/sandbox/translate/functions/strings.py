"""STRING and BYTES functions, regular expressions (DuckDB's are RE2, as BigQuery's), encodings and hashes."""

from __future__ import annotations

from collections.abc import Mapping

from gatebook.sandbox.translate.calls import Call
from gatebook.sandbox.translate.names import string
from gatebook.sandbox.translate.texts import format_call
from gatebook.sandbox.translate.translator import FunctionSql

# What Unicode calls White_Space: DuckDB's trim knows only the space.
_WHITE_SPACE = string(
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)

# Where INITCAP begins a new word.
_DELIMITERS = string(' \t\n\v\f\r[](){}/|<>!?@"^#$&~_,.:;*%+-')


def _substr(call: Call) -> str:
    suffix = "_bytes" if call.kind() == "BYTES" else ""
    start, length = call.constant(1), call.constant(2)
    native = not suffix and isinstance(start, int) and start >= 1
    if native and len(call) == 2:
        return f"substring({call[0]}, {start})"
    if native and isinstance(length, int) and length >= 0:
        return f"substring({call[0]}, {start}, {length})"
    return f"bq_substr{suffix}({call[0]}, {call[1]}, {call.get(2, 'CAST(9223372036854775807 AS BIGINT)')})"


def _pad(call: Call) -> str:
    if call.kind() == "BYTES":
        return f"bq_{call.name}_bytes({call[0]}, {call[1]}, {call.get(2, string(' ') + '::BLOB')})"
    return f"bq_{call.name}({call[0]}, {call[1]}, {call.get(2, string(' '))})"


def _trim(call: Call) -> str:
    if call.kind() == "BYTES":
        return f"bq_{call.name}_bytes({call[0]}, {call[1]})"
    return f"{call.name}({call[0]}, {call.get(1, _WHITE_SPACE)})"


def _concat(call: Call) -> str:
    return f"({' || '.join(call)})"


def _split(call: Call) -> str:
    if call.kind() == "BYTES":
        return f"bq_split_bytes({call[0]}, {call[1]})"
    before, after = call.once(0, *([1] if len(call) > 1 else []))
    separator = call.get(1, string(","))
    known = f"{call[0]} IS NOT NULL" + (f" AND {separator} IS NOT NULL" if len(call) > 1 else "")
    return f"{before}CASE WHEN {known} THEN string_split({call[0]}, {separator}) END{after}"


def _instr(call: Call) -> str:
    suffix = "_bytes" if call.kind() == "BYTES" else ""
    one = "CAST(1 AS BIGINT)"
    return f"bq_instr{suffix}({call[0]}, {call[1]}, {call.get(2, one)}, {call.get(3, one)})"


def _normalize(call: Call) -> str:
    mode = call.enum(1) if len(call) > 1 else "NFC"
    return f"bq_{call.name}({call[0]}, {string(mode)})"


def _digest(function: str) -> FunctionSql:
    return f"from_hex({function}({{0}}))"


def _chars(name: str) -> Mapping[str, FunctionSql]:
    return {name: f"bq_{name}({{all}})", f"{name}/BYTES": f"bq_{name}_bytes({{all}})"}


FUNCTIONS: Mapping[str, FunctionSql] = {
    "length": "length({0})",
    "length/BYTES": "octet_length({0})",
    **dict.fromkeys(["char_length", "character_length"], "length({0})"),
    **dict.fromkeys(["byte_length", "octet_length"], "strlen({0})"),
    **dict.fromkeys(["byte_length/BYTES", "octet_length/BYTES"], "octet_length({0})"),
    **dict.fromkeys(["substr", "substring"], _substr),
    **dict.fromkeys(["lpad", "rpad"], _pad),
    **dict.fromkeys(["trim", "ltrim", "rtrim"], _trim),
    **dict.fromkeys(["concat", "$concat_op"], _concat),
    **_chars("left"),
    **_chars("right"),
    **_chars("reverse"),
    **_chars("repeat"),
    **_chars("replace"),
    **_chars("translate"),
    "$concat_op/ARRAY": "list_concat({0}, {1})",
    "upper": "bq_upper({0})",
    "upper/BYTES": "bq_upper_bytes({0})",
    "lower": "bq_lower({0})",
    "lower/BYTES": "bq_lower_bytes({0})",
    "split": _split,
    "instr": _instr,
    "strpos": "strpos({0}, {1})",
    "strpos/BYTES": "bq_instr_bytes({0}, {1}, CAST(1 AS BIGINT), CAST(1 AS BIGINT))",
    "starts_with": "starts_with({0}, {1})",
    "starts_with/BYTES": "starts_with(hex({0}), hex({1}))",
    "ends_with": "ends_with({0}, {1})",
    "ends_with/BYTES": "ends_with(hex({0}), hex({1}))",
    "contains_substr/STRING": "bq_contains_substr({0}, {1})",
    "initcap": lambda call: f"bq_initcap({call[0]}, {call.get(1, _DELIMITERS)})",
    "soundex": "bq_soundex({0})",
    "normalize": _normalize,
    "normalize_and_casefold": _normalize,
    "edit_distance": lambda call: f"bq_edit_distance({call[0]}, {call[1]}, {call.get(2, 'NULL')})",
    "edit_distance/BYTES": lambda call: f"bq_edit_distance_bytes({call[0]}, {call[1]}, {call.get(2, 'NULL')})",
    "ascii": "bq_ascii({0})",
    "ascii/BYTES": "bq_ascii(bq_utf8({0}))",
    "unicode": "bq_unicode({0})",
    "chr": "bq_chr({0})",
    "to_code_points": "bq_to_code_points({0})",
    "to_code_points/BYTES": "bq_bytes_to_code_points({0})",
    "code_points_to_string": "bq_code_points_to_string({0})",
    "code_points_to_bytes": "bq_code_points_to_bytes({0})",
    "safe_convert_bytes_to_string": "bq_safe_utf8({0})",
    "to_hex": "lower(hex({0}))",
    "from_hex": "bq_from_hex({0})",
    "to_base64": "to_base64({0})",
    "from_base64": "bq_from_base64({0})",
    "to_base32": "bq_to_base32({0})",
    "from_base32": "bq_from_base32({0})",
    "md5": _digest("md5"),
    "sha1": _digest("sha1"),
    "sha256": _digest("sha256"),
    "sha512": "bq_sha512({0})",
    "sha512/STRING": "bq_sha512(encode({0}))",
    "farm_fingerprint": "bq_farm_fingerprint({0})",
    "farm_fingerprint/STRING": "bq_farm_fingerprint(encode({0}))",
    "format": format_call,
}
