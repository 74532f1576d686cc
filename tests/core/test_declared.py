import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_calls import METHOD, call_of, insert, query

from gatebook.core.declared import declared_provenance
from gatebook.core.model import Provenance

DBT = (
    '/* {"app": "dbt", "dbt_version": "1.10.23", "profile_name": "acme", "target_name": "prod",'
    ' "node_id": "model.acme.orders"} */'
)
DBT_DECLARED = Provenance(workflow="dbt", job="model.acme.orders", environment="prod")


@pytest.mark.parametrize(
    ("sql", "declared"),
    [
        (f"{DBT}\nselect 1", DBT_DECLARED),
        (f"\n\n  {DBT}\n\n  create or replace table x as select 1", DBT_DECLARED),
        (f"select 1\n{DBT}", DBT_DECLARED),
        (f"select 1;\n{DBT};\n", DBT_DECLARED),
        (f"-- a note\n/* another */ {DBT} select 1", DBT_DECLARED),
        (
            "SELECT 1 /*application='nightly',controller='orders%2Frefresh',traceparent='00-abc-def-01'*/",
            Provenance(workflow="nightly", run="00-abc-def-01", job="orders/refresh"),
        ),
        (
            "SELECT 1 /* repository='acme%2Fetl', commit='4f2a', reason='month\\'s end' */",
            Provenance(repository="acme/etl", commit="4f2a", reason="month's end"),
        ),
        (
            f"{DBT} select 1 /*run='42'*/",
            Provenance(run="42", workflow="dbt", job="model.acme.orders", environment="prod"),
        ),
        ("select 1", Provenance()),
        ('select \'/* {"app": "dbt"} */\' from t', Provenance()),
        ("select 1 /* {not json} */", Provenance()),
        ("select 1 /* plain words, it's fine */", Provenance()),
        ("/* unfinished", Provenance()),
        ("select 1 */", Provenance()),
        ('/* {"app": {"nested": 1}, "node_id": null, "target_name": true} */ select 1', Provenance()),
        ('/* ["app"] */ select 1', Provenance()),
        ("/*" + '{"app": "' + "x" * 5000 + '"}*/ select 1', Provenance()),
    ],
)
def test_sql_comments(sql, declared):
    assert declared_provenance(query({"query": sql})) == declared
    assert declared_provenance(insert({"configuration": {"query": {"query": sql}}})) == declared


@pytest.mark.parametrize(
    ("labels", "declared"),
    [
        ({"airflow-dag": "nightly", "airflow-task": "load_orders"}, Provenance(workflow="nightly", job="load_orders")),
        ({"dbt_invocation_id": "5d1f"}, Provenance(run="5d1f")),
        ({"environment": "prod", "team": "data"}, Provenance(environment="prod")),
        ({"gatebook_run": "forged", "gatebook_caller": "forged"}, Provenance()),
        ({"run": ""}, Provenance()),
    ],
)
def test_job_labels(labels, declared):
    assert declared_provenance(query({"labels": labels})) == declared
    assert declared_provenance(insert({"configuration": {"labels": labels}})) == declared
    upload = call_of(METHOD["bigquery.jobs.insert.multipart"], {"configuration": {"labels": labels}})
    assert declared_provenance(upload) == declared


def test_labels_come_before_comments():
    document = {"query": f"{DBT} select 1", "labels": {"environment": "staging", "dbt_invocation_id": "5d1f"}}
    assert declared_provenance(query(document)) == Provenance(
        workflow="dbt", run="5d1f", job="model.acme.orders", environment="staging"
    )


def test_the_request_reason_header():
    assert declared_provenance(query({"query": "select 1"}, reason="ticket 7")) == Provenance(reason="ticket 7")
    said = query({"query": "select 1 /*reason='comment'*/"}, reason="header")
    assert declared_provenance(said).reason == "header"
    assert declared_provenance(call_of(METHOD["bigquery.tables.get"], None, reason="x")).reason == "x"


def test_values_are_short_and_of_one_line():
    said = declared_provenance(query({"query": "select 1"}, reason="a\r\nb\0c\x1b[31m" + "x" * 1000))
    assert said.reason.isprintable()
    assert len(said.reason) == 256
    assert "\n" not in said.reason


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
COMMENTS = st.one_of(
    st.text(),
    st.text(st.sampled_from("/*{}\"'=,:\\ \nab")),
    st.lists(st.sampled_from(["/*", "*/", "--", "#", "\n", "{", "}", '"app":', "a='b'", ",", "'", "\\", " "])).map(
        "".join
    ),
)


@given(sql=COMMENTS, labels=ANY_JSON, reason=st.none() | st.text())
def test_whatever_is_sent_gives_bounded_texts(sql, labels, reason):
    for call in (
        query({"query": sql, "labels": labels}, reason=reason),
        insert({"configuration": {"query": {"query": sql}, "labels": labels}}, reason=reason),
        query(labels if isinstance(labels, dict) else {}),
    ):
        said = declared_provenance(call)
        for field in said.__slots__:
            value = getattr(said, field)
            assert value is None or (isinstance(value, str) and 0 < len(value) <= 256 and value.isprintable())


@pytest.mark.parametrize("unit", ["/*", "/* ", "a='", "a='b',", "\\", "-- \n", "/**/", "{", "'", "=", " "])
def test_long_hostile_text_takes_no_time(unit):
    for sql in ("/*" + unit * 200_000, unit * 200_000 + "*/", "/*" + unit * 1000 + "*/"):
        declared_provenance(query({"query": sql}))
