"""What an exchange can be found by: terms, their postings, and what a search makes of its filters."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import book_samples as samples
from gatebook.core.analysis.footprint import Footprint, Statement, TableRef
from gatebook.core.book.entry import Record
from gatebook.core.book.postings import BLOCK, CLOSED, Postings, postings
from gatebook.core.book.search import Search
from gatebook.core.book.terms import TermsMemory, terms_of
from gatebook.core.model import Caller, CallerKind, Ending, Identity, Provenance


def finds(search: Search, **changes: object) -> bool:
    terms = terms_of(samples.promise(**changes))
    return all(any(criterion.meets(*term) for term in terms) for criterion in search.criteria())


@pytest.mark.parametrize(
    "search",
    [
        Search(),
        Search(caller="acme/warehouse-etl"),
        Search(caller="repo:acme/warehouse-etl:ref:refs/heads/main"),
        Search(caller=f"{samples.GITHUB} repo:acme/warehouse-etl:ref:refs/heads/main"),
        Search(issuer=samples.GITHUB),
        Search(repository="acme/warehouse-etl"),
        Search(commit="4f1d2c3"),
        Search(commit="4f1d2c3b5a69788796a5b4c3d2e1f00123456789"),
        Search(run="7001"),
        Search(table="acme"),
        Search(table="acme.shop"),
        Search(table="`acme.shop.orders`"),
        Search(column="acme.shop.orders.id"),
        Search(column="acme.shop.customers.contact"),
        Search(column="acme.shop.customers.contact.email"),
        Search(column="contact.email"),
        Search(column="email"),
        Search(column="NAME"),
        Search(statement="select"),
        Search(method="jobs.query"),
        Search(method="bigquery.jobs.query"),
        Search(caller="acme/warehouse-etl", table="acme.shop.orders", column="email", statement="SELECT"),
    ],
    ids=str,
)
def test_an_exchange_is_found_by(search: Search) -> None:
    assert finds(search)


@pytest.mark.parametrize(
    "search",
    [
        Search(caller="acme/warehouse"),
        Search(service_account="acme/warehouse-etl"),
        Search(repository="acme"),
        Search(repository="acme/warehouse-etl", declared=True),
        Search(commit="4f1d2c4"),
        Search(commit="f1d2c3"),
        Search(run="700"),
        Search(table="acme.sho"),
        Search(table="shop.orders"),
        Search(table="orders"),
        Search(column="acme.shop.orders.email"),
        Search(column="mail"),
        Search(column="shop"),
        Search(column="orders"),
        Search(statement="INSERT"),
        Search(method="query"),
        Search(table="acme.shop.orders", statement="DELETE"),
    ],
    ids=str,
)
def test_an_exchange_is_not_found_by(search: Search) -> None:
    assert not finds(search)


def test_declared_facts_are_looked_up_only_when_asked_for() -> None:
    declared = Provenance(repository="acme/agent", commit="abc123", run="9")
    for filters in ({"repository": "acme/agent"}, {"commit": "abc"}, {"run": "9"}):
        assert finds(Search(declared=True, **filters), declared=declared)  # type: ignore[arg-type]
        assert not finds(Search(**filters), declared=declared)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [CallerKind.GOOGLE_SERVICE_ACCOUNT, CallerKind.KUBERNETES])
def test_a_service_account_is_found_as_one(kind: CallerKind) -> None:
    identity = Identity(Caller("https://issuer", "107", kind, "etl@acme.example"), Provenance(), 0)
    assert finds(Search(service_account="etl@acme.example"), identity=identity)
    assert finds(Search(service_account="107"), identity=identity)
    assert finds(Search(caller="etl@acme.example"), identity=identity)


def test_a_refusal_before_anything_is_known_has_terms_of_its_method_only() -> None:
    assert terms_of(samples.refusal()) == {("method", "bigquery.jobs.query"), ("method", "jobs.query")}


def test_values_that_no_store_can_hold_are_found_all_the_same() -> None:
    table = TableRef("acme", "shop", "a\0b")
    footprint = Footprint((Statement("SELECT", (table,)),))
    assert finds(Search(table="acme.shop.a\0b"), footprint=footprint)
    assert not any("\0" in value for _, value in terms_of(samples.promise(footprint=footprint)))


def test_memory_gives_what_is_computed_afresh_and_stays_bounded() -> None:
    memory = TermsMemory(terms_at_most=20)
    for number in range(50):
        footprint = Footprint((Statement("SELECT", (TableRef("p", "d", f"t{number}"),)),))
        asked = samples.promise(number, footprint=footprint)
        assert frozenset().union(*memory.parts_of(asked)) == terms_of(asked)
        assert len(memory._known) < 12


def entries_of(count: int) -> list[tuple[int, Record]]:
    found: list[tuple[int, Record]] = []
    for number in range(count):
        found.append((len(found) + 1, samples.refusal(number) if number % 7 == 3 else samples.promise(number)))
        if number % 7 != 3 and number % 5 != 4:
            ending = Ending.UPSTREAM_ERROR if number % 3 else Ending.ANSWERED
            found.append((len(found) + 1, samples.settlement(number, ending)))
    return found


def added(parts: list[Postings]) -> Postings:
    whole = Postings()
    for part in parts:
        for term, bits in part.terms.items():
            for block, mask in bits.items():
                own = whole.terms.setdefault(term, {})
                own[block] = own.get(block, 0) | mask
        for block, span in part.spans.items():
            have = whole.spans.setdefault(block, replace(span))
            have.bits |= span.bits
            have.first_microseconds = min(have.first_microseconds, span.first_microseconds)
            have.last_microseconds = max(have.last_microseconds, span.last_microseconds)
        whole.calls += part.calls
    return whole


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 400), max_size=6), st.integers(0, 120))
def test_postings_added_in_parts_are_those_of_the_whole(cuts: list[int], count: int) -> None:
    entries = entries_of(count)
    parts, openings = [], {}
    edges = [0, *sorted(cut for cut in cuts if cut < len(entries)), len(entries)]
    for first, last in pairwise(edges):
        parts.append(postings(entries[first:last], openings))
        openings |= {record.call.id: seq for seq, record in entries[first:last] if hasattr(record, "call")}
    assert added(parts) == postings(entries, {})


def test_postings_mark_the_opening_of_each_call() -> None:
    entries = entries_of(200)
    found = postings(entries, {})
    for seq, record in entries:
        opens = hasattr(record, "call")
        assert bool(found.spans[seq // BLOCK].bits >> seq % BLOCK & 1) == opens
    closed = {seq for block, bits in found.terms[CLOSED].items() for seq in _places(block, bits)}
    ends = {record.call_id for _, record in entries if not hasattr(record, "call")}
    assert closed == {
        seq
        for seq, record in entries
        if hasattr(record, "call") and (record.call.id in ends or hasattr(record, "reason"))
    }


def test_a_refusal_after_a_promise_closes_it() -> None:
    found = postings([(1, samples.promise(1)), (2, samples.refusal(1))], {})
    assert found.spans[0].bits == 0b10
    assert found.terms[CLOSED] == {0: 0b10}
    assert found.terms["status", "refused"] == {0: 0b10}


def _places(block: int, bits: int) -> list[int]:
    return [block * BLOCK + bit for bit in range(BLOCK) if bits >> bit & 1]
