"""Patterns of texts, names and columns, held against plain definitions of what they mean."""

import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from policy_questions import columns_of, facts_of, table_of

from gatebook.core.analysis.footprint import Resource, ResourceKind, TableRef
from gatebook.core.policy.columns import Class, classes_of
from gatebook.core.policy.document import Classification
from gatebook.core.policy.globs import Glob, PatternError, overlap
from gatebook.core.policy.names import Thing, pattern_of
from gatebook.core.policy.sizes import in_units, size_of
from gatebook.core.policy.statement_names import TYPES, expand, methods
from gatebook.core.policy.table_facts import table_facts

PIECES = st.lists(st.sampled_from(["a", "b", "/", "*", "**"]), min_size=1, max_size=7).map("".join)


@settings(max_examples=1000)
@given(PIECES.map(lambda text: re.sub(r"\*{3,}", "**", text)), st.text("ab/", max_size=8))
def test_globs_mean_what_the_regular_expression_means(pattern: str, text: str) -> None:
    meanings = {"**": ".*", "*": "[^/]*"}
    parts = [part for part in re.split(r"(\*+)", pattern) if part]
    expression = "".join(meanings.get(part) or re.escape(part) for part in parts)
    assert Glob.of(pattern, "/").matches(text) == (re.fullmatch(expression, text) is not None)


@pytest.mark.parametrize(
    ("pattern", "text", "meant"),
    [
        ("*a*a*", "a", False), ("*a*a*", "ba", False), ("*a*a*", "aa", True), ("a*a", "a", False), ("a*a", "aa", True),
        ("*ab*b", "ab", False), ("*ab*b", "abb", True), ("ab*ab", "abab", True), ("ab*ab", "ab", False),
        ("*", "", True), ("a*", "a", True), ("**a", "ba", True), ("a", "ab", False), ("", "", None),
    ],
)  # fmt: skip
def test_within_one_part_no_letter_is_used_twice(pattern: str, text: str, *, meant: bool | None) -> None:
    if meant is None:
        with pytest.raises(PatternError, match="is empty"):
            Glob.of(pattern, None)
    else:
        assert Glob.of(pattern, None).matches(text) is meant


def test_overlap_is_that_some_text_is_matched_by_both() -> None:
    texts = ["".join(letters) for size in range(5) for letters in itertools.product("ab", repeat=size)]
    patterns = ["".join(letters) for size in range(1, 4) for letters in itertools.product("ab*", repeat=size)]
    meant = {p: {t for t in texts if re.fullmatch(p.replace("*", ".*"), t)} for p in patterns}
    for one, other in itertools.product(patterns, repeat=2):
        assert overlap(one, other) == bool(meant[one] & meant[other]), (one, other)


NAMES = [TableRef(p, d, t) for p in ("a", "b") for d in ("d", "e") for t in ("x", "xy", "y")]
SEGMENTS = st.sampled_from(["a", "b", "d", "x", "*", "x*", "*y"])


@settings(max_examples=500)
@given(st.tuples(SEGMENTS, SEGMENTS, SEGMENTS).map(".".join), st.sampled_from(["*", "x*", "*y", "x"]))
def test_covering_is_of_all_and_touching_of_some(pattern: str, table: str) -> None:
    read = pattern_of(pattern)
    # What a name with a star stands for, spelled out.
    many = Thing.of_table(TableRef("a", "d", table))
    # Names long enough that one tells a pattern that means all of them from one that does not.
    spelled = [t for t in ("x", "xy", "y", "xqy", "q", "qy", "xq", "d") if re.fullmatch(table.replace("*", ".*"), t)]
    meant = [read.covers(Thing.of_table(TableRef("a", "d", one))) for one in spelled]
    assert read.covers(many) == all(meant)
    assert read.touches(many) or not any(meant)


