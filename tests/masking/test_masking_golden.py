"""What the masks give, value by value. The first part is Google's own examples, to the letter.

https://cloud.google.com/bigquery/docs/column-data-masking-intro#masking_options
"""

import datetime as dt
import hashlib
import hmac
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from random_columns import rest_fields

from gatebook.columnar.arrow import arrow_masker
from gatebook.core.masking.cell_texts import TimestampFormat
from gatebook.core.masking.cells import cell_masker
from gatebook.core.masking.keys import MaskingKey, is_reserved, query_parameters
from gatebook.core.masking.masks import (
    AlwaysNull,
    Constant,
    DateBucket,
    DateYearMask,
    DefaultMaskingValue,
    EmailMask,
    FirstFourCharacters,
    LastFourCharacters,
    Mask,
    MaskError,
    NumberBucket,
    Partial,
    Sha256,
    Token,
)
from gatebook.core.masking.plans import plan_column
from gatebook.core.masking.strictness import strictest
from gatebook.googlesql import types
from gatebook.googlesql.types import SqlType
from gatebook.sandbox.rest.rows import rows as rest_rows
from gatebook.sandbox.warehouse import arrow_schema
from masking_samples import KEY, named

# The hashes of 'randomtext' and 'test@gmail@gmail.com', base64, as Google's page shows them.
RANDOMTEXT = "jQHDyQuj7vJcveEe59ygb3Zcvj0B5FJINBzgM6Bypgw="
TWO_AT_SIGNS = "Qdje6MO+GLwI0u+KyRyAICDjHbLF1ImxRqaW08tY52k="

DATE_RANGE = SqlType("RANGE", element=types.DATE)

GOOGLES: list[tuple[Mask, SqlType, Any, Any]] = [
    (EmailMask(), types.STRING, "abc123@gmail.com", "XXXXX@gmail.com"),
    (EmailMask(), types.STRING, "cloudysanfrancisco@gmail.com", "XXXXX@gmail.com"),
    (EmailMask(), types.STRING, "randomtext", RANDOMTEXT),
    (EmailMask(), types.STRING, "test@gmail@gmail.com", TWO_AT_SIGNS),
    (Sha256(), types.STRING, "randomtext", RANDOMTEXT),
    (DateYearMask(), types.DATE, "2030-07-17", "2030-01-01"),
    (DateYearMask(), types.DATETIME, "2030-07-17T01:45:06", "2030-01-01T00:00:00"),
    (DateYearMask(), types.TIMESTAMP, "1910483106000000", "1893456000000000"),  # 2030-07-17 01:45:06
    (DefaultMaskingValue(), types.STRING, "text", ""),
    (DefaultMaskingValue(), types.BYTES, "/w==", ""),
    (DefaultMaskingValue(), types.INT64, "5", "0"),
    (DefaultMaskingValue(), types.FLOAT64, "5.5", "0.0"),
    (DefaultMaskingValue(), types.NUMERIC, "5.5", "0"),
    (DefaultMaskingValue(), types.BIGNUMERIC, "5.5", "0"),
    (DefaultMaskingValue(), types.BOOL, "true", "false"),
    (DefaultMaskingValue(), types.TIMESTAMP, "1910483106000000", "0"),
    (DefaultMaskingValue(), types.DATE, "2030-07-17", "1970-01-01"),
    (DefaultMaskingValue(), types.TIME, "01:45:06", "00:00:00"),
    (DefaultMaskingValue(), types.DATETIME, "2030-07-17T01:45:06", "1970-01-01T00:00:00"),
    (DefaultMaskingValue(), types.GEOGRAPHY, "POINT(1 2)", "POINT(0 0)"),
    (DefaultMaskingValue(), types.JSON, '{"a":1}', None),
    (DefaultMaskingValue(), types.array_of(types.STRING), [{"v": "text"}], []),
    (AlwaysNull(), types.STRING, "text", None),
]

