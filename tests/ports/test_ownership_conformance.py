"""What every Ownership must do, whatever it is kept in."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from store_rigs import Rig, Store

import book_samples as samples
from gatebook.core.analysis.footprint import TableRef
from gatebook.core.belongings import Belongings, Job, Learned
from gatebook.core.model import Caller, CallerKind

ANN, BOB = (Caller("https://issuer", name, CallerKind.WORKLOAD, name) for name in ("ann", "bob"))
JOB, TABLE = Job("acme", "US", "job_1"), TableRef("acme", "_anon", "anon1")
ALL = Belongings(jobs=(JOB,), tables=(TABLE,), uploads=("up",), sessions=("se",))


def run(rig: Rig, scenario: Callable[[Store], Awaitable[None]]) -> None:
    async def go() -> None:
        async with rig.opened() as store:
            await scenario(store)

    asyncio.run(go())


async def _owners(store: Store) -> tuple[str | None, ...]:
    ownership = store.ownership
    return (
        await ownership.job_owner(JOB),
        await ownership.upload_owner("up"),
        await ownership.session_owner("se"),
    )


def test_nobody_owns_what_nobody_was_given(rig: Rig) -> None:
    async def scenario(store: Store) -> None:
        assert await _owners(store) == (None, None, None)
        assert not await store.ownership.owns_table(ANN.key, TABLE)

    run(rig, scenario)


def test_what_was_learnt_is_known_at_once_and_after_a_restart(rig: Rig) -> None:
    async def learn(store: Store) -> None:
        await store.ownership.learn(Learned(ANN, ALL))
        await know(store)

    async def know(store: Store) -> None:
        assert await _owners(store) == (ANN.key,) * 3
        assert await store.ownership.owns_table(ANN.key, TABLE)
        assert not await store.ownership.owns_table(BOB.key, TABLE)

    run(rig, learn)
    run(rig, know)


def test_what_a_settlement_shows_is_written_down_with_it(rig: Rig) -> None:
    async def settle(store: Store) -> None:
        await store.book.promise(samples.promise(1))
        await store.book.settle(samples.settlement(1), Learned(ANN, ALL))
        await know(store)
        await store.book.promise(samples.promise(2))
        await store.book.settle(samples.settlement(2), Learned(BOB, ALL))
        await know(store)

    async def know(store: Store) -> None:
        assert await _owners(store) == (ANN.key,) * 3
        assert await store.ownership.owns_table(ANN.key, TABLE)

    run(rig, settle)
    run(rig, know)


@pytest.mark.parametrize("apart", ["one after the other", "together", "across a restart", "not known before"])
def test_the_first_owner_stays_and_tables_gain_owners(rig: Rig, apart: str) -> None:
    async def both(store: Store) -> None:
        if apart == "not known before":
            assert await _owners(store) == (None, None, None)
        if apart == "together":
            await asyncio.gather(store.ownership.learn(Learned(ANN, ALL)), store.ownership.learn(Learned(BOB, ALL)))
        else:
            await store.ownership.learn(Learned(ANN, ALL))
            await store.ownership.learn(Learned(BOB, ALL))
        await check(store)

    async def check(store: Store) -> None:
        assert await _owners(store) == (ANN.key,) * 3
        assert await store.ownership.owns_table(ANN.key, TABLE)
        assert await store.ownership.owns_table(BOB.key, TABLE)

    async def first(store: Store) -> None:
        await store.ownership.learn(Learned(ANN, ALL))

    async def second(store: Store) -> None:
        await store.ownership.learn(Learned(BOB, ALL))
        await check(store)

    if apart == "across a restart":
        run(rig, first)
        run(rig, second)
    else:
        run(rig, both)
    run(rig, check)


def test_names_are_not_confused_by_how_they_are_joined(rig: Rig) -> None:
    async def scenario(store: Store) -> None:
        await store.ownership.learn(Learned(ANN, Belongings(jobs=(Job("a", "US", "b:c"),), uploads=("x",))))
        assert await store.ownership.job_owner(Job("a:b", "US", "c")) is None
        assert await store.ownership.job_owner(Job("a", "US", "b")) is None
        assert await store.ownership.session_owner("x") is None
        assert await store.ownership.job_owner(Job("A", "US", "b:c")) is None
        assert await store.ownership.job_owner(Job("a", "EU", "b:c")) is None
        assert await store.ownership.job_owners("a", "b") == {}

    run(rig, scenario)


@pytest.mark.parametrize("job_id", ["job", "job%_", 'job"', "job\\", "jöb", ""])
def test_one_id_in_several_places_is_several_jobs(rig: Rig, job_id: str) -> None:
    near = [Job("acme", "US", job_id + more) for more in ("x", '","', "-")] + [Job("acme2", "US", job_id)]

    async def learn(store: Store) -> None:
        await store.ownership.learn(Learned(ANN, Belongings(jobs=(Job.at("acme", "us", job_id),))))
        await store.ownership.learn(Learned(BOB, Belongings(jobs=(Job.at("acme", "Us-East4", job_id), *near))))
        await know(store)

    async def know(store: Store) -> None:
        assert await store.ownership.job_owners("acme", job_id) == {"US": ANN.key, "us-east4": BOB.key}
        assert await store.ownership.job_owner(Job.at("acme", "US", job_id)) == ANN.key
        assert await store.ownership.job_owner(Job.at("acme", "US-EAST4", job_id)) == BOB.key
        assert await store.ownership.job_owners("acme", job_id + "y") == {}

    run(rig, learn)
    run(rig, know)


def test_a_settlement_is_handed_in_before_it_is_awaited(rig: Rig) -> None:
    async def scenario(store: Store) -> None:
        await store.book.promise(samples.promise(1))
        settling = store.book.settle(samples.settlement(1), Learned(ANN, ALL))
        await store.ownership.learn(Learned(BOB, ALL))
        await settling
        assert await _owners(store) == (ANN.key,) * 3

    run(rig, scenario)


def test_a_thousand_jobs_keep_their_owners(rig: Rig) -> None:
    async def scenario(store: Store) -> None:
        jobs = [Job("acme", "US", f"job_{number}") for number in range(1000)]
        owners = [(ANN, BOB)[number % 3 == 0] for number in range(1000)]
        learning = (store.ownership.learn(Learned(o, Belongings(jobs=(j,)))) for o, j in zip(owners, jobs, strict=True))
        await asyncio.gather(*learning)
        known = await asyncio.gather(*(store.ownership.job_owner(job) for job in jobs))
        assert known == [owner.key for owner in owners]

    run(rig, scenario)