@pytest.mark.parametrize(
    ("pattern", "name", "covered"),
    [
        ("**", "a.d.t", True),
        ("a.**", "a.d.t", True),
        ("a.**", "b.d.t", False),
        ("a.d.**", "a.d.t", True),
        ("a.d.*", "a.d.t", True),
        ("a.d.*", "a.d2.t", False),
        ("a.d*.t", "a.d2.t", True),
        ("a.d.T", "a.d.t", False),
        ("*.d.t", "a.d.t", True),
        ("a.d.**", "a.d.INFORMATION_SCHEMA.COLUMNS", True),
        ("a.d.*", "a.d.INFORMATION_SCHEMA.COLUMNS", False),
        ("a.d.information_schema.columns", "a.d.INFORMATION_SCHEMA.COLUMNS", True),
        ("a.d.INFORMATION_SCHEMA.*", "a.d.Information_Schema.Columns", True),
        ("example.com:a.d.t", "example.com:a.d.t", True),
        ("example.com:a.**", "example.com:a.d.t", True),
        ("*.d.t", "example.com:a.d.t", True),
        ("example.com:*.d.t", "example.com:a.d.t", True),
        ("a.d.events_*", "a.d.events_*", True),
        ("a.d.events_2026*", "a.d.events_*", False),
        ("a.d.*", "a.d.*", True),
        ("a.d.t", "a.d.*", False),
        ("a.**.t", "a.d.t", True),
    ],
)
def test_tables_are_covered(pattern: str, name: str, *, covered: bool) -> None:
    project, dataset, table = ("example.com:a", "d", "t") if name.startswith("example.com:") else _three(name)
    assert pattern_of(pattern).covers(Thing.of_table(TableRef(project, dataset, table))) is covered


def _three(name: str) -> tuple[str, str, str]:
    project, _, rest = name.partition(".")
    dataset, _, table = rest.rpartition(".")
    return project, dataset, table


@pytest.mark.parametrize(
    ("pattern", "kind", "name", "covered", "touched"),
    [
        ("a.d.**", "dataset", "a.d", True, True),
        ("a.d.*", "dataset", "a.d", False, False),
        ("dataset:a.d", "dataset", "a.d", True, True),
        ("dataset:a.d", "routine", "a.d", False, False),
        ("a.d.*", "routine", "a.d.f", True, True),
        ("routine:a.d.*", "routine", "a.d.f", True, True),
        ("routine:a.d.*", "model", "a.d.f", False, False),
        ("a.d.t.*", "row_access_policy", "a.d.t.p", True, True),
        ("**", "uri", "gs://x/y", False, False),
        ("uri:**", "uri", "gs://x/y", True, True),
        ("uri:gs://x/*", "uri", "gs://x/y", True, True),
        ("uri:gs://x/*", "uri", "gs://x/y/z", False, False),
        ("uri:gs://x/*", "uri", "gs://x/*", False, True),
        ("uri:gs://x/**", "uri", "gs://x/*.csv", True, True),
        ("uri:gs://x/**", "uri", "*", False, True),
        ("uri:gs://y/**", "uri", "gs://x/*", False, False),
        ("uri:gs://xy/**", "uri", "gs://x*", False, True),
        ("**", "connection", "a.eu.c", False, False),
        ("connection:a.eu.*", "connection", "a.eu.c", True, True),
        ("capacity:**", "capacity", "a:eu.r", True, True),
        ("**", "project", "a", True, True),
        ("project:a", "project", "a", True, True),
    ],
)
def test_other_things_are_covered(pattern: str, kind: str, name: str, *, covered: bool, touched: bool) -> None:
    thing = Thing.of_resource(Resource(ResourceKind(kind), name))
    assert (pattern_of(pattern).covers(thing), pattern_of(pattern).touches(thing)) == (covered, touched)


TAG = "projects/p/locations/eu/taxonomies/1/policyTags/2"
FACTS = {"columns": {"id": [], "Email": [], "address.city": [], "address.geo.lat": [TAG], "phones": []}}


