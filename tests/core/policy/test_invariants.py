from dataclasses import replace

import pytest

from gatebook.core.analysis.footprint import Footprint, Opaque, Statement, TableRef, Trait
from gatebook.core.model import Body, Call, Caller, CallerKind, Effect, Identity, Method, Origin, Provenance
from gatebook.core.policy.builtin import decide
from gatebook.core.policy.decision import Allow, Deny
from gatebook.core.policy.question import Question
from gatebook.core.policy.standing import NamedJob, Standing, references
from gatebook.errors import Reason

QUERY = Method("bigquery.jobs.query", "POST", "/bigquery/v2/projects/{projectId}/queries", Effect.JOB, Body.JSON)
INSERT = Method("bigquery.jobs.insert", "POST", "/bigquery/v2/projects/{projectId}/jobs", Effect.JOB, Body.JSON)
IDENTITY = Identity(Caller("https://issuer", "repo:acme", CallerKind.WORKLOAD, "acme"), Provenance(), 0)
CALL = Call("c1", 0, QUERY, {"projectId": "acme"}, (), {}, {"query": "SELECT 1"}, Origin("127.0.0.1", "test"))
PATCH_DATASET = Method("bigquery.datasets.patch", "PATCH", "/x", Effect.METADATA_WRITE, Body.JSON)
SHARING = Statement("ALTER_SCHEMA", traits=(Trait.CHANGES_SHARING,))
HIDDEN = TableRef("acme", "_result", "anon1")
ALL_OWN = Standing()


def ask(*, call: Call = CALL, statement: Statement | None = None, standing: Standing = ALL_OWN) -> Question:
    return Question(IDENTITY, call, Footprint((statement or Statement("SELECT"),)), standing)


def test_a_known_caller_is_allowed() -> None:
    assert decide(ask()) == Allow(("builtin/known-caller",), "builtin-1")


@pytest.mark.parametrize(
    ("question", "rule", "reason"),
    [
        (ask(standing=Standing(foreign_jobs=("acme:j1",))), "builtin/own-jobs", Reason.JOB_NOT_FOUND),
        (ask(standing=Standing(scattered_job="acme:j1")), "builtin/own-jobs", Reason.PARAMETER_UNKNOWN),
        (ask(standing=Standing(taken_job="acme:j1")), "builtin/free-job-id", Reason.JOB_DUPLICATE),
        (ask(standing=Standing(foreign_tables=(HIDDEN,))), "builtin/own-results", Reason.DENIED),
        (ask(standing=Standing(foreign_uploads=("u",))), "builtin/own-uploads", Reason.JOB_NOT_FOUND),
        (ask(standing=Standing(foreign_sessions=("s",))), "builtin/own-sessions", Reason.DENIED),
        (ask(statement=Statement("SELECT", opaque=(Opaque("x", "y"),))), "builtin/understood", Reason.SQL_OPAQUE),
        (ask(statement=Statement("GRANT")), "builtin/no-grants", Reason.DENIED),
        (ask(statement=Statement("DROP_ALL_ROW_ACCESS_POLICIES")), "builtin/no-grants", Reason.DENIED),
        (ask(statement=Statement("CREATE_DATA_POLICY")), "builtin/no-grants", Reason.DENIED),
        (ask(statement=Statement("ALTER_ALL_ROW_ACCESS_POLICIES")), "builtin/no-grants", Reason.DENIED),
        (ask(statement=SHARING), "builtin/no-grants", Reason.DENIED),
        (
            ask(call=replace(CALL, method=replace(QUERY, effect=Effect.ACCESS_WRITE))),
            "builtin/no-grants",
            Reason.DENIED,
        ),
        (
            ask(statement=Statement("SELECT", tables_read=(TableRef("p", "region-us.INFORMATION_SCHEMA", "JOBS"),))),
            "builtin/no-history",
            Reason.DENIED,
        ),
        (
            ask(statement=Statement("SELECT", tables_read=(TableRef("p", "information_schema", "jobs_by_user"),))),
            "builtin/no-history",
            Reason.DENIED,
        ),
    ],
)
def test_each_rule_refuses_by_name(question: Question, rule: str, reason: Reason) -> None:
    decision = decide(question)
    assert isinstance(decision, Deny)
    assert (decision.rules, decision.reason) == ((rule,), reason)
    assert decision.message


def test_other_information_schema_views_are_allowed() -> None:
    view = TableRef("p", "shop.INFORMATION_SCHEMA", "COLUMNS")
    assert isinstance(decide(ask(statement=Statement("SELECT", tables_read=(view,)))), Allow)


def test_references_are_found_in_path_query_string_document_and_footprint() -> None:
    call = replace(
        CALL,
        method=INSERT,
        resource={"projectId": "acme", "jobId": "j1"},
        parameters=(("parentJobId", "j0"), ("upload_id", "u1"), ("location", "EU")),
        document={
            "jobReference": {"jobId": "mine"},
            "configuration": {"query": {"connectionProperties": [{"key": "session_id", "value": "s1"}]}},
        },
    )
    found = references(call, Footprint((Statement("SELECT", tables_read=(HIDDEN, TableRef("p", "d", "t"))),)))
    assert found.jobs == (NamedJob("acme", "j1", "EU"), NamedJob("acme", "j0", None))
    assert found.new_job == NamedJob("acme", "mine", "EU")
    assert found.tables == (HIDDEN,)
    assert (found.uploads, found.sessions) == (("u1",), ("s1",))


def test_a_configuration_that_nobody_reads_hides_no_session() -> None:
    document = {"query": "SELECT 1", "configuration": {}, "connectionProperties": [{"key": "session_id", "value": "s"}]}
    assert references(replace(CALL, document=document), Footprint()).sessions == ("s",)


def test_a_hidden_dataset_as_a_whole_belongs_to_nobody() -> None:
    call = replace(CALL, resource={"projectId": "acme", "datasetId": "_result"})
    assert references(call, Footprint()).tables == (TableRef("acme", "_result", "*"),)


@pytest.mark.parametrize(
    "document", [{}, {"configuration": 3}, {"configuration": {"query": []}}, {"connectionProperties": [1, None, {}]}]
)
def test_documents_of_any_shape_are_read_without_fault(document: dict[str, object]) -> None:
    assert references(replace(CALL, document=document), Footprint()).sessions == ()


def test_a_dataset_is_changed_without_its_access_list() -> None:
    assert isinstance(decide(ask(call=replace(CALL, method=PATCH_DATASET), statement=Statement("ALTER_SCHEMA"))), Allow)


def test_a_hidden_dataset_that_a_document_names_belongs_to_nobody() -> None:
    document = {"datasetReference": {"projectId": "acme", "datasetId": "_mine"}}
    call = replace(CALL, method=replace(PATCH_DATASET, name="bigquery.datasets.insert"), document=document)
    assert references(call, Footprint()).tables == (TableRef("acme", "_mine", "*"),)
