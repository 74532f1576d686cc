"""The text of masks in GoogleSQL."""

import pytest

from gatebook.core.masking.expressions import SOURCE, sql_projection
from gatebook.core.masking.masks import (
    AlwaysNull,
    Constant,
    DateBucket,
    DateYearMask,
    DefaultMaskingValue,
    FirstFourCharacters,
    LastFourCharacters,
    Mask,
    NumberBucket,
    Partial,
    Sha256,
    Token,
)
from gatebook.googlesql.analyzer import Analyzer
from gatebook.googlesql.catalog import Catalog, Column, Table
from gatebook.googlesql.types import (
    BYTES,
    DATE,
    DATETIME,
    FLOAT64,
    INT64,
    JSON,
    STRING,
    TIMESTAMP,
    SqlType,
    array_of,
    struct_of,
)

CONTACT = struct_of([("kind", STRING), ("value", STRING)])
HMAC = "SHA256(CONCAT(@gatebook_token_people_outer, SHA256(CONCAT(@gatebook_token_people_inner, {}))))"
X = "gatebook_source.x"

TEXTS: list[tuple[dict[str, Mask], SqlType, str]] = [
    ({}, STRING, X),
    ({"x": AlwaysNull()}, CONTACT, "CAST(NULL AS STRUCT<kind STRING, value STRING>)"),
    ({"x": AlwaysNull()}, array_of(CONTACT), "ARRAY<STRUCT<kind STRING, value STRING>>[]"),
    ({"x": DefaultMaskingValue()}, TIMESTAMP, "TIMESTAMP '1970-01-01 00:00:00+00'"),
    ({"x": DefaultMaskingValue()}, JSON, "CAST(NULL AS JSON)"),
    ({"x": Constant(value="it's\n")}, STRING, r"'it\'s\n'"),
    ({"x": Constant(value="é")}, BYTES, r"b'\xc3\xa9'"),
    ({"x": Sha256()}, STRING, f"TO_BASE64(SHA256({X}))"),
    (
        {"x": LastFourCharacters()},
        STRING,
        f"IF(CHAR_LENGTH({X}) > 4, CONCAT('XXXXX', SUBSTR({X}, -4)), TO_BASE64(SHA256({X})))",
    ),
    (
        {"x": FirstFourCharacters()},
        STRING,
        f"IF(CHAR_LENGTH({X}) > 4, CONCAT(SUBSTR({X}, 1, 4), 'XXXXX'), TO_BASE64(SHA256({X})))",
    ),
    (
        {"x": Partial(keep_first=2)},
        STRING,
        f"IF(CHAR_LENGTH({X}) > 2, CONCAT(SUBSTR({X}, 1, 2), REPEAT('*', CHAR_LENGTH({X}) - 2)), "
        f"REPEAT('*', CHAR_LENGTH({X})))",
    ),
    ({"x": DateYearMask()}, TIMESTAMP, f"TIMESTAMP_TRUNC({X}, YEAR, 'UTC')"),
    ({"x": DateBucket(unit="week")}, DATE, f"DATE_TRUNC({X}, ISOWEEK)"),
    ({"x": DateBucket(unit="hour")}, DATETIME, f"DATETIME_TRUNC({X}, HOUR)"),
    (
        {"x": NumberBucket(width=10)},
        INT64,
        f"IF(MOD({X}, 10) < 0, COALESCE(SAFE_SUBTRACT({X} - MOD({X}, 10), 10), {X} - MOD({X}, 10)), "
        f"{X} - MOD({X}, 10))",
    ),
    (
        {"x": NumberBucket(width=10)},
        FLOAT64,
        f"CASE WHEN ABS({X}) < 1e+300 THEN FLOOR({X} / 10) * 10 + 0.0 "
        f"WHEN {X} IS NOT NULL THEN CAST('NaN' AS FLOAT64) END",
    ),
    (
        {"x": Token(domain="people")},
        STRING,
        f"CONCAT('k1:', SUBSTR(TO_HEX({HMAC.format(f'CAST({X} AS BYTES)')}), 1, 32))",
    ),
    (
        {"x": Token(domain="people")},
        INT64,
        f"CAST(CONCAT('0x', SUBSTR(TO_HEX({HMAC.format(f'CAST(CAST({X} AS STRING) AS BYTES)')}), 1, 15)) AS INT64)",
    ),
    (
        {"x.value": Sha256()},
        array_of(CONTACT),
        f"IF({X} IS NULL, NULL, ARRAY(SELECT IF(gatebook_item1 IS NULL, NULL, STRUCT(gatebook_item1.kind AS kind, "
        "TO_BASE64(SHA256(gatebook_item1.value)) AS value)) "
        f"FROM UNNEST({X}) AS gatebook_item1 WITH OFFSET AS gatebook_offset1 ORDER BY gatebook_offset1))",
    ),
]


@pytest.mark.parametrize(("masks", "sql_type", "text"), TEXTS, ids=str)
def test_the_text_of_an_expression(masks: dict[str, Mask], sql_type: SqlType, text: str) -> None:
    assert sql_projection("x", sql_type, masks, "k1") == text


def test_a_column_named_as_its_table_is_not_the_row() -> None:
    """`SELECT email FROM d.email` reads the row, with every column of it, masked or not."""
    columns = (Column("email", STRING), Column(SOURCE, STRING), Column("phone", STRING))
    catalog = Catalog((Table(("p", "d", "email"), columns),), default_project="p", default_dataset="d")
    analyzer = Analyzer()
    assert analyzer.analyze("SELECT email FROM email", catalog).columns[0][1].kind == "STRUCT"
    parts = [f"{sql_projection(column.name, column.type, {'phone': Sha256()})} AS {column.name}" for column in columns]
    found = analyzer.analyze(f"SELECT {', '.join(parts)} FROM email AS {SOURCE}", catalog)
    assert found.columns == tuple((column.name, STRING) for column in columns)
