"""Pages of rows: whatever their size, order, style and pieces, the reader says what `json.loads` would."""

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatebook.core.replies.facts import facts_of
from gatebook.core.replies.pages import PageWatch

# Texts that look like the structure around them.
LOOKALIKES = [
    ']},{"f":[{"v":', '},{"f":',
    '},{"f":[{"v":"', ']},{"f":[{"v":"1"}]},{"f":[', '{"f":[', '"rows":[', '],"totalRows":"7"', "]}", '"}]}',
    "\\", '\\"', '"', "\\\\", "},\n    {\n      \"f\": [", "\n", "\t", "[", "{", "é",
    "\N{GRINNING FACE}", "\u2028", "\x00",
]  # fmt: skip
TEXT = st.one_of(st.sampled_from(LOOKALIKES), st.text(max_size=6), st.lists(st.sampled_from(LOOKALIKES)).map("".join))
ROW = st.deferred(lambda: st.lists(CELL, min_size=1, max_size=4).map(lambda cells: {"f": cells}))
CELL = st.deferred(
    lambda: st.one_of(
        st.just({"v": None}),
        TEXT.map(lambda text: {"v": text}),
        st.lists(TEXT, max_size=3).map(lambda texts: {"v": [{"v": text} for text in texts]}),
        ROW.map(lambda row: {"v": row}),
        st.lists(ROW, max_size=3).map(lambda rows: {"v": [{"v": row} for row in rows]}),
    )
)
ROWS = st.one_of(st.lists(ROW, max_size=6), st.lists(ROW, min_size=6, max_size=30))
MEMBERS = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.just("bigquery#queryResponse"),
        "schema": st.fixed_dictionaries({"fields": st.lists(st.fixed_dictionaries({"name": TEXT, "type": TEXT}))}),
        "jobReference": st.fixed_dictionaries({"projectId": TEXT, "jobId": TEXT, "location": st.just("EU")}),
        "totalRows": st.integers(0, 2**63 - 1).map(str),
        "pageToken": TEXT,
        "totalBytesProcessed": st.integers(0, 2**63 - 1).map(str),
        "jobComplete": st.booleans(),
        "cacheHit": st.booleans(),
        "numDmlAffectedRows": st.just("3"),
        "sessionInfo": st.fixed_dictionaries({"sessionId": TEXT}),
        "errors": st.lists(st.fixed_dictionaries({"reason": TEXT, "message": TEXT}), max_size=2),
        "etag": TEXT,
    },
)
STYLES = [
    {"separators": (",", ":")},
    {"separators": (",", ":"), "ensure_ascii": False},
    {"indent": 2},
    {"indent": "\t"},
    {},
    {"separators": (" , ", " : ")},
]


@st.composite
def pages(draw):
    members = draw(MEMBERS)
    members["rows"] = draw(ROWS)
    names = draw(st.permutations(list(members)))
    return json.dumps({name: members[name] for name in names}, **draw(st.sampled_from(STYLES))).encode()


def read(data, sizes, whole_bytes):
    watch, at = PageWatch(whole_bytes), 0
    for size in sizes:
        watch.feed(data[at : at + size])
        at += size
    watch.feed(data[at:])
    return watch.finish()


SIZES = st.one_of(
    st.just([]),
    st.lists(st.integers(1, 60), max_size=60),
    st.integers(1, 7).map(lambda size: [size] * 2000),
)


@settings(max_examples=200)
@given(data=pages(), sizes=SIZES, whole_bytes=st.sampled_from([1, 10, 100, 400, 1 << 20]))
def test_a_page_tells_the_same_in_pieces_as_whole(data, sizes, whole_bytes):
    document = json.loads(data)
    expected = facts_of(document, rows=len(document["rows"]))
    assert read(data, sizes, whole_bytes) == expected


@settings(max_examples=100)
@given(data=pages(), sizes=SIZES, whole_bytes=st.sampled_from([1, 100, 1 << 20]), cut=st.floats(0, 0.999))
def test_a_page_that_breaks_off_is_not_whole(data, sizes, whole_bytes, cut):
    facts = read(data[: int(len(data) * cut)], sizes, whole_bytes)
    assert not facts.whole


def every_cut():
    rows = [{"f": [{"v": [{"v": "1"}]}]}, {"f": [{"v": {"f": [{"v": None}]}}]}, {"f": [{"v": None}]}]
    return json.dumps({"rows": rows, "totalRows": "3"}, separators=(",", ":")).encode()


