"""What every Book and every BookReader must do, whatever it is kept in."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import closing
from dataclasses import replace

import pytest
from store_rigs import Rig, Store

import book_samples as samples
from gatebook.core.analysis.footprint import Footprint, Statement, TableRef
from gatebook.core.book.exchange import Exchange, Status
from gatebook.core.book.records import Event, EventType, Promise, Refusal, Settlement
from gatebook.core.book.search import Search
from gatebook.core.book.terms import terms_of
from gatebook.core.model import Caller, CallerKind, Ending, Identity, Provenance
from gatebook.core.replies.promised import Promised
from gatebook.ports import BookReader


def run(rig: Rig, scenario: Callable[[Store], Awaitable[None]]) -> None:
    async def go() -> None:
        async with rig.opened() as store:
            await scenario(store)

    asyncio.run(go())


EVERYTHING = Search(limit=None)


def found(rig: Rig, search: Search = EVERYTHING) -> list[Exchange]:
    with closing(rig.reader()) as reader:
        return list(reader.search(search))


async def _write(store: Store, records: Iterable[Promise | Settlement | Refusal]) -> None:
    for record in records:
        if isinstance(record, Promise):
            await store.book.promise(record)
        elif isinstance(record, Settlement):
            await store.book.settle(record)
        else:
            await store.book.refuse(record)


def test_what_was_promised_and_settled_is_read_back_whole(rig: Rig) -> None:
    run(rig, lambda store: _write(store, [samples.promise(1), samples.settlement(1)]))
    (exchange,) = found(rig)
    assert exchange.opening == samples.forgotten(samples.promise(1))
    assert exchange.closing == samples.settlement(1)
    assert exchange.status is Status.ANSWERED
    assert (exchange.opening_seq, exchange.closing_seq) == (1, 2)


def test_a_promise_is_found_by_its_id_at_once_and_after_a_restart(rig: Rig) -> None:
    async def write(store: Store) -> None:
        await _write(store, [samples.promise(number) for number in range(200)])
        await _write(store, [samples.settlement(7), samples.refusal(300)])
        await know(store)

    async def know(store: Store) -> None:
        for number in (0, 7, 199):
            settlement = samples.settlement(number) if number == 7 else None
            promised = Promised(samples.forgotten(samples.promise(number)), settlement)
            assert await store.book.promised(samples.call_id(number)) == promised
        assert await store.book.promised(samples.promise(201).call.id) is None
        assert await store.book.promised(samples.refusal(300).call.id) is None

    run(rig, write)
    run(rig, know)


def test_a_refusal_is_an_exchange_of_its_own(rig: Rig) -> None:
    run(rig, lambda store: _write(store, [samples.refusal(1)]))
    (exchange,) = found(rig)
    assert exchange.refusal == samples.forgotten(samples.refusal(1))
    assert exchange.status is Status.REFUSED
    assert exchange.closing is None


def test_an_empty_book_can_be_read(rig: Rig) -> None:
    run(rig, lambda store: _write(store, []))
    assert found(rig) == []
    with closing(rig.reader()) as reader:
        assert reader.ids("0", 5) == []
        assert reader.exchange(samples.call_id(1)) is None


def test_a_record_can_be_read_as_soon_as_it_is_durable(rig: Rig) -> None:
    async def scenario(store: Store) -> None:
        await store.book.promise(samples.promise(1))
        assert [exchange.status for exchange in found(rig)] == [Status.OPEN]
        await store.book.settle(samples.settlement(1))
        assert [exchange.status for exchange in found(rig)] == [Status.ANSWERED]

    run(rig, scenario)


def test_a_promise_that_a_past_gateway_left_is_unsettled(rig: Rig) -> None:
    run(rig, lambda store: _write(store, [samples.promise(1)]))
    assert [exchange.status for exchange in found(rig)] == [Status.UNSETTLED]

    async def later(store: Store) -> None:
        await store.book.promise(samples.promise(2))
        assert {exchange.id: exchange.status for exchange in found(rig)} == {
            samples.call_id(1): Status.UNSETTLED,
            samples.call_id(2): Status.OPEN,
        }
        assert [e.id for e in found(rig, Search(status=Status.OPEN))] == [samples.call_id(2)]
        assert [e.id for e in found(rig, Search(status=Status.UNSETTLED))] == [samples.call_id(1)]

    run(rig, later)


def test_a_promise_is_settled_across_a_restart(rig: Rig) -> None:
    """Not that a gateway does so today: the index must not depend on what one process remembers."""
    run(rig, lambda store: _write(store, [samples.promise(number) for number in range(5)]))
    run(rig, lambda store: _write(store, [samples.settlement(number) for number in range(5)]))
    assert {exchange.status for exchange in found(rig)} == {Status.ANSWERED}
    assert len(found(rig, Search(status=Status.ANSWERED))) == 5


def test_five_hundred_writers_at_once_lose_nothing_and_keep_each_call_in_order(rig: Rig) -> None:
    async def scenario(store: Store) -> None:
        async def call(number: int) -> None:
            await store.book.promise(samples.promise(number))
            await store.book.settle(samples.settlement(number))

        await asyncio.gather(*(call(number) for number in range(500)))

    run(rig, scenario)
    exchanges = found(rig)
    assert {exchange.id for exchange in exchanges} == {samples.call_id(number) for number in range(500)}
    places = sorted(place for e in exchanges for place in (e.opening_seq, e.closing_seq or 0))
    assert places == list(range(1, 1001))
    assert all(e.closing_seq is not None and e.opening_seq < e.closing_seq for e in exchanges)


def test_a_waiter_that_is_cancelled_leaves_its_record(rig: Rig) -> None:
    async def scenario(store: Store) -> None:
        waiting = [asyncio.ensure_future(store.book.refuse(samples.refusal(number))) for number in range(20)]
        await asyncio.sleep(0)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    run(rig, scenario)
    assert len(found(rig)) == 20


def test_a_wait_that_was_cancelled_can_be_taken_up_again(rig: Rig) -> None:
    async def scenario(store: Store) -> None:
        settling = store.book.settle(samples.settlement(1))

        async def wait() -> None:
            await settling

        waits = [asyncio.ensure_future(wait()) for _ in range(2)]
        await asyncio.sleep(0)
        waits[0].cancel()
        assert isinstance((await asyncio.gather(*waits, return_exceptions=True))[0], asyncio.CancelledError)
        assert waits[1].exception() is None, "another's wait is not cancelled with it"
        await settling
        await settling

    run(rig, scenario)


REPOSITORIES = ("acme/etl", "acme/reports", "acme/agent")
TABLES = tuple(TableRef("acme", dataset, table) for dataset in ("shop", "crm") for table in ("orders", "people"))


def varied(number: int) -> list[Promise | Settlement | Refusal]:
    """Make the records of the number-th call of a varied book."""
    repository = REPOSITORIES[number % 3]
    kind = CallerKind.GOOGLE_SERVICE_ACCOUNT if number % 3 == 2 else CallerKind.GITLAB_CI
    provenance = Provenance(repository=repository, commit=f"{number % 7:x}{number:039x}", run=str(number // 4))
    identity = Identity(Caller("https://ci.example", f"project:{repository}", kind, repository), provenance, 0)
    table = TABLES[number % 4]
    statement = Statement(("SELECT", "MERGE")[number % 5 == 0], (table,), (), ((table, f"c{number % 6}.part"),))
    asked = samples.promise(number, identity=identity, footprint=Footprint((statement,)))
    if number % 11 == 5:
        return [samples.refusal(number)]
    if number % 13 == 7:
        return [asked]
    return [asked, samples.settlement(number, Ending.UPSTREAM_ERROR if number % 6 == 1 else Ending.ANSWERED)]


SEARCHES = [
    Search(limit=None),
    Search(limit=7),
    Search(limit=7, oldest_first=True),
    Search(caller="acme/etl", limit=None),
    Search(service_account="acme/agent", limit=None),
    Search(issuer="https://ci.example", limit=None),
    Search(repository="acme/reports", limit=3),
    Search(commit="3", limit=None),
    Search(commit=f"{2:x}{9:039x}", limit=None),
    Search(run="12", limit=None),
    Search(table="acme.crm", limit=None),
    Search(decision="allow", rule="builtin/known-caller", limit=3),
    Search(table="acme.crm.people", limit=None),
    Search(table="acme.crm.nothing", limit=None),
    Search(column="C3", limit=None),
    Search(column="c3.part", limit=None),
    Search(column="acme.shop.orders.c4.part", limit=None),
    Search(statement="merge", limit=None),
    Search(method="jobs.query", limit=None),
    Search(status=Status.ANSWERED, limit=None),
    Search(status=Status.UPSTREAM_ERROR, limit=None),
    Search(status=Status.REFUSED, limit=None),
    Search(status=Status.UNSETTLED, limit=None),
    Search(status=Status.OPEN, limit=None),
    Search(since_microseconds=samples.NOW + 100_000_000, limit=None),
    Search(until_microseconds=samples.NOW + 100_000_000, limit=5),
    Search(since_microseconds=samples.NOW + 50_000_000, until_microseconds=samples.NOW + 60_000_000, limit=None),
    Search(repository="acme/etl", table="acme.shop.orders", statement="SELECT", status=Status.ANSWERED, limit=None),
    Search(repository="acme/etl", declared=True, limit=None),
]


def naively(exchanges: list[Exchange], search: Search) -> list[str]:
    """Search as the definition says: every criterion is met by a term of the exchange or by its status."""

    def has(exchange: Exchange) -> bool:
        terms = terms_of(exchange.opening) | {("status", exchange.status.value)}
        return all(any(criterion.meets(*term) for term in terms) for criterion in search.criteria())

    order = sorted(exchanges, key=lambda e: e.opening_seq, reverse=not search.oldest_first)
    return [e.id for e in order if has(e) and search.admits(e)][: search.limit]


@pytest.mark.parametrize("closed", [False, True], ids=["while running", "afterwards"])
def test_searches_find_what_reading_everything_finds(rig: Rig, closed: bool) -> None:
    def check() -> None:
        everything = found(rig)
        assert len(everything) == 200
        for search in SEARCHES:
            expected = naively(everything, search)
            assert [exchange.id for exchange in found(rig, search)] == expected, search

    async def scenario(store: Store) -> None:
        await _write(store, [record for number in range(200) for record in varied(number)])
        if not closed:
            check()

    run(rig, scenario)
    if closed:
        check()
    some = [search for search in SEARCHES if found(rig, search)]
    assert len(some) >= len(SEARCHES) - 3  # the searches above are not vacuous


def _event(number: int, kind: EventType) -> Event:
    return Event(samples.call_id(number), kind, {"version": str(number)}, samples.NOW)


def test_events_are_in_the_book_and_no_exchanges(rig: Rig) -> None:
    kinds = (EventType.POLICY_LOADED, EventType.POLICY_REFUSED)
    noted = [_event(0x900 + number, kinds[number % 2]) for number in range(130)]

    async def scenario(store: Store) -> None:
        for number, event in enumerate(noted):
            await _write(store, [samples.promise(number), samples.settlement(number)])
            await store.book.note(event)
        check()

    def check() -> None:
        with closing(rig.reader()) as reader:
            assert reader.events(kinds, 1000) == noted[::-1]
            assert reader.events(kinds[:1], 3) == noted[128:123:-2]
            assert reader.events((), 3) == []
            assert len(list(reader.search(EVERYTHING))) == 130
            assert reader.exchange(noted[0].id) is None
            assert reader.ids(noted[0].id, 5) == []

    run(rig, scenario)
    check()


def test_ids_are_found_by_their_beginning(rig: Rig) -> None:
    run(rig, lambda store: _write(store, [samples.refusal(number) for number in (0x10, 0x11, 0x1000)]))

    def check(reader: BookReader) -> None:
        assert reader.ids("0000001", 5) == [samples.call_id(0x10), samples.call_id(0x11)]
        assert reader.ids("000000", 1) == [samples.call_id(0x10)]
        assert reader.ids("1", 5) == []
        assert reader.short_id(samples.call_id(0x1000)) == "00001000"
        exchange = reader.exchange(samples.call_id(0x11))
        assert exchange is not None
        assert exchange.id == samples.call_id(0x11)
        assert reader.exchange("00000011") is None

    with closing(rig.reader()) as reader:
        check(reader)


def test_short_ids_are_as_long_as_they_must_be(rig: Rig) -> None:
    run(rig, lambda store: _write(store, [samples.refusal(number) for number in (1, 2)]))
    with closing(rig.reader()) as reader:
        assert reader.short_id(samples.call_id(1)) == "00000001"
        run(rig, lambda store: _write(store, [_with_id(samples.call_id(1)[:-1] + "8")]))
    with closing(rig.reader()) as reader:
        assert reader.short_id(samples.call_id(1)) == samples.call_id(1)


def _with_id(call_id: str) -> Refusal:
    plain = samples.refusal(1)
    return replace(plain, call=replace(plain.call, id=call_id))
