"""Routines are read where they live, whoever calls them."""

import pytest
from conftest import Session

from gatebook.sandbox.errors import ApiError
from gatebook.sandbox.warehouse import DatasetName


@pytest.fixture
def elsewhere(session: Session) -> Session:
    """Project `q` has a dataset `d` too, with another table `t`; its functions read that one."""
    session.warehouse.insert_dataset({"datasetReference": {"projectId": "q", "datasetId": "d"}})
    session.run("CREATE TABLE d.t AS SELECT 'mine' AS a")
    session.run("CREATE TABLE `q.d.t` AS SELECT 'theirs' AS a")
    session.run("CREATE FUNCTION d.inner_f() AS ('mine')")
    session.run("CREATE FUNCTION `q.d.inner_f`() AS ((SELECT MAX(a) FROM d.t))", project="q", default_dataset=None)
    session.run("CREATE FUNCTION `q.d.outer_f`() AS (CONCAT('from ', d.inner_f()))", project="q", default_dataset=None)
    session.run(
        "CREATE TABLE FUNCTION `q.d.rows`() AS SELECT a, d.outer_f() AS f FROM d.t", project="q", default_dataset=None
    )
    return session


@pytest.fixture(autouse=True)
def tidy(session: Session) -> object:
    yield
    for dataset in session.warehouse.list_datasets("q"):
        name = DatasetName("q", dataset["datasetReference"]["datasetId"])
        session.warehouse.delete_dataset(name, delete_contents=True)


def test_names_in_a_body_belong_to_the_routines_project(elsewhere: Session) -> None:
    assert elsewhere.rows("SELECT q.d.inner_f(), d.inner_f(), a FROM d.t") == [("theirs", "mine", "mine")]


def test_bodies_call_other_bodies(elsewhere: Session) -> None:
    outcome = elsewhere.run("SELECT q.d.outer_f()")
    assert elsewhere.rows("SELECT q.d.outer_f()") == [("from theirs",)]
    assert [str(name) for name in outcome.referenced_tables] == ["q:d.t"]
    assert elsewhere.rows("SELECT * FROM q.d.rows()") == [("theirs", "from theirs")]


def test_views_use_routines_too(elsewhere: Session) -> None:
    elsewhere.run("CREATE VIEW d.v AS SELECT q.d.outer_f() AS f")
    assert elsewhere.rows("SELECT f FROM d.v") == [("from theirs",)]


def test_a_persistent_function_cannot_rest_on_what_its_maker_alone_can_name(session: Session) -> None:
    session.run("CREATE TABLE d.t AS SELECT 1 AS a")
    with pytest.raises(ApiError) as unqualified:
        session.run("CREATE FUNCTION d.f() AS ((SELECT MAX(a) FROM t))")
    assert "must be qualified with a dataset" in unqualified.value.message
    with pytest.raises(ApiError):
        session.run("CREATE TEMP FUNCTION g() AS (1); CREATE FUNCTION d.f() AS (g()); SELECT 1")


def test_recursion_is_refused(session: Session) -> None:
    session.run("CREATE FUNCTION d.f(x INT64) RETURNS INT64 AS (x)")
    session.run("CREATE FUNCTION d.g(x INT64) RETURNS INT64 AS (d.f(x))")
    with pytest.raises(ApiError) as error:
        session.run("CREATE OR REPLACE FUNCTION d.f(x INT64) RETURNS INT64 AS (d.g(x))")
    assert error.value.reason == "invalidQuery"
    assert session.rows("SELECT d.g(1)") == [(1,)]


def test_script_variables_are_not_seen_in_bodies(session: Session) -> None:
    session.run("CREATE TABLE d.t AS SELECT 1 AS a")
    session.run("CREATE VIEW d.v AS SELECT a FROM d.t")
    assert session.rows("DECLARE a INT64 DEFAULT 7; SELECT v.a, a AS b FROM d.v AS v") == [(1, 1)]
    with pytest.raises(ApiError):
        session.run("DECLARE secret INT64 DEFAULT 7; CREATE VIEW d.w AS SELECT secret AS s")
