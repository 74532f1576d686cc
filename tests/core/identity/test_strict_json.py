"""JSON that two readers could understand differently is not JSON to us."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatebook.core.identity.strict_json import parse_object

REFUSED = [
    b"",
    b"null",
    b"[]",
    b"1",
    b'"text"',
    b"{",
    b"{}{}",
    b"{} x",
    b"{'a': 1}",
    b'{"a": 1,}',
    b'{"a": 1, "a": 1}',
    b'{"a": {"b": 1, "b": 2}}',
    b'{"a": [{"b": 1, "b": 2}]}',
    b'{"a": 1, "\\u0061": 2}',
    b'{"a": NaN}',
    b'{"a": -Infinity}',
    b'{"a": 123456789012345678901}',
    b'{"a": "\xff"}',
    b'\xef\xbb\xbf{"a": 1}',
    b'{"a": ' + b"[" * 100_000,
    b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    '{"a": 1}'.encode("utf-16"),
]


@pytest.mark.parametrize("text", REFUSED)
def test_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match="not a JSON object") as error:
        parse_object(text)
    assert "\xff" not in str(error.value)


@given(
    st.dictionaries(
        st.text(),
        st.recursive(
            st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False)
            | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
            max_leaves=10,
        ),
    )
)  # fmt: skip
def test_what_json_writes_is_read(value: dict[str, object]) -> None:
    assert parse_object(json.dumps(value).encode()) == value


@given(st.binary(max_size=200))
def test_any_octets_are_read_or_refused(text: bytes) -> None:
    try:
        value = parse_object(text)
    except ValueError:
        return
    assert value == json.loads(text)
