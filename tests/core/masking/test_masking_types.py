"""What a mask is for a type: total, type-preserving in Google's own eyes, and never the value itself."""

import msgspec
import pytest

from gatebook.core.masking.expressions import SOURCE, sql_projection
from gatebook.core.masking.keys import query_parameters
from gatebook.core.masking.masks import (
    ALWAYS_NULL,
    DEFAULT_MASKING_VALUE,
    AlwaysNull,
    DateBucket,
    DefaultMaskingValue,
    Mask,
    MaskError,
    NumberBucket,
    Sha256,
    applied,
)
from gatebook.core.masking.plans import (
    UNTOUCHED,
    Elements,
    Emptied,
    Masked,
    Member,
    Members,
    Nulled,
    plan_column,
    plan_reply,
    token_domains,
)
from gatebook.googlesql.analyzer import Analyzer
from gatebook.googlesql.catalog import Catalog, Column, Table
from gatebook.googlesql.types import BYTES, DATE, INT64, JSON, STRING, SqlType, array_of, struct_of
from masking_samples import KEY, MASKS, NESTED_TYPES, SCALAR_TYPES, named

_DOMAIN_PARAMETERS = {parameter["name"]: BYTES for parameter in query_parameters(KEY, ["people"])}


@pytest.fixture(scope="module")
def analyzer() -> Analyzer:
    return Analyzer()


def analyzed_type(analyzer: Analyzer, sql_type: SqlType, expression: str) -> SqlType:
    """The type of an expression over a table `t` with one column `x`, as Google's analyzer has it."""
    catalog = Catalog((Table(("p", "d", "t"), (Column("x", sql_type),)),), default_project="p", default_dataset="d")
    analysis = analyzer.analyze(f"SELECT {expression} AS x FROM t AS {SOURCE}", catalog, _DOMAIN_PARAMETERS)
    [(_, found)] = analysis.columns
    return found


@pytest.mark.parametrize("sql_type", SCALAR_TYPES + NESTED_TYPES, ids=named)
@pytest.mark.parametrize("mask", MASKS, ids=named)
def test_the_expression_has_the_type_of_the_column(analyzer: Analyzer, mask: Mask, sql_type: SqlType) -> None:
    expression = sql_projection("x", sql_type, {"x": mask}, KEY.key_id)
    assert analyzed_type(analyzer, sql_type, expression) == sql_type


@pytest.mark.parametrize("mask", MASKS, ids=named)
def test_masks_at_nested_paths_leave_the_type(analyzer: Analyzer, mask: Mask) -> None:
    for sql_type in NESTED_TYPES[-4:]:
        paths = list(_leaves("x", sql_type))
        for path in (paths[0], paths[-1]):
            expression = sql_projection("x", sql_type, {path: mask}, KEY.key_id)
            assert analyzed_type(analyzer, sql_type, expression) == sql_type


def _leaves(path: str, sql_type: SqlType):
    if sql_type.kind == "ARRAY":
        yield from _leaves(path, sql_type.element)
    elif sql_type.kind == "STRUCT":
        for field in sql_type.fields:
            yield from _leaves(f"{path}.{field.name}", field.type)
    else:
        yield path


@pytest.mark.parametrize("sql_type", SCALAR_TYPES, ids=named)
@pytest.mark.parametrize("mask", MASKS, ids=named)
def test_a_mask_that_is_not_made_for_the_type_becomes_a_constant(mask: Mask, sql_type: SqlType) -> None:
    result = applied(mask, sql_type)
    if sql_type.kind in mask.kinds():
        assert result == mask
    else:
        assert result == (ALWAYS_NULL if sql_type.kind == "JSON" else DEFAULT_MASKING_VALUE)


