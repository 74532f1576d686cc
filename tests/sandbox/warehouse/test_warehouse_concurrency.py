"""Many jobs at once, transactions, cancellation."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pytest
from conftest import Session
from warehouse_cases import request

from gatebook.sandbox.errors import ApiError
from gatebook.sandbox.warehouse import ChildOutcome, TableName

TABLE = TableName("p", "d", "t")
ENDLESS = (
    "SELECT COUNT(*) FROM UNNEST(GENERATE_ARRAY(1, 100000)) AS a, UNNEST(GENERATE_ARRAY(1, 1000000)) AS b"
    " WHERE a * b = 7"
)


def at_once(*works: Callable[[], object]) -> list[object]:
    with ThreadPoolExecutor(len(works)) as pool:
        return [future.result(60) for future in [pool.submit(work) for work in works]]


def test_readers_and_writers_do_not_disturb_each_other(session: Session) -> None:
    session.run("CREATE TABLE d.t AS SELECT 0 AS a")

    def write() -> None:
        for _ in range(10):
            session.warehouse.append(TABLE, pa.table({"a": [1, -1]}))
            session.run("CREATE OR REPLACE TABLE d.other AS SELECT a FROM d.t")

    def look() -> list[int]:
        return [session.rows("SELECT SUM(a) FROM d.t")[0][0] for _ in range(15)]

    results = at_once(write, write, look, look, look)
    assert [set(sums) for sums in results[2:]] == [{0}, {0}, {0}]  # type: ignore[call-overload]  # lists of look()
    assert session.warehouse.row_count(TABLE) == 1 + 2 * 10 * 2


def test_tables_made_and_dropped_in_many_threads(session: Session) -> None:
    def churn(number: int) -> None:
        for _ in range(5):
            session.run(f"CREATE OR REPLACE TABLE d.t{number} AS SELECT {number} AS a")
            assert session.rows(f"SELECT a FROM d.t{number}") == [(number,)]
            session.run(f"DROP TABLE d.t{number}")

    at_once(*(lambda n=number: churn(n) for number in range(6)))
    assert session.rows("SELECT COUNT(*) FROM d.INFORMATION_SCHEMA.TABLES") == [(0,)]


def test_a_dropped_table_is_whole_or_not_found_for_readers(session: Session) -> None:
    seen: list[object] = []

    def churn() -> None:
        for _ in range(20):
            session.run("CREATE OR REPLACE TABLE d.t AS SELECT a FROM UNNEST([1, 2, 3]) AS a")
            session.run("DROP TABLE d.t")

    def look() -> None:
        for _ in range(40):
            try:
                seen.append(session.rows("SELECT SUM(a) FROM d.t")[0][0])
            except ApiError as error:
                seen.append(error.reason)

    at_once(churn, look, look)
    assert set(seen) <= {6, "notFound"}
    assert 6 in seen


def test_temporary_tables_and_variables_belong_to_their_script(session: Session) -> None:
    def script(number: int) -> object:
        sql = (
            f"DECLARE x INT64 DEFAULT {number}; CREATE TEMP TABLE mine AS SELECT x AS a;"
            "SET x = x * 10; SELECT a, x FROM mine"
        )
        return session.rows(sql)

    assert at_once(*(lambda n=number: script(n) for number in range(8))) == [[(n, n * 10)] for n in range(8)]


def test_cancelling_interrupts_a_running_query(session: Session) -> None:
    caught: list[ApiError] = []

    def run() -> None:
        with pytest.raises(ApiError) as error:
            session.run(ENDLESS, job_id="endless")
        caught.append(error.value)

    thread = threading.Thread(target=run)
    thread.start()
    time.sleep(0.5)
    assert session.warehouse.cancel("endless")
    thread.join(10)
    assert not thread.is_alive()
    assert (caught[0].reason, caught[0].message) == (
        "stopped",
        "Job execution was cancelled: User requested cancellation",
    )
    assert not session.warehouse.cancel("endless")
    assert session.rows("SELECT 1") == [(1,)]


def test_cancelling_stops_a_script_that_would_go_on_forever(session: Session) -> None:
    script = "LOOP BEGIN SELECT 1; EXCEPTION WHEN ERROR THEN SELECT 2; END; END LOOP"
    ended: list[ChildOutcome] = []

    def run() -> str:
        with pytest.raises(ApiError) as error:
            session.warehouse.run(request(script, job_id="forever"), ended.append)
        return error.value.reason

    def cancel() -> bool:
        while len(ended) < 3:
            time.sleep(0.01)
        return session.warehouse.cancel("forever")

    assert at_once(run, cancel) == ["stopped", True]


def test_a_waiting_writer_can_be_cancelled(session: Session) -> None:
    holding, release = threading.Event(), threading.Event()

    def hold(child: ChildOutcome) -> None:
        if child.statement_type == "BEGIN_TRANSACTION":
            holding.set()
            assert release.wait(20)

    def holder() -> None:
        session.warehouse.run(request("BEGIN TRANSACTION; SELECT 1; COMMIT TRANSACTION"), hold)

    def waiter() -> str:
        assert holding.wait(20)
        with pytest.raises(ApiError) as error:
            session.run("CREATE TABLE d.late (a INT64)", job_id="late")
        return error.value.reason

    def canceller() -> None:
        assert holding.wait(20)
        while not session.warehouse.cancel("late"):
            time.sleep(0.01)
        time.sleep(0.3)
        release.set()

    assert at_once(holder, waiter, canceller)[1] == "stopped"
