"""Writing names as GoogleSQL identifiers.

Reference: https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical
"""

import re

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

RESERVED_WORDS = frozenset(
    """
    ALL AND ANY ARRAY AS ASC ASSERT_ROWS_MODIFIED AT BETWEEN BY CASE CAST COLLATE CONTAINS CREATE CROSS CUBE CURRENT
    DEFAULT DEFINE DESC DISTINCT ELSE END ENUM ESCAPE EXCEPT EXCLUDE EXISTS EXTRACT FALSE FETCH FOLLOWING FOR FROM FULL
    GRAPH_TABLE GROUP GROUPING GROUPS HASH HAVING IF IGNORE IN INNER INTERSECT INTERVAL INTO IS JOIN LATERAL LEFT LIKE
    LIMIT LOOKUP MATCH_RECOGNIZE MERGE NATURAL NEW NO NOT NULL NULLS OF ON OR ORDER OUTER OVER PARTITION PRECEDING PROTO
    QUALIFY RANGE RECURSIVE RESPECT RIGHT ROLLUP ROWS SELECT SET SOME STRUCT TABLESAMPLE THEN TO TREAT TRUE UNBOUNDED
    UNION UNNEST USING WHEN WHERE WINDOW WITH WITHIN
    """.split()  # noqa: SIM905 - as a list it would be a hundred lines
)


def quoted(name: str) -> str:
    """The name in back-ticks."""
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


def spelled(name: str) -> str:
    """The name as it is where that is possible, else in back-ticks."""
    plain = _PLAIN.fullmatch(name) is not None and name.upper() not in RESERVED_WORDS
    return name if plain else quoted(name)