@pytest.mark.parametrize("mask", MASKS, ids=named)
@pytest.mark.parametrize(
    "unknown", [SqlType("UUID"), SqlType("GRAPH_ELEMENT"), SqlType("RANGE"), SqlType("RANGE", element=INT64)], ids=named
)
def test_a_type_that_bigquery_does_not_have_is_null(mask: Mask, unknown: SqlType) -> None:
    assert applied(mask, unknown) == ALWAYS_NULL


def test_a_bucket_that_would_show_the_value_is_not_made_for_the_type() -> None:
    assert applied(DateBucket(unit="day"), DATE) == DEFAULT_MASKING_VALUE
    assert applied(DateBucket(unit="hour"), DATE) == DEFAULT_MASKING_VALUE
    assert applied(DateBucket(unit="week"), DATE) == DateBucket(unit="week")


ADDRESS = struct_of([("city", STRING), ("zip", STRING)])
PERSON = struct_of([("name", STRING), ("Addresses", array_of(ADDRESS)), ("notes", JSON)])


def test_only_what_is_named_is_masked() -> None:
    masks = {"person.addresses.ZIP": Sha256(), "other.name": Sha256()}
    address = Members((Member("city", UNTOUCHED), Member("zip", Masked(Sha256(), STRING))))
    assert plan_column("Person", PERSON, masks) == Members(
        (Member("name", UNTOUCHED), Member("Addresses", Elements(address)), Member("notes", UNTOUCHED))
    )
    assert plan_column("another", PERSON, masks) == UNTOUCHED


def test_a_mask_on_a_record_is_one_on_all_of_it_and_the_stricter_counts() -> None:
    masks = {"person": Sha256(), "person.name": AlwaysNull(), "person.addresses.zip": NumberBucket(width=10)}
    zips = Member("zip", Masked(Sha256(), STRING))
    assert plan_column("person", PERSON, masks) == Members(
        (
            Member("name", Masked(ALWAYS_NULL, STRING)),
            Member("Addresses", Elements(Members((Member("city", Masked(Sha256(), STRING)), zips)))),
            Member("notes", Masked(ALWAYS_NULL, JSON)),
        )
    )


def test_arrays_and_structs_that_are_replaced_as_a_whole() -> None:
    assert plan_column("x", PERSON, {"x": ALWAYS_NULL}) == Nulled(PERSON)
    addresses = array_of(ADDRESS)
    assert plan_column("x", addresses, {"x": ALWAYS_NULL}) == Emptied(addresses)
    assert plan_column("x", addresses, {"x": DEFAULT_MASKING_VALUE}) == Emptied(addresses)
    assert plan_column("x", array_of(JSON), {"x": Sha256()}) == Emptied(array_of(JSON))
    assert plan_column("x", array_of(INT64), {"x": Sha256()}) == Emptied(array_of(INT64))


@pytest.mark.parametrize("fields", [[("", STRING)], [("a", STRING), ("A", INT64)]], ids=str)
def test_a_struct_whose_fields_cannot_be_named_is_null(analyzer: Analyzer, fields: list[tuple[str, SqlType]]) -> None:
    sql_type = struct_of(fields)
    assert plan_column("x", sql_type, {"x": Sha256()}) == Nulled(sql_type)
    assert plan_column("x", array_of(sql_type), {"x": Sha256()}) == Emptied(array_of(sql_type))
    assert analyzed_type(analyzer, sql_type, sql_projection("x", sql_type, {"x": Sha256()})) == sql_type


@pytest.mark.parametrize("path", ["x.missing", "x.name.deeper", "x.addresses.city.zip", "x."])
def test_a_path_that_leads_nowhere_is_refused(path: str) -> None:
    with pytest.raises(MaskError, match="no such field"):
        plan_column("x", PERSON, {path: Sha256()})


def test_the_domains_of_a_plan() -> None:
    [token] = [mask for mask in MASKS if mask.name == "token"]
    assert token_domains(plan_column("x", PERSON, {"x.addresses.zip": token, "x.name": Sha256()})) == {"people"}
    assert token_domains(plan_column("x", DATE, {"x": token})) == frozenset()


