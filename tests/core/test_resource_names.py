"""The alphabets of names: what BigQuery gives, and the spellings that only mislead."""

import pytest

from gatebook.core.resource_names import NAMES

GOOD = [
    ("projectId", "acme-prod"),
    ("projectId", "a"),
    ("projectId", "example.com:warehouse"),
    ("projectId", "x" * 63),
    ("datasetId", "sales_2026"),
    ("datasetId", "_0123abcdef"),
    ("datasetId", "D" * 1024),
    ("tableId", "orders"),
    ("tableId", "anon0123_ab"),
    ("tableId", "Größe der Bestellung"),
    ("tableId", "表-1"),
    ("tableId", "events$20260131"),
    ("tableId", "events$2026013123"),
    ("tableId", "events$__NULL__"),
    ("tableId", "events$__UNPARTITIONED__"),
    ("jobId", "bqjob_r12ab_0000018c_1"),
    ("jobId", "3f2504e0-4f89-11d3-9a0c-0305e82c3301"),
    ("routineId", "mask_mail"),
    ("modelId", "churn-v2"),
    ("policyId", "only_eu"),
]
BAD = [
    ("projectId", ""),
    ("projectId", "123456789012"),  # a project number names the same project a second time
    ("projectId", "1acme"),
    ("projectId", "Acme"),
    ("projectId", "acme-"),
    ("projectId", "acme_prod"),
    ("projectId", "example.com:"),
    ("projectId", ":acme"),
    ("projectId", "example:acme"),
    ("projectId", "a.b:c:d"),
    ("projectId", "x" * 64),
    ("projectId", "acme\n"),
    ("datasetId", "sales-2026"),
    ("datasetId", "a.b"),
    ("datasetId", "D" * 1025),
    ("datasetId", "größe"),
    ("datasetId", "a\n"),
    ("tableId", "orders@-3600000"),  # the table as it was
    ("tableId", "orders@1700000000000"),
    ("tableId", "orders$"),
    ("tableId", "orders$20260131$1"),
    ("tableId", "orders$__OTHER__"),
    ("tableId", "$20260131"),
    ("tableId", "orders*"),
    ("tableId", "a/b"),
    ("tableId", "a%b"),
    ("tableId", "a.b"),
    ("tableId", "a\x00b"),
    ("tableId", "a\u200bb"),  # zero width
    ("tableId", "a\u202eb"),  # right to left
    ("tableId", "a\u00a0\nb"),
    ("tableId", "Gro\u0308\u00dfe"),  # not NFC: a second spelling of Größe
    ("tableId", "\ud800"),
    ("tableId", "ä" * 513),
    ("tableId", "orders$٢٠٢٦"),
    ("jobId", "a.b"),
    ("jobId", "acme:US.job"),
    ("jobId", ""),
    ("routineId", "f-1"),
    ("modelId", "m$1"),
    ("policyId", "*"),
]


@pytest.mark.parametrize(("kind", "name"), GOOD)
def test_names_that_bigquery_gives(kind: str, name: str) -> None:
    assert NAMES[kind](name)


@pytest.mark.parametrize(("kind", "name"), BAD)
def test_names_that_mislead(kind: str, name: str) -> None:
    assert not NAMES[kind](name)
