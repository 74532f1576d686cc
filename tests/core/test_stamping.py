import re
from copy import deepcopy
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from made_calls import CALLER, IDENTITY, METHOD, call_of, insert, query

from gatebook.core.model import Provenance
from gatebook.core.stamping import OUR_LABELS, label_value, stamped
from gatebook.errors import Reason, Refused

OURS = {"gatebook_record": "01jq2k", "gatebook_caller": "acme-warehouse-etl", "gatebook_run": "7291"}


def test_a_query_request_gains_three_labels_and_nothing_else_changes():
    document = {"query": "SELECT 1", "useLegacySql": False, "labels": {"team": "data"}}
    before = deepcopy(document)
    assert stamped(query(document), IDENTITY) == {**before, "labels": {"team": "data", **OURS}}
    assert document == before, "the call keeps what the client sent"


@pytest.mark.parametrize(
    "name", ["bigquery.jobs.insert", "bigquery.jobs.insert.multipart", "bigquery.jobs.insert.resumable"]
)
@pytest.mark.parametrize("labels", [{}, {"labels": None}, {"labels": {"dbt_invocation_id": "x"}}])
def test_a_job_gains_them_in_its_configuration(name, labels):
    document = {"jobReference": {"jobId": "j"}, "configuration": {"load": {"sourceUris": ["gs://b/o"]}, **labels}}
    before = deepcopy(document)
    expected = {**before["configuration"], "labels": {**(labels.get("labels") or {}), **OURS}}
    assert stamped(call_of(METHOD[name], document), IDENTITY) == {**before, "configuration": expected}
    assert document == before


@pytest.mark.parametrize("name", sorted(name for name in METHOD if ".jobs.insert" not in name and name[-5:] != "query"))
def test_no_other_document_changes(name):
    document = {"labels": {"a": "b"}, "configuration": {}}
    assert stamped(call_of(METHOD[name], document), IDENTITY) is document


def test_a_call_without_document_has_none_to_stamp():
    assert stamped(query(None), IDENTITY) is None


def test_labels_in_our_name_are_ours():
    forged = dict.fromkeys(OUR_LABELS, "forged")
    assert stamped(query({"labels": forged}), IDENTITY)["labels"] == OURS


def test_without_a_run_there_is_no_run_label_not_even_a_forged_one():
    identity = replace(IDENTITY, attested=Provenance())
    labels = stamped(query({"labels": {"gatebook_run": "forged"}}), identity)["labels"]
    assert set(labels) == {"gatebook_record", "gatebook_caller"}


def test_full_labels_are_refused_rather_than_dropped():
    def labels(count):
        return {"labels": {f"l{n}": "" for n in range(count)}}

    assert len(stamped(query(labels(61)), IDENTITY)["labels"]) == 64
    with pytest.raises(Refused, match="at most 61") as refusal:
        stamped(query(labels(62)), IDENTITY)
    assert refusal.value.reason is Reason.BODY_MALFORMED


@pytest.mark.parametrize(
    "call",
    [
        query({"labels": []}),
        query({"labels": "a"}),
        insert({"configuration": {"labels": 1}}),
        insert({}),
        insert({"configuration": []}),
    ],
)
def test_what_cannot_hold_labels_is_refused(call):
    with pytest.raises(Refused) as refusal:
        stamped(call, IDENTITY)
    assert refusal.value.reason is Reason.BODY_MALFORMED


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("acme/Warehouse_ETL", "acme-warehouse_etl"),
        ("repo:acme/etl@refs", "repo-acme-etl-refs"),
        ("Größe 東京", "größe-東京"),
        ("x" * 100, "x" * 63),
        ("", ""),
    ],
)
def test_label_values_stay_readable(text, label):
    assert label_value(text) == label


# What Google's own services accept: [\p{Ll}\p{Lo}\p{N}_-]{0,63}; str.isalnum knows the same letters but upper case.
@given(st.text(max_size=100))
@example("İstanbul")
@example("\ud800")
@example("ǅ" * 70)
@example("東" * 63)
def test_any_text_becomes_a_valid_label_value(text):
    value = label_value(text)
    assert len(value) <= 63
    assert len(value.encode()) <= 128
    assert all(c in "_-" or (c.isalnum() and not c.isupper() and not c.istitle()) for c in value)
    assert label_value(value) == value


@given(name=st.text(min_size=1, max_size=80), run=st.none() | st.text(max_size=80))
def test_whatever_the_caller_is_called_the_labels_are_valid(name, run):
    identity = replace(IDENTITY, caller=replace(CALLER, name=name), attested=Provenance(run=run))
    labels = stamped(query({"query": "SELECT 1"}), identity)["labels"]
    assert labels["gatebook_record"] == "01jq2k"
    assert all(re.fullmatch(r"[a-z_]+", key) and value for key, value in labels.items())


def test_a_request_id_is_the_callers_own_and_stays_the_same_when_repeated():
    document = {"query": "SELECT 1", "requestId": "3f0c7b0e-7a1c-4c55-9a60-1f2f6a1f0d11"}
    first, again = stamped(query(document), IDENTITY), stamped(query(document, call_id="other"), IDENTITY)
    other = stamped(query(document), replace(IDENTITY, caller=replace(CALLER, subject="repo:acme/other")))
    assert first["requestId"] == again["requestId"] != document["requestId"]
    assert other["requestId"] != first["requestId"], "another caller's request id gives another caller's rows"
    assert re.fullmatch(r"[0-9a-f]{36}", first["requestId"])


def test_an_empty_request_id_stays_none():
    """Made into one of the caller's own, it would give every such request the first one's rows."""
    assert stamped(query({"query": "SELECT 1", "requestId": ""}), IDENTITY)["requestId"] == ""
