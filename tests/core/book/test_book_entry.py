"""Records to bytes and back: nothing is lost, the bytes are canonical, and what was once written stays readable."""

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings

import book_samples as samples
from gatebook.core.analysis.footprint import Footprint, Opaque, Output, Resource, ResourceKind, Statement, Trait, Uses
from gatebook.core.book.entry import EntryKind, Record, Unreadable, read, write
from gatebook.core.book.records import Event, EventType, Evidence, Promise, Refusal, Settlement
from gatebook.core.model import Ending, Origin, Outcome
from gatebook.core.policy.decision import Allow, Ceilings, Deny, Hold
from gatebook.core.policy.question import ColumnFacts, Estimate, TableFacts, Usage
from gatebook.core.policy.standing import Standing
from gatebook.errors import Reason

GOLDEN = Path(__file__).parent / "golden"


@settings(max_examples=150, deadline=None)
@given(samples.records)
def test_any_record_is_read_back_as_it_was(record: Record) -> None:
    _, body = write(record)
    assert read(body) == samples.forgotten(record)


@settings(max_examples=150, deadline=None)
@given(samples.records)
def test_the_bytes_are_canonical_json_by_another_implementation(record: Record) -> None:
    _, body = write(record)
    assert rfc8785.dumps(json.loads(body)) == body
    assert write(read(body))[1] == body


def test_every_field_of_the_records_is_exercised_above() -> None:
    """A new field that the strategies do not vary would be lost silently when the format forgets it."""
    for strategy, kind in (
        (samples.outcomes, Outcome),
        (samples.promises, Promise),
        (samples.settlements, Settlement),
        (samples.refusals, Refusal),
        (samples.statements, Statement),
        (samples.footprints, Footprint),
        (samples.events, Event),
        (samples.evidences, Evidence),
        (samples.standings, Standing),
        (samples.allowances, Allow),
        (samples.denials, Deny),
        (samples.holds, Hold),
    ):
        built: Any = strategy.wrapped_strategy if hasattr(strategy, "wrapped_strategy") else strategy
        given_fields = len(built.args) + len(built.kwargs)
        assert given_fields == sum(field.init for field in fields(kind)), kind


GOLDEN_RECORDS: dict[str, tuple[EntryKind, Record]] = {
    "promise": (EntryKind.PROMISE, samples.promise(1)),
    "promise_of_much": (
        EntryKind.PROMISE,
        samples.promise(
            2,
            footprint=Footprint(
                (
                    Statement(
                        "SCRIPT", opaque=(Opaque("dynamic_sql", "EXECUTE IMMEDIATE runs text made at run time."),)
                    ),
                    Statement(
                        "MERGE",
                        (samples.ORDERS,),
                        (samples.CUSTOMERS,),
                        ((samples.ORDERS, "id"),),
                        ((samples.CUSTOMERS, "contact.email"),),
                        resources_read=(Resource(ResourceKind.ROUTINE, "acme.shop.clean"),),
                    ),
                )
            ),
            sql="-- é \U0001f600 \u2028 \x1b[0m\nMERGE ...",
        ),
    ),
    "settlement": (EntryKind.SETTLEMENT, samples.settlement(1)),
    "settlement_of_an_error": (
        EntryKind.SETTLEMENT,
        samples.settlement(2, Ending.UPSTREAM_ERROR, status=400, error_reason="invalidQuery", bytes_billed=2**60),
    ),
    "refusal": (EntryKind.REFUSAL, samples.refusal(3)),
    "refusal_by_policy": (
        EntryKind.REFUSAL,
        samples.refusal(
            4,
            identity=samples.NIGHTLY,
            footprint=samples.READS,
            decision=Deny(("builtin/foreign-job",), "builtin-1", Reason.JOB_NOT_FOUND, "Not found: Job acme:j1"),
            reason=Reason.JOB_NOT_FOUND,
        ),
    ),
}


# What version 1 could not say.
NEWER_RECORDS: dict[str, tuple[EntryKind, Record]] = {
    "promise_of_lineage": (
        EntryKind.PROMISE,
        samples.promise(
            5,
            footprint=Footprint(
                (
                    Statement(
                        "CREATE_TABLE_AS_SELECT",
                        (samples.CUSTOMERS,),
                        (samples.ORDERS,),
                        ((samples.CUSTOMERS, "contact.email"), (samples.CUSTOMERS, "id")),
                        ((samples.ORDERS, "mail"),),
                        outputs=(Output("mail", "STRING", ((samples.CUSTOMERS, "contact.email"),)),),
                        uses=Uses(predicate=((samples.CUSTOMERS, "id"),), order=((samples.CUSTOMERS, "id"),)),
                        resources_read=(Resource(ResourceKind.CONNECTION, "acme.eu.c"),),
                        resources_written=(Resource(ResourceKind.URI, "gs://b/*"),),
                        traits=(Trait.EXPIRES, Trait.REPLACES),
                    ),
                )
            ),
        ),
    ),
    "refusal_of_a_hold": (
        EntryKind.REFUSAL,
        samples.refusal(
            7,
            identity=samples.NIGHTLY,
            footprint=samples.READS,
            decision=Hold(("drops",), "sha256:1", ("data-owners",), "A person must approve.", ("exports",)),
            reason=Reason.HELD,
            evidence=Evidence(
                Standing(foreign_jobs=("acme:j1",), foreign_tables=(samples.ORDERS,)),
                Estimate(2**60, None),
                {samples.CUSTOMERS: TableFacts((ColumnFacts("contact.email", ("t/1",)),), {"pii": "yes"})},
                Usage(3, 1, 17),
                ("BigQuery reads the table acme.shop.x",),
            ),
        ),
    ),
    "promise_in_shadow": (
        EntryKind.PROMISE,
        samples.promise(
            8,
            decision=Allow(
                ("shadow",),
                "sha256:1",
                Ceilings(10**9, 1000),
                ("exports",),
                Deny(("no-exports",), "sha256:1", Reason.DENIED, "Do not export."),
            ),
        ),
    ),
    "event": (
        EntryKind.EVENT,
        Event(samples.call_id(6), EventType.POLICY_LOADED, {"version": "sha256:1", "files": "a.yaml"}, samples.NOW),
    ),
}