@pytest.mark.parametrize("whole_bytes", [1, 1 << 20])
def test_no_cut_at_any_byte_looks_whole(whole_bytes):
    data = every_cut()
    assert read(data, [], whole_bytes).whole
    assert [n for n in range(len(data)) if read(data[:n], [7] * 100, whole_bytes).whole] == []


def test_rows_of_another_shape_are_counted_rightly_or_not_at_all():
    row, cell = '{"f":[{"v":"1"}]}', '{"v":"1"}'
    cases = {
        f'{{"rows":[{{"a":1}},{{"b":[]}},{row},{row},{row}]}}': 5,
        f'{{"rows":[{row},{row}, {row}]}}': 3,  # not all separators alike
        f'{{"x":{{"rows":[{row},{row}]}},"rows":[{row},{row},{row}]}}': 3,
        f'{{"rows":[[{row},{row}],[{row},{row}]]}}': 2,
        f'{{"rows":[{row},{row},{cell}]}}': 3,
    }
    for text, count in cases.items():
        assert len(json.loads(text)["rows"]) == count
        assert read(text.encode(), [9] * 100, 1 << 20).rows == count
        assert read(text.encode(), [9] * 100, 1).rows in (count, None), text


NAMES = st.sampled_from(["f", "v", "rows", "jobReference", "totalRows", "error", "x"])
ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["f", "v", "rows", "jobReference", "totalRows", "error", "x"]), inner, max_size=4
        )
    ),
    max_leaves=20,
)


@settings(max_examples=150)
@given(document=ANY, style=st.sampled_from(STYLES), sizes=SIZES)
def test_any_document_at_all(document, style, sizes):
    facts = read(json.dumps(document, **style).encode(), sizes, 1 << 20)
    assert facts.whole == isinstance(document, dict)
    if isinstance(document, dict):
        rows = document.get("rows")
        is_page = "totalRows" in document or "jobComplete" in document
        assert facts.rows == (len(rows) if isinstance(rows, list) else 0 if rows is None and is_page else None)
        assert facts == facts_of(document, rows=facts.rows)


@given(data=st.binary(max_size=200), whole_bytes=st.sampled_from([1, 50, 1 << 20]))
def test_bytes_that_are_no_json_tell_nothing_and_raise_nothing(data, whole_bytes):
    assert not read(b"\x80" + data, [3] * 40, whole_bytes).whole
    read(b'{"rows":[{"f":[]},{"f":[]},' + data, [3] * 40, whole_bytes)


@pytest.mark.parametrize("style", STYLES)
def test_a_large_page_with_every_member_behind_its_rows(style):
    chance = random.Random(1)
    rows = [
        {"f": [{"v": chance.choice(LOOKALIKES) * chance.randrange(9)}, {"v": [{"v": {"f": [{"v": str(n)}]}}]}]}
        for n in range(20_000)
    ]
    document = {
        "rows": rows,
        "totalRows": "20000",
        "pageToken": "next",
        "jobReference": {"projectId": "p", "jobId": "j", "location": "US"},
    }
    data = json.dumps(document, **style).encode()
    assert len(data) > 1_000_000
    facts = read(data, [65536] * 100, 256 * 1024)
    assert facts == facts_of(document, rows=20_000)
    assert (facts.has_more, facts.job.id) == (True, "j")


@pytest.mark.parametrize("at", [0, 1, 2])
def test_one_row_of_megabytes(at):
    rows = [{"f": [{"v": "1"}]} for _ in range(3)]
    rows[at] = {"f": [{"v": '},{"f":' * 300_000}]}
    data = json.dumps({"rows": rows, "totalRows": "3"}, separators=(",", ":")).encode()
    facts = read(data, [65536] * 100, 256 * 1024)
    assert (facts.whole, facts.rows, facts.total_rows) == (True, 3, 3)


def test_a_reply_without_rows_above_the_limit_tells_nothing_but_keeps_nothing():
    data = json.dumps({"tables": [{"id": "x" * 1000}] * 6000, "totalItems": 6000}).encode()
    watch = PageWatch()
    for at in range(0, len(data), 65536):
        watch.feed(data[at : at + 65536])
    assert sum(map(len, watch._held)) == 0
    assert watch.finish().rows is None


def test_memory_stays_flat_over_a_long_page():
    row = b'{"f":[{"v":"' + b"x" * 100 + b'"}]},'
    watch = PageWatch()
    watch.feed(b'{"totalRows":"9","rows":[')
    for _ in range(40):
        watch.feed(row * 10_000)
        assert sum(map(len, watch._held)) + len(watch._tail) < 2_000_000
    watch.feed(row[:-1] + b'],"jobComplete":true}')
    facts = watch.finish()
    assert (facts.rows, facts.whole, facts.job_state) == (400_001, True, "DONE")