@pytest.mark.parametrize(
    ("entry", "column", "there"),
    [
        ({"columns": ["**.email"]}, "a.d.t.EMAIL", True),
        ({"columns": ["a.d.t.email"]}, "a.d.t.email", True),
        ({"columns": ["a.d.u.email"]}, "a.d.t.email", False),
        ({"columns": ["a.d.*.email"]}, "a.d.t.email", True),
        ({"columns": ["a.**.email"]}, "a.d.t.email", True),
        ({"columns": ["a.d.t.**.city"]}, "a.d.t.address.city", True),
        ({"columns": ["**.city"]}, "a.d.t.address", True),
        ({"columns": ["**.city"]}, "a.d.t.id", False),
        ({"columns": ["**.address"]}, "a.d.t.address.geo.lat", True),
        ({"columns": ["a.d.t.*"]}, "a.d.t.address.geo.lat", True),
        ({"columns": ["a.d.t.*.lat"]}, "a.d.t.address.geo.lat", False),
        ({"columns": ["**.ph*"]}, "a.d.t.phones", True),
        ({"columns": ["**.lat"]}, "a.d.t.*", True),
        ({"columns": ["**.salary"]}, "a.d.t.*", False),
        ({"columns": ["**.salary"]}, "a.d.t._PARTITIONTIME", False),
        ({"policy_tags": [TAG]}, "a.d.t.address", True),
        ({"policy_tags": [TAG]}, "a.d.t.address.city", False),
        ({"policy_tags": ["projects/p/**"]}, "a.d.t.address.geo.lat", True),
        ({"policy_tags": ["projects/q/**"]}, "a.d.t.address.geo.lat", False),
        ({"labels": {"pii": "yes"}}, "a.d.t.id", False),
        ({"columns": ["**.x"], "labels": {"pii": "yes"}}, "a.d.labelled.id", True),
        # Nothing is known of this table, so that everything that could be there is.
        ({"columns": ["**.email"]}, "a.d.new.thing", True),
        ({"columns": ["**.email"]}, "a.d.new.*", True),
        ({"columns": ["a.d.new.email"]}, "a.d.new.thing", False),
        ({"columns": ["a.d.new.thing.email"]}, "a.d.new.thing", True),
        ({"columns": ["a.d.other.**"]}, "a.d.new.*", False),
        ({"policy_tags": [TAG]}, "a.d.new.thing", True),
        ({"labels": {"pii": "yes"}}, "a.d.new.thing", True),
    ],
)
def test_classes_of_columns(entry: dict[str, object], column: str, *, there: bool) -> None:
    tables = {
        table_of("a.d.t"): facts_of(FACTS),
        table_of("a.d.labelled"): facts_of({"columns": ["id"], "labels": {"pii": "yes"}}),
    }
    made = Class.of("it", Classification(**{k: tuple(v) if isinstance(v, list) else v for k, v in entry.items()}))
    (source,) = columns_of([column])
    assert classes_of(source, tables, [made]) == (frozenset({"it"}) if there else frozenset())


def test_facts_of_a_table_resource() -> None:
    fields = [
        {"name": "id", "type": "INTEGER"},
        {"name": "who", "type": "RECORD", "policyTags": {"names": ["outer"]}, "fields": [
            {"name": "Mail", "type": "STRING", "policyTags": {"names": ["inner"]}},
        ]},
    ]  # fmt: skip
    facts = table_facts({"schema": {"fields": fields}, "labels": {"pii": "yes", "odd": 3}})
    assert [(column.path, column.policy_tags) for column in facts.columns] == [
        ("id", ()),
        ("who.Mail", ("outer", "inner")),
    ]
    assert facts.labels == {"pii": "yes"}
    assert facts.leaves == {("id",): (), ("who", "mail"): ("outer", "inner")}
    for odd in (None, [], {"schema": 3}, {"schema": {"fields": [3, {}, {"name": 1}]}, "labels": []}):
        assert table_facts(odd).columns == ()


def test_sizes_are_read_and_shown() -> None:
    assert [size_of(written) for written in (0, 7, "10GiB", "3 TiB", "5B")] == [0, 7, 10 * 2**30, 3 * 2**40, 5]
    assert [in_units(size) for size in (0, 1023, 1024, 1536 * 2**20)] == ["0 B", "1023 B", "1 KiB", "1.5 GiB"]
    for wrong in (-1, "10GB", "ten", "1.5GiB", "", 2**63, "9999999999999PiB"):
        with pytest.raises(ValueError, match="is no size"):
            size_of(wrong)


def test_types_and_methods_are_spelled_out() -> None:
    assert expand(("DROP_*ROW*",), TYPES, None) == {"DROP_ROW_ACCESS_POLICY", "DROP_ALL_ROW_ACCESS_POLICIES"}
    assert methods(("bigquery.jobs.insert",)) == {
        "bigquery.jobs.insert", "bigquery.jobs.insert.multipart", "bigquery.jobs.insert.resumable",
        "bigquery.jobs.insert.continue", "bigquery.jobs.insert.status",
    }  # fmt: skip
    assert "bigquery.jobs.insert" not in methods(("bigquery.tables.*",))
    with pytest.raises(PatternError, match="stands for nothing"):
        expand(("TRUNCATE",), TYPES, None)
