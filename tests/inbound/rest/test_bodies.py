"""Bodies: multipart uploads in any cut, compressed bodies, JSON documents, rows, ids."""

import asyncio
import gzip
import json
import re
import zlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatebook.core.multipart import frame
from gatebook.errors import Reason, Refused
from gatebook.inbound.rest.gunzip import gunzip
from gatebook.inbound.rest.ids import call_id
from gatebook.inbound.rest.json_body import parse_document
from gatebook.inbound.rest.multipart import read_related
from gatebook.inbound.rest.row_body import parse_rows

ACCEPTABLE = {Reason.BODY_MALFORMED, Reason.BODY_TOO_LARGE, Reason.CONTENT_TYPE}


def outcome(function: Callable[..., Any], *given: object) -> Any:
    """Give what it gives, or the reason of its refusal; anything else it raises is a fault of ours."""
    try:
        return function(*given)
    except Refused as refused:
        return refused.reason


async def cut(body: bytes, sizes: list[int]) -> AsyncIterator[bytes]:
    at = 0
    while at < len(body):
        size = sizes[at % len(sizes)]
        yield body[at : at + size]
        at += size


def take_apart(content_type: str, body: bytes, sizes: list[int]) -> tuple[bytes, str, bytes]:
    async def read() -> tuple[bytes, str, bytes]:
        related = await read_related(content_type, cut(body, sizes), 1000)
        return related.document, related.media_type, b"".join([piece async for piece in related.content])

    return asyncio.run(read())


cuts = st.lists(st.integers(1, 40), min_size=1, max_size=5)
# Content made of pieces of delimiters, to lie across the cuts.
contents = st.lists(
    st.one_of(st.sampled_from([b"\r\n", b"--", b"\r\n--", b"ed", b"ge", b"\n", b"-", b"\r"]), st.binary(max_size=6)),
    max_size=20,
).map(b"".join)


@settings(max_examples=300, deadline=None)
@given(contents, cuts)
def test_a_framed_upload_comes_apart_as_it_was_put_together(content: bytes, sizes: list[int]) -> None:
    framed = frame(b'{"a":1}', "text/csv; charset=utf-8", "gatebook_0a1b2c")
    body = framed.head + content + framed.tail
    assert take_apart(framed.content_type, body, sizes) == (b'{"a":1}', "text/csv; charset=utf-8", content)


@settings(max_examples=300, deadline=None)
@given(contents, cuts)
def test_content_that_holds_the_boundary_is_never_misread_silently(content: bytes, sizes: list[int]) -> None:
    body = b"--edge\r\nContent-Type: application/json\r\n\r\n{}\r\n--edge\r\nContent-Type: a/b\r\n\r\n" + content
    found = outcome(take_apart, "multipart/related; boundary=edge", body + b"\r\n--edge--", sizes)
    assert found == (b"{}", "a/b", content) or (found in ACCEPTABLE and b"\r\n--edge" in content)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200), cuts)
def test_any_bytes_are_refused_or_taken_apart(body: bytes, sizes: list[int]) -> None:
    assert outcome(take_apart, "multipart/related; boundary=edge", b"--edge\r\n" + body, sizes) in ACCEPTABLE


@pytest.mark.parametrize(
    ("content_type", "body", "expected"),
    [
        (
            'multipart/related; boundary="===============1=="',
            b"--===============1==\r\ncontent-type: application/json; charset=UTF-8\r\n\r\n{}\r\n"
            b"--===============1==\r\ncontent-type: */*\r\n\r\na,b\r\n\r\n--===============1==--",
            (b"{}", "*/*", b"a,b\r\n"),
        ),
        (  # Google's API client for Python ends lines with LF alone
            'multipart/related; boundary="==1=="',
            b"--==1==\nContent-Type: application/json\nMIME-Version: 1.0\n\n{}\n"
            b"--==1==\nContent-Type: text/csv\nMIME-Version: 1.0\nContent-Transfer-Encoding: binary\n\na\r\nb\n"
            b"--==1==--\n",
            (b"{}", "text/csv", b"a\r\nb"),
        ),
        (
            "Multipart/Related; boundary=__END_OF_PART__",
            b"--__END_OF_PART__\r\nContent-Length: 2\r\nContent-Type: application/json; charset=UTF-8\r\n"
            b"content-transfer-encoding: binary\r\n\r\n{}\r\n--__END_OF_PART__\r\nContent-Type: text/csv\r\n\r\n"
            b"\r\n--__END_OF_PART__--\r\n",
            (b"{}", "text/csv", b""),
        ),
    ],
    ids=["python", "api client", "java"],
)
def test_uploads_of_clients(content_type: str, body: bytes, expected: tuple[bytes, str, bytes]) -> None:
    assert take_apart(content_type, body, [7]) == expected


