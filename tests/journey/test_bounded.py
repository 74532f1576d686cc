"""The bounded book: what goes on to the book behind it, and what happens when that cannot be written."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from fakes import FakeBook, FakeClock

import book_samples as samples
from gatebook.bounded import BoundedBook
from gatebook.core.book.records import Refusal
from gatebook.core.counting import COUNTED, Bounds
from gatebook.errors import Fault, Reason, Refused, Unavailable

SMALL = Bounds(in_full=2, in_full_together=100, answered=4)


def anonymous(number: int) -> Refusal:
    return replace(samples.refusal(number), identity=None, reason=Reason.TOKEN_MISSING, at_microseconds=1)


def run(scene: Callable[[BoundedBook, FakeBook], Awaitable[None]], bounds: Bounds = SMALL) -> FakeBook:
    behind = FakeBook([])

    async def go() -> None:
        book = BoundedBook(behind, FakeClock(), bounds)
        await scene(book, behind)
        await book.close()

    asyncio.run(go())
    return behind


def told(book: FakeBook) -> list[str]:
    return [one.call.resource["token_missing"] for one in book.refusals if one.call.method is COUNTED]


def test_counting_begins_in_the_book_before_the_first_that_is_counted_is_answered() -> None:
    async def scene(book: BoundedBook, behind: FakeBook) -> None:
        ids = [await book.refuse(anonymous(number)) for number in range(4)]
        assert ids == [samples.call_id(number) for number in (0, 1, 2, 2)]
        assert told(behind) == ["1"]
        with pytest.raises(Refused) as caught:
            await book.refuse(anonymous(4))
        assert (caught.value.reason, caught.value.record) == (Reason.TOO_MANY_REFUSALS, samples.call_id(2))

    behind = run(scene)
    assert told(behind) == ["1", "2"]
    assert [one.call.id for one in behind.refusals] == [samples.call_id(number) for number in (0, 1, 2, 4)]


def test_a_proven_caller_is_always_written_in_full() -> None:
    async def scene(book: BoundedBook, behind: FakeBook) -> None:
        for number in range(50):
            proven = replace(samples.refusal(number), identity=samples.NIGHTLY)
            assert await book.refuse(proven) == samples.call_id(number)
        assert len(behind.refusals) == 50

    run(scene)


def test_what_cannot_be_told_is_kept_until_it_can() -> None:
    async def scene(book: BoundedBook, behind: FakeBook) -> None:
        for number in range(2):
            await book.refuse(anonymous(number))
        behind.fault = Unavailable(Reason.BOOK_UNAVAILABLE, "the disk is full")
        with pytest.raises(Fault, match="the disk is full"):
            await book.refuse(anonymous(2))
        behind.fault = None
        await book.refuse(anonymous(3))

    assert told(run(scene)) == ["2"]


def test_many_at_once_are_each_counted_once() -> None:
    async def scene(book: BoundedBook, behind: FakeBook) -> None:
        ids = await asyncio.gather(*(book.refuse(anonymous(number)) for number in range(500)))
        assert set(ids[2:]) == {samples.call_id(2)}

    behind = run(scene, Bounds(2, 100, 1000))
    assert sum(map(int, told(behind))) == 498