def test_a_token_needs_a_key() -> None:
    [token] = [mask for mask in MASKS if mask.name == "token"]
    with pytest.raises(MaskError, match="need a masking key"):
        sql_projection("x", STRING, {"x": token})


def test_a_name_is_quoted_where_it_must_be(analyzer: Analyzer) -> None:
    assert sql_projection("select", STRING, {"select": DefaultMaskingValue()}) == "''"
    assert "SHA256(gatebook_source.`select`)" in sql_projection("select", STRING, {"select": Sha256()})
    hostile = struct_of([("a`b', (SELECT 1) --", STRING), ("gatebook_item1", STRING)])
    found = sql_projection("x", array_of(hostile), {"x": Sha256()})
    assert analyzed_type(analyzer, array_of(hostile), found) == array_of(hostile)


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        ({"mask": "rot13"}, r"Invalid value 'rot13' - at `\$.mask`"),
        ({"mask": "partial", "keep": 4}, "unknown field `keep`"),
        ({"mask": "partial", "keep_last": -1}, r"`int` >= 0 - at `\$.keep_last`"),
        ({"mask": "partial", "character": "**"}, r"length <= 1 - at `\$.character`"),
        ({"mask": "token"}, "missing required field `domain`"),
        ({"mask": "token", "domain": "Küche"}, r"at `\$.domain`"),
        ({"mask": "token", "domain": "a\n"}, r"at `\$.domain`"),
        ({"mask": "number_bucket", "width": 1}, r"`int` >= 2 - at `\$.width`"),
        ({"mask": "date_bucket", "unit": "second"}, r"Invalid enum value 'second' - at `\$.unit`"),
        ({"mask": "constant", "value": 3}, r"Expected `str`, got `int` - at `\$.value`"),
    ],
)
def test_a_definition_that_is_wrong_is_told_where(definition: dict[str, object], message: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=message):
        msgspec.convert(definition, Mask)


@pytest.mark.parametrize("mask", MASKS, ids=named)
def test_definitions_are_read_as_they_are_written(mask: Mask) -> None:
    assert msgspec.convert(msgspec.to_builtins(mask), Mask) == mask


FIELDS = [
    {"name": "Id", "type": "STRING", "mode": "REQUIRED"},
    {"name": "doc", "type": "JSON", "mode": "REQUIRED"},
    {
        "name": "Address",
        "type": "RECORD",
        "mode": "REQUIRED",
        "fields": [{"name": "Zip", "type": "STRING", "mode": "REQUIRED"}, {"name": "city", "type": "STRING"}],
    },
    {"name": "tags", "type": "STRING", "mode": "REPEATED"},
]


def test_a_reply_has_no_null_in_a_required_field() -> None:
    masks = {"id": ALWAYS_NULL, "doc": Sha256(), "address": ALWAYS_NULL, "tags": ALWAYS_NULL}
    assert plan_reply(FIELDS, masks) == (
        Masked(DEFAULT_MASKING_VALUE, STRING),
        Masked(DEFAULT_MASKING_VALUE, JSON),
        Members((Member("Zip", Masked(DEFAULT_MASKING_VALUE, STRING)), Member("city", Masked(ALWAYS_NULL, STRING)))),
        Emptied(array_of(STRING)),
    )
    assert plan_reply(FIELDS, {"id": Sha256()}) == (Masked(Sha256(), STRING), UNTOUCHED, UNTOUCHED, UNTOUCHED)


def test_a_reply_may_leave_out_fields_that_have_masks() -> None:
    selected = [{**FIELDS[2], "fields": [FIELDS[2]["fields"][1]]}]
    assert plan_reply(selected, {"address.zip": Sha256(), "id": Sha256()}) == (Members((Member("city", UNTOUCHED),)),)
    with pytest.raises(MaskError, match="no such field"):
        plan_reply(FIELDS, {"id.part": Sha256()})
