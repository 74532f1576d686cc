"""What an exchange can be found by: terms, their postings, and what a search makes of its filters."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import book_samples as samples
from gatebook.core.analysis.footprint import Footprint, Statement, TableRef
from gatebook.core.book.entry import Record, Unreadable, write
from gatebook.core.book.outlines import Outline, Outlines
from gatebook.core.book.postings import BLOCK, CLOSED, Postings, postings
from gatebook.core.book.search import Search
from gatebook.core.book.terms import terms_of
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


def test_an_outline_tells_of_each_record_what_the_index_needs() -> None:
    promise, settlement, refusal = (
        outlined(record) for record in (samples.promise(7), samples.settlement(7), samples.refusal(7))
    )
    assert promise.call_id == settlement.call_id == refusal.call_id == samples.call_id(7)
    received = samples.promise(7).call.received_at_microseconds
    assert (promise.received_at_microseconds, promise.ending) == (received, None)
    assert (settlement.received_at_microseconds, settlement.ending) == (None, "answered")
    assert (refusal.received_at_microseconds, refusal.ending) == (received, "refused")
    assert frozenset().union(*promise.parts) == terms_of(samples.promise(7))
    assert frozenset().union(*refusal.parts) == terms_of(samples.refusal(7))
    assert settlement.parts == ()


def test_calls_that_share_a_token_and_an_analysis_share_the_parts_of_their_outlines() -> None:
    outlines = Outlines()
    one, other = (outlines.outline(write(samples.promise(number))[1]) for number in (1, 2))
    assert all(mine is its for mine, its in zip(one.parts, other.parts, strict=True))
    third = outlines.outline(write(samples.promise(3, declared=Provenance(run="9")))[1])
    assert frozenset().union(*third.parts) == frozenset().union(*one.parts) | {("declared_run", "9")}


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'{"kind":"promise"}', b'{"kind":"promise","v":99}', b'{"kind":"dream","v":1}', b"\xff" * 9],
)
def test_what_is_no_entry_of_a_known_version_has_no_outline(body: bytes) -> None:
    with pytest.raises(Unreadable):
        Outlines().outline(body)


def test_outlines_are_what_is_computed_afresh_and_their_memory_stays_bounded() -> None:
    outlines = Outlines(terms_at_most=20)
    for number in range(50):
        footprint = Footprint((Statement("SELECT", (TableRef("p", "d", f"t{number}"),)),))
        asked = samples.promise(number, footprint=footprint)
        assert frozenset().union(*outlines.outline(write(asked)[1]).parts) == terms_of(asked)
        assert len(outlines._known) < 12


def outlined(record: Record) -> Outline:
    return Outlines().outline(write(record)[1])


def indexed(entries: list[tuple[int, Record]], openings: dict[str, int] | None = None) -> Postings:
    outlines = Outlines()
    return postings([(seq, outlines.outline(write(record)[1])) for seq, record in entries], openings or {})


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
        parts.append(indexed(entries[first:last], openings))
        openings |= {record.call.id: seq for seq, record in entries[first:last] if hasattr(record, "call")}
    assert added(parts) == indexed(entries)


def test_postings_mark_the_opening_of_each_call() -> None:
    entries = entries_of(200)
    found = indexed(entries)
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
    found = indexed([(1, samples.promise(1)), (2, samples.refusal(1))])
    assert found.spans[0].bits == 0b10
    assert found.terms[CLOSED] == {0: 0b10}
    assert found.terms["status", "refused"] == {0: 0b10}


def _places(block: int, bits: int) -> list[int]:
    return [block * BLOCK + bit for bit in range(BLOCK) if bits >> bit & 1]