OURS: list[tuple[Mask, SqlType, Any, Any]] = [
    (LastFourCharacters(), types.STRING, "4111111111111234", "XXXXX1234"),
    (LastFourCharacters(), types.STRING, "abcde", "XXXXXbcde"),
    (LastFourCharacters(), types.STRING, "abcd", "iNQmb9TmM40TuEX88olXnSCciXgjuSF9o+Fhk28DFYk="),
    (FirstFourCharacters(), types.STRING, "abcde", "abcdXXXXX"),
    (FirstFourCharacters(), types.STRING, "", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
    (FirstFourCharacters(), types.STRING, "\U0001d54f\u0301é🐢z", "\U0001d54f\u0301é🐢XXXXX"),
    (EmailMask(), types.STRING, "Anna.Nowak+x@mail.example.co.uk", "XXXXX@mail.example.co.uk"),
    (Sha256(), types.BYTES, "YWJj", "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="),  # FIPS 180-4: "abc"
    (Sha256(), types.STRING, None, None),
    (Sha256(), types.INT64, "5", "0"),
    (Sha256(), types.JSON, '{"a":1}', None),
    (Sha256(), types.INTERVAL, "1-2 3 4:5:6", "0-0 0 0:0:0"),
    (Sha256(), DATE_RANGE, "[2020-01-01, 2020-02-01)", "[UNBOUNDED, UNBOUNDED)"),
    (Sha256(), types.array_of(types.STRING), [{"v": "randomtext"}], [{"v": RANDOMTEXT}]),
    (DefaultMaskingValue(), types.STRING, None, ""),
    (Constant(value="(hidden)"), types.STRING, None, "(hidden)"),
    (Constant(value="é"), types.BYTES, "YWJj", "w6k="),
    (Constant(value="é"), types.DATE, "2030-07-17", "1970-01-01"),
    (Partial(keep_last=4), types.STRING, "4111111111111111", "************1111"),
    (Partial(keep_first=1, keep_last=1, character="#"), types.STRING, "Jane", "J##e"),
    (Partial(keep_first=1, keep_last=1, character="#"), types.STRING, "Jo", "##"),
    (Partial(), types.STRING, "Jo", "**"),
    (NumberBucket(width=10), types.INT64, "37", "30"),
    (NumberBucket(width=10), types.INT64, "-1", "-10"),
    (NumberBucket(width=10), types.INT64, "-9223372036854775808", "-9223372036854775800"),
    (NumberBucket(width=10), types.NUMERIC, "-0.000000001", "-10"),
    (NumberBucket(width=10), types.NUMERIC, f"-{'9' * 29}.{'9' * 9}", f"-{'9' * 28}0"),
    (NumberBucket(width=10), types.FLOAT64, "39.999", "30.0"),
    (NumberBucket(width=10), types.FLOAT64, "Infinity", "NaN"),
    (NumberBucket(width=10), types.FLOAT64, "-0.0", "0.0"),
    (NumberBucket(width=10**9), types.FLOAT64, "12345678900.5", "1.2E10"),
    (DateBucket(unit="week"), types.DATE, "2024-03-03", "2024-02-26"),
    (DateBucket(unit="quarter"), types.DATE, "2024-06-30", "2024-04-01"),
    (DateBucket(unit="hour"), types.DATETIME, "2024-06-30T23:59:59.999999", "2024-06-30T23:00:00"),
    (DateBucket(unit="day"), types.DATE, "2024-06-30", "1970-01-01"),
    (DateYearMask(), types.TIME, "01:45:06", "00:00:00"),
]


def masked_cell(mask: Mask, sql_type: SqlType, cell: Any, timestamps: TimestampFormat = TimestampFormat.INT64) -> Any:
    return cell_masker(plan_column("x", sql_type, {"x": mask}), timestamps, KEY)(cell)


@pytest.mark.parametrize(("mask", "sql_type", "cell", "expected"), GOOGLES + OURS, ids=named)
def test_cells(mask: Mask, sql_type: SqlType, cell: Any, expected: Any) -> None:
    assert masked_cell(mask, sql_type, cell) == expected


@pytest.mark.parametrize(
    "text",
    [
        "a@b",  # a domain of one name
        "a@b.c",
        "a@[127.0.0.1]",
        "a@-b.com",
        "a@b..com",
        "@b.com",
        "a b@c.com",
        '"a b"@c.com',
        "a@b.com\n",
        "a@b.com ",
        " a@b.com",
        "ä@b.com",
        "a@ä.com",
        "a@b.com@",
        "a@b.com, c@d.com",
        "a" * 65 + "@b.com",
        "a@" + "b" * 64 + ".com",
        "",
    ],
)
def test_what_is_no_address_is_hashed(text: str) -> None:
    assert masked_cell(EmailMask(), types.STRING, text) == masked_cell(Sha256(), types.STRING, text)


@pytest.mark.parametrize(
    ("timestamps", "cell", "expected"),
    [
        (TimestampFormat.FLOAT64, "1.910483106E9", "1.893456E9"),
        (TimestampFormat.FLOAT64, "0.999999", "0.0"),
        (TimestampFormat.FLOAT64, "-1.0E-6", "-3.1536E7"),
        (TimestampFormat.FLOAT64, "-6.2135596799999999E10", "-6.21355968E10"),
        (TimestampFormat.FLOAT64, "2.534023008E11", "2.533707648E11"),  # 9999-12-31 23:59:59.999999, rounded up
        (TimestampFormat.INT64, "-1", "-31536000000000"),
        (TimestampFormat.INT64, "253402300799999999", "253370764800000000"),
        (TimestampFormat.ISO8601_STRING, "2030-07-17T01:45:06.123456789012Z", "2030-01-01T00:00:00.000000000000Z"),
        (TimestampFormat.ISO8601_STRING, "2030-07-17T01:45:06Z", "2030-01-01T00:00:00Z"),
    ],
)
def test_years_of_timestamps_in_each_format(timestamps: TimestampFormat, cell: str, expected: str) -> None:
    assert masked_cell(DateYearMask(), types.TIMESTAMP, cell, timestamps) == expected


@pytest.mark.parametrize(
    ("timestamps", "expected"),
    [
        (TimestampFormat.FLOAT64, "0.0"),
        (TimestampFormat.INT64, "0"),
        (TimestampFormat.ISO8601_STRING, "1970-01-01T00:00:00.000000000000Z"),
    ],
)
def test_the_default_timestamp_in_each_format(timestamps: TimestampFormat, expected: str) -> None:
    assert masked_cell(DefaultMaskingValue(), types.TIMESTAMP, None, timestamps) == expected


def test_the_smallest_bignumeric_has_a_bucket() -> None:
    smallest = Decimal("-578960446186580977117854925043439539266.34992332820282019728792003956564819968")
    found = masked_cell(NumberBucket(width=10), types.BIGNUMERIC, str(smallest))
    assert Decimal(found) == -578960446186580977117854925043439539260


def test_a_token_is_hmac_sha256_by_the_standard_library() -> None:
    [inner, outer] = query_parameters(KEY, ["people"])
    assert [inner["name"], outer["name"]] == ["gatebook_token_people_inner", "gatebook_token_people_outer"]
    token_key = KEY.for_domain("people")
    key = bytes(byte ^ 0x36 for byte in token_key.inner)
    expected = hmac.new(key, b"anna@example.com", hashlib.sha256)
    assert token_key.hmac()(b"anna@example.com") == expected.digest()
    token = Token(domain="people")
    assert masked_cell(token, types.STRING, "anna@example.com") == f"k1:{expected.hexdigest()[:32]}"
    number = hmac.new(key, b"42", hashlib.sha256).hexdigest()
    assert (
        masked_cell(token, types.INT64, "42") == masked_cell(token, types.NUMERIC, "42.0") == str(int(number[:15], 16))
    )


def test_tokens_do_not_change() -> None:
    """A token that is stored somewhere must be found again: this one was made when the format was."""
    assert (
        masked_cell(Token(domain="people"), types.STRING, "anna@example.com") == "k1:4e6d512e1dd43f918aa74e4985204ab6"
    )


def test_another_domain_another_secret_another_id_make_other_tokens() -> None:
    def token(key: MaskingKey, domain: str) -> Any:
        plan = plan_column("x", types.STRING, {"x": Token(domain=domain)})
        return cell_masker(plan, TimestampFormat.INT64, key)("anna@example.com")

    assert token(KEY, "people") != token(KEY, "orders")
    other = MaskingKey("k2", bytes(reversed(range(32))))
    assert token(other, "people").startswith("k2:")
    assert token(other, "people")[3:] != token(KEY, "people")[3:]


def test_keys_do_not_show() -> None:
    shown = f"{KEY!r} {KEY.for_domain('people')!r}"
    assert "secret" not in shown
    assert "inner" not in shown


@pytest.mark.parametrize(
    ("key_id", "secret"), [("", bytes(32)), ("K1", bytes(32)), ("k:", bytes(32)), ("k1", bytes(31))]
)
def test_a_key_that_is_none_is_refused(key_id: str, secret: bytes) -> None:
    with pytest.raises(MaskError, match="masking key"):
        MaskingKey(key_id, secret)


@pytest.mark.parametrize(
    ("sql_type", "mask", "cell"),
    [
        (types.DATE, DateYearMask(), "someone's secret"),
        (types.INT64, NumberBucket(width=10), "someone's secret"),
        (types.BYTES, Sha256(), "someone's secret"),
        (types.NUMERIC, NumberBucket(width=10), "Infinity"),
        (types.TIMESTAMP, DateYearMask(), "999999999999999999999999"),
        (types.STRING, Sha256(), {"v": "someone's secret"}),
        (types.array_of(types.STRING), Sha256(), "someone's secret"),
        (types.struct_of([("a", types.STRING)]), Sha256(), {"f": [{"v": "someone's"}, {"v": "secret"}]}),
    ],
    ids=named,
)
def test_a_cell_that_is_not_of_its_type_is_not_given(sql_type: SqlType, mask: Mask, cell: Any) -> None:
    with pytest.raises(MaskError) as caught:
        masked_cell(mask, sql_type, cell)
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_the_strictest_of_several() -> None:
    assert strictest([Sha256(), AlwaysNull(), Token(domain="a")]) == AlwaysNull()
    assert strictest([LastFourCharacters(), Sha256()]) == Sha256()
    assert strictest([Token(domain="a"), Sha256(), Token(domain="a")]) == Token(domain="a")
    assert strictest([Token(domain="a"), Token(domain="b")]) == DefaultMaskingValue()
    with pytest.raises(ValueError, match="no masks"):
        strictest([])


ARROW_VALUES = {"STRING": str, "DATE": dt.date.fromisoformat, "INT64": int, "FLOAT64": float, "NUMERIC": Decimal}
IN_ARROW = [case for case in GOOGLES + OURS if case[1].kind in ARROW_VALUES]


@pytest.mark.parametrize(("mask", "sql_type", "cell", "expected"), IN_ARROW, ids=named)
def test_arrow(mask: Mask, sql_type: SqlType, cell: Any, expected: Any) -> None:
    fields = rest_fields(("x", sql_type))
    value = None if cell is None else ARROW_VALUES[sql_type.kind](cell)
    batch = pa.RecordBatch.from_pylist([{"x": value}], schema=arrow_schema(fields))
    found = arrow_masker(plan_column("x", sql_type, {"x": mask}), batch.schema.field("x"), KEY)(batch.column("x"))
    [row] = rest_rows(pa.RecordBatch.from_arrays([found], ["x"]), fields, int64_timestamps=True)
    assert row["f"][0]["v"] == expected


@pytest.mark.parametrize("name", ["gatebook_token_people_inner", "GateBook_Token_x", "gatebook_token_"])
def test_names_of_key_parameters_are_reserved(name: str) -> None:
    assert is_reserved(name)
    assert not is_reserved(f"my_{name}")