# Compressed bodies


def unpack(packed: bytes, sizes: list[int], spare_bytes: int = 1000) -> bytes:
    async def read() -> bytes:
        return b"".join([piece async for piece in gunzip(cut(packed, sizes), spare_bytes)])

    return asyncio.run(read())


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=3000), cuts)
def test_gzip_comes_out_as_it_went_in(body: bytes, sizes: list[int]) -> None:
    assert unpack(gzip.compress(body), sizes) == body


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200), cuts)
def test_anything_else_is_read_as_the_standard_library_reads_it(body: bytes, sizes: list[int]) -> None:
    packed = gzip.compress(b"abc", mtime=0)[:9] + body
    try:
        expected: Any = gzip.decompress(packed)
    except (OSError, EOFError, zlib.error):
        expected = Reason.BODY_MALFORMED
    assert outcome(unpack, packed, sizes) == expected


def test_pieces_are_whole_at_window_size() -> None:
    body = bytes(range(256)) * 1024  # output of exactly full windows
    assert unpack(gzip.compress(body), [1 << 20], len(body)) == body


def test_a_bomb_is_met_early() -> None:
    taken = 0

    async def feed() -> None:
        nonlocal taken
        async for piece in gunzip(cut(gzip.compress(b"\0" * 200_000_000), [4096]), 1_000_000):
            taken += len(piece)

    with pytest.raises(Refused) as refused:
        asyncio.run(feed())
    assert refused.value.reason is Reason.BODY_TOO_LARGE
    assert taken < 2_000_000


def test_zlib_is_not_gzip() -> None:
    with pytest.raises(Refused):
        unpack(zlib.compress(b"abc"), [10])


# JSON

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="_")), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.text("abcXYZ"), json_values, max_size=4))
def test_documents_survive_parsing_and_encoding(document: dict[str, object]) -> None:
    parsed = parse_document(json.dumps(document).encode())
    assert parsed == document
    assert msgspec.json.decode(msgspec.json.encode(parsed)) == document


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=40) | st.text(st.sampled_from('{}[]":,\\ud800ab019.eE-+ntrue')).map(str.encode))
def test_any_bytes_are_refused_or_one_object(body: bytes) -> None:
    found = outcome(parse_document, body)
    assert found is Reason.BODY_MALFORMED or found == msgspec.json.decode(body)


@pytest.mark.parametrize(
    "document",
    [
        {"labels": {"dbt_invocation_id": "x"}},
        {"configuration": {"query": {"queryParameters": [{"parameterValue": {"structValues": {"a_b": {}}}}]}}},
        {"configuration": {"query": {"tableDefinitions": {"my_table": {"sourceFormat": "CSV"}}}}},
        {"resourceTags": {"1/env_x": "prod_y"}},
    ],
)
def test_names_that_are_the_users_own_may_have_underscores(document: dict[str, object]) -> None:
    assert parse_document(json.dumps(document).encode()) == document


def test_a_protocol_buffer_name_is_told_with_the_documented_one() -> None:
    with pytest.raises(Refused, match="useLegacySql"):
        parse_document(b'{"configuration":{"query":{"use_legacy_sql":true}}}')


def test_names_below_the_users_own_are_bigquerys_again() -> None:
    with pytest.raises(Refused, match="sourceUris"):
        parse_document(b'{"tableDefinitions":{"my_table":{"source_uris":["gs://x"]}}}')


def test_the_second_template_suffix_does_not_reach_upstream() -> None:
    options, count, framed = parse_rows(b'{"templateSuffix":"_b","rows":[{"json":{}}],"templateSuffix":"_a"}')
    assert (options, count) == ({"templateSuffix": "_a"}, 1)
    assert framed.count(b"templateSuffix") == 1
    assert b"_b" not in framed


# Ids


def test_ids_are_ordered_by_time_and_valid_label_values() -> None:
    now = 1_790_000_000_000_000
    ids = [call_id(now + step) for step in range(0, 5000, 7)]
    assert ids == sorted(ids)
    assert len({call_id(now) for _ in range(1000)}) == 1000
    assert all(re.fullmatch(r"[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}", value) for value in ids)
