"""Questions and policies in few words, for the tests of the policy."""

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from gatebook.core.analysis.footprint import (
    Footprint,
    Opaque,
    Output,
    Resource,
    ResourceKind,
    Source,
    Statement,
    TableRef,
    Trait,
    Uses,
)
from gatebook.core.methods import METHODS, UPLOADS
from gatebook.core.model import Call, Caller, CallerKind, Identity, Origin, Provenance
from gatebook.core.policy.compiling import Compiled, compile_policy
from gatebook.core.policy.policy import Policy
from gatebook.core.policy.question import ColumnFacts, Estimate, Question, TableFacts, Usage
from gatebook.core.policy.reading import POLICY, read_document
from gatebook.core.policy.reading import Source as File
from gatebook.core.policy.standing import Standing

METHOD = {method.name: method for method in (*METHODS, *UPLOADS)}
GITHUB = "https://token.actions.githubusercontent.com"
ETL = {"repository": "acme/etl", "ref": "refs/heads/main", "ref_protected": True, "environment": "production"}

# The callers of every policy here that names none of its own.
CALLERS: dict[str, Any] = {
    "gatebook_policy": 1,
    "callers": {
        "etl": {"issuer": GITHUB, "attested": {"repository": "acme/etl", "ref": "refs/heads/main"}},
        "dbt": {"issuer": GITHUB, "attested": {"repository": "acme/dbt"}},
        "agent": {"issuer": "https://k8s.example", "kind": "kubernetes", "attested": {"environment": "agents"}},
    },
    "groups": {"pipelines": ["etl", "dbt"], "everything": ["pipelines", "agent"]},
    "reviewers": {"owners": {"people": ["ada@acme.example"]}, "security": {"people": ["sec@acme.example"]}},
}


def files_of(*documents: dict[str, Any] | str) -> list[File]:
    """Documents as files that were read; JSON is YAML."""
    read = []
    for number, document in enumerate(documents):
        text = document if isinstance(document, str) else json.dumps(document)
        one = read_document(f"policy-{number}.yaml", text, POLICY)
        assert not isinstance(one, list), [str(problem) for problem in one]
        read.append(one)
    return read


def compiled(*documents: dict[str, Any] | str) -> Compiled:
    return compile_policy(files_of(*documents), ZoneInfo)


def policy_of(*documents: dict[str, Any] | str) -> Policy:
    made = compiled(*documents)
    assert made.policy is not None, [str(problem) for problem in made.problems]
    return made.policy


def problems_of(text: str) -> list[str]:
    """Every problem of one file, as people read it."""
    read = read_document("p.yaml", text, POLICY)
    if isinstance(read, list):
        return [str(problem) for problem in read]
    return [str(problem) for problem in compile_policy([read], ZoneInfo).problems]


def question_of(case: dict[str, Any]) -> Question:
    """Read the question of a golden case."""
    call = call_of(case)
    footprint = Footprint(tuple(statement_of(one) for one in case.get("statements", [])))
    now = case.get("now")
    return Question(
        identity=identity_of(case.get("caller", {})),
        call=call,
        footprint=footprint,
        standing=Standing(foreign_jobs=tuple(case.get("foreign_jobs", ()))),
        estimate=Estimate(**case.get("estimate", {})),
        tables={table_of(name): facts_of(facts) for name, facts in case.get("tables", {}).items()},
        now_microseconds=0 if now is None else round(datetime.fromisoformat(now).timestamp() * 1_000_000),
        usage=Usage(**case.get("usage", {})),
    )


def call_of(case: dict[str, Any]) -> Call:
    name = case.get("method", "bigquery.jobs.query")
    document = case.get("document", {"query": "SELECT 1"} if name == "bigquery.jobs.query" else None)
    resource = {"projectId": "acme", **case.get("resource", {})}
    return Call("c1", 0, METHOD[name], resource, (), {}, document, Origin("127.0.0.1", "test"))


def identity_of(caller: dict[str, Any]) -> Identity:
    own = {key: caller[key] for key in ("issuer", "subject", "kind", "name") if key in caller}
    attested = {key: value for key, value in caller.items() if key not in own} if caller else ETL
    made = {"issuer": GITHUB, "subject": "repository_owner_id:65", "kind": "github_actions", "name": "acme/etl:n.yml"}
    made |= own
    return Identity(
        Caller(made["issuer"], made["subject"], CallerKind(made["kind"]), made["name"]), Provenance(**attested), 0
    )


def statement_of(one: dict[str, Any]) -> Statement:
    tables_read, resources_read = things_of(one.get("reads", []))
    tables_written, resources_written = things_of(one.get("writes", []))
    uses = {how: columns_of(names) for how, names in one.get("uses", {}).items()}
    outputs = columns_of(one.get("outputs", []))
    columns = {*columns_of(one.get("columns", [])), *outputs, *(source for found in uses.values() for source in found)}
    return Statement(
        type=one["type"],
        tables_read=tables_read,
        tables_written=tables_written,
        columns_read=tuple(sorted(columns)),
        columns_written=columns_of(one.get("written", [])),
        outputs=tuple(Output(source[1], "STRING", (source,)) for source in outputs),
        uses=Uses(**uses),
        resources_read=resources_read,
        resources_written=resources_written,
        traits=tuple(Trait(name) for name in one.get("traits", [])),
        opaque=tuple(Opaque(reason, "Nobody knows.") for reason in one.get("opaque", [])),
    )


def things_of(names: list[str]) -> tuple[tuple[TableRef, ...], tuple[Resource, ...]]:
    kinds = {kind.value for kind in ResourceKind}
    resources = [name.split(":", 1) for name in names if name.split(":", 1)[0] in kinds]
    tables = [name for name in names if name.split(":", 1)[0] not in kinds]
    return tuple(table_of(name) for name in tables), tuple(Resource(ResourceKind(k), name) for k, name in resources)


def table_of(name: str) -> TableRef:
    project, _, rest = name.partition(".")
    dataset, _, table = rest.rpartition(".")
    return TableRef(project, dataset, table)


def columns_of(names: list[str]) -> tuple[Source, ...]:
    found = []
    for name in names:
        project, dataset, table, path = name.split(".", 3)
        found.append((TableRef(project, dataset, table), path))
    return tuple(found)


def facts_of(facts: dict[str, Any]) -> TableFacts:
    columns = facts.get("columns", {})
    tags = columns if isinstance(columns, dict) else dict.fromkeys(columns, ())
    return TableFacts(tuple(ColumnFacts(path, tuple(its)) for path, its in tags.items()), facts.get("labels", {}))