@pytest.mark.parametrize("name", GOLDEN_RECORDS)
def test_version_1_is_read_as_ever(name: str) -> None:
    _, record = GOLDEN_RECORDS[name]
    assert read((GOLDEN / "v1" / f"{name}.json").read_bytes()) == samples.forgotten(record)


@pytest.mark.parametrize("name", [*GOLDEN_RECORDS, *NEWER_RECORDS])
def test_the_newest_version_is_written_and_read_as_ever(name: str) -> None:
    kind, record = (GOLDEN_RECORDS | NEWER_RECORDS)[name]
    recorded = (GOLDEN / "v2" / f"{name}.json").read_bytes()
    assert write(record) == (kind, recorded)
    assert read(recorded) == samples.forgotten(record)


def test_attested_and_declared_facts_are_objects_of_their_own() -> None:
    document = json.loads(write(samples.promise())[1])
    assert document["attested"]["workflow"] == "nightly"
    assert document["declared"] == {"reason": "ticket 77", "workflow": "dbt"}


def test_sql_and_parameters_are_kept_whole_with_their_digits() -> None:
    parameters = ({"value": 12345678901234567890123}, {"value": 0.1}, {"value": 1e300}, {"value": "\0"})
    asked = samples.promise()
    sql = "SELECT '" + "x" * 300_000 + "'"
    record = replace(asked, request=replace(asked.request, sql=sql, query_parameters=parameters))
    read_back = read(write(record)[1])
    assert isinstance(read_back, Promise)
    assert read_back.request.sql == sql
    assert read_back.request.query_parameters == parameters


TOKEN = "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.eyJzdWIiOiJyZXBvOmFjbWUifQ.c2lnbmF0dXJl"
GOOGLE_TOKEN = "ya29.a0AfB_byExample-1234567890"


@pytest.mark.parametrize("token", [TOKEN, GOOGLE_TOKEN])
def test_tokens_in_the_wrong_place_do_not_reach_the_book(token: str) -> None:
    asked = samples.refusal()
    call = replace(
        asked.call,
        method=replace(asked.call.method, template=f"/v1/{token}"),
        resource={"projectId": token},
        parameters=(("access_token", token), (token, "1"), ("pageToken", token), ("upload_id", token)),
        headers={"authorization": f"Bearer {token}"},
        document={"token": token},
        origin=Origin("10.0.0.1", f"curl {token}", token),
    )
    outcome = replace(asked.outcome, error_message=f"bad token {token}", error_reason=token)
    declared = replace(asked.declared, reason=token)
    _, body = write(replace(asked, call=call, outcome=outcome, declared=declared, message=f"what is {token}?"))
    assert token[:20].encode() not in body
    assert b"[token withheld]" in body


def test_an_upload_is_known_by_a_digest_that_stays_the_same() -> None:
    def parameters(value: str) -> list[list[str]]:
        asked = samples.promise()
        call = replace(asked.call, parameters=(("uploadType", "resumable"), ("upload_id", value)))
        recorded: list[list[str]] = json.loads(write(replace(asked, call=call))[1])["call"]["parameters"]
        return recorded

    assert parameters("AbC") == parameters("AbC") != parameters("AbD")
    assert parameters("AbC")[0] == ["uploadType", "resumable"]
    assert "AbC" not in str(parameters("AbC"))


def test_text_that_is_not_unicode_can_be_written() -> None:
    asked = samples.promise(sql="SELECT '\ud800'")
    request = replace(asked.request, query_parameters=({"na\udfffme": ["\ud800"]},))
    _, body = write(replace(asked, request=request))
    record = read(body)
    assert isinstance(record, Promise)
    assert record.request.sql == "SELECT '\ufffd'"
    assert record.request.query_parameters == ({"na\ufffdme": ["\ufffd"]},)


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"{",
        b"[]",
        b'{"v":1}',
        b'{"kind":"promise","v":3}',
        b'{"kind":"dream","v":1}',
        write(samples.promise())[1].replace(b"o.customer\\n", b"o.customers\\n"),
        write(samples.promise())[1].replace(b'"v":2', b'"unknown":0,"v":2'),
        write(samples.promise())[1].replace(b'"tables":[', b'"tables_":['),
        write(samples.promise())[1].replace(b'[[0,"', b'[[9,"'),
        write(samples.promise())[1].replace(b'[[0,"', b'[[-1,"'),
        write(samples.settlement())[1].replace(b'"answered"', b'"vanished"'),
        write(samples.settlement())[1][:-1],
    ],
)
def test_what_is_not_understood_is_not_read(damaged: bytes) -> None:
    with pytest.raises(Unreadable):
        read(damaged)
