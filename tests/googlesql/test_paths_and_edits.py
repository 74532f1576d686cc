import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatebook.googlesql import paths
from gatebook.googlesql.edits import Edit, rewrite
from gatebook.googlesql.errors import SqlError
from gatebook.googlesql.tree import ByteRange


@pytest.mark.parametrize(
    ("identifier", "parts"),
    [
        ("t", ("t",)),
        ("p.d.t", ("p", "d", "t")),
        ("my-project.d.events_*", ("my-project", "d", "events_*")),
        ("example.com:p.d.t", ("example.com:p", "d", "t")),
        ("example.com:p", ("example.com:p",)),
    ],
)
def test_quoted_names_are_split_as_bigquery_splits_them(identifier: str, parts: tuple[str, ...]) -> None:
    assert paths.split_dotted(identifier) == parts


@pytest.mark.parametrize(
    ("written", "full"),
    [
        ("t", "p.d.t"),
        ("x.t", "p.x.t"),
        ("q.x.t", "q.x.t"),
        ("INFORMATION_SCHEMA.tables", "p.d.INFORMATION_SCHEMA.TABLES"),
        ("x.information_schema.TABLES", "p.x.INFORMATION_SCHEMA.TABLES"),
        ("region-us.INFORMATION_SCHEMA.JOBS", "p.region-us.INFORMATION_SCHEMA.JOBS"),
        ("q.region-us.INFORMATION_SCHEMA.JOBS", "q.region-us.INFORMATION_SCHEMA.JOBS"),
        ("x.INFORMATION_SCHEMA", "p.x.INFORMATION_SCHEMA"),
    ],
)
def test_names_are_completed(written: str, full: str) -> None:
    assert ".".join(paths.qualify(tuple(written.split(".")), "p", "d")) == full


def test_a_name_without_dataset_needs_a_default_one() -> None:
    with pytest.raises(SqlError, match=r'Table "t" must be qualified with a dataset \(e\.g\. dataset\.table\)\.'):
        paths.qualify(("t",), "p", None)
    assert paths.qualify(("INFORMATION_SCHEMA", "SCHEMATA"), "p", None) == ("p", "INFORMATION_SCHEMA", "SCHEMATA")


@given(
    parts=st.lists(st.text(st.characters(exclude_characters="\\.:", codec="utf-8"), min_size=1), min_size=1).map(tuple)
)
def test_a_quoted_path_is_read_back(parts: tuple[str, ...]) -> None:
    if not any("`" in part for part in parts):
        assert paths.read(paths.quote(parts)) == parts


@pytest.mark.parametrize("text", ["", ".", "a.", "a..b", "a b", "`a", "a /* x */ . b", "`a\\`b`"])
def test_what_is_not_plainly_a_path_is_not_read(text: str) -> None:
    assert paths.read(text) is None


def test_spelling_counts_except_in_information_schema() -> None:
    assert paths.same_spelling(("d", "t"), ("p", "d", "t"))
    assert not paths.same_spelling(("D", "t"), ("p", "d", "t"))
    assert paths.same_spelling(("d", "information_schema", "tables"), ("p", "d", "INFORMATION_SCHEMA", "TABLES"))
    assert not paths.same_spelling(("D", "INFORMATION_SCHEMA", "TABLES"), ("p", "d", "INFORMATION_SCHEMA", "TABLES"))
    assert paths.same_spelling(("_session", "t"), ("t",))


TEXTS = st.text(st.sampled_from("aé€😀\n "), min_size=1, max_size=30)


@given(before=TEXTS, replaced=TEXTS, after=TEXTS, new=TEXTS)
def test_edits_count_bytes(before: str, replaced: str, after: str, new: str) -> None:
    start = len(before.encode())
    edit = Edit(ByteRange(start, start + len(replaced.encode())), new)
    rewritten = rewrite(before + replaced + after, [edit])
    assert rewritten.sql == before + new + after


NAMES = st.text(st.sampled_from("aé😀."), min_size=1, max_size=6)


@given(lines=st.lists(st.lists(NAMES, max_size=4), min_size=1, max_size=4), data=st.data())
def test_positions_lead_back_to_the_original_text(lines: list[list[str]], data: st.DataObject) -> None:
    original = "\n".join(" ".join(f"`{name}`" for name in names) for names in lines)
    edits = []
    offset = 0
    for names in lines:
        for name in names:
            size = len(f"`{name}`".encode())
            edits.append(Edit(ByteRange(offset, offset + size), paths.quote(tuple(name.split(".")))))
            offset += size + 1
        offset += 0 if names else 1
    rewritten = rewrite(original, edits)
    line = data.draw(st.integers(1, len(lines)))
    names = lines[line - 1]
    if not names:
        return
    which = data.draw(st.integers(0, len(names) - 1))
    new_column = 1 + sum(len(paths.quote(tuple(name.split(".")))) + 1 for name in names[:which])
    old_column = 1 + sum(len(name) + 3 for name in names[:which])
    error = rewritten.original_error(SqlError("x", line, new_column))
    assert (error.line, error.column) == (line, old_column)


def test_overlapping_edits_are_refused() -> None:
    with pytest.raises(ValueError, match="overlap"):
        rewrite("abcd", [Edit(ByteRange(0, 2), "x"), Edit(ByteRange(1, 3), "y")])
