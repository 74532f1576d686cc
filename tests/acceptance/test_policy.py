"""A policy in force, met by Google's own client: what it refuses, holds and limits, how it changes, what it leaves."""

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from google.api_core.exceptions import Forbidden
from google.cloud import bigquery

from acceptance_gateway import GATEBOOK, PROJECT, Gateway, gateway_on
from gatebook.issuer.serving import ServedIssuer

CALLERS = """
gatebook_policy: 1
callers:
  etl:
    issuer: {issuer}
    attested: {{repository: acme/warehouse-etl}}
  agent:
    issuer: {issuer}
    attested: {{repository: acme/agent}}
"""
RULES = """
gatebook_policy: 1
classifications:
  contact: {columns: ["**.email", "**.phone"]}
reviewers:
  owners: {people: [owners@acme.example]}
rules:
  - id: read
    effect: allow
    callers: [known]
    statement: {types: [SELECT, METADATA, DATA_READ, JOB_WRITE], reads: ["**"]}
  - id: agent-no-contacts
    effect: deny
    callers: [agent]
    statement: {columns: ["class:contact"]}
    message: Ask for the masked view.
  - id: etl-writes
    effect: allow
    callers: [etl]
    statement:
      types: [CREATE_TABLE_AS_SELECT, CREATE_TABLE, INSERT, DELETE]
      reads: ["**"]
      writes: ["*.shop.made_*"]
  - id: drops-wait
    effect: hold
    reviewers: [owners]
    statement: {types: ["DROP_*", TRUNCATE_TABLE]}
  - id: watch-orders
    effect: observe
    statement: {reads: ["*.shop.orders"]}
limits:
  - {id: small, callers: [agent], result_rows: 5, maximum_bytes_billed: 1GiB}
"""
# The same, but for everybody.
CONTACTS_OF_NOBODY = RULES.replace("callers: [agent]\n    statement: {columns", "statement: {columns")
POLICY_SECTION = """
[policy]
files = ["policy"]
watch_seconds = 0.2
second_opinion = "always"
"""
EMAILS = "SELECT email FROM shop.customers LIMIT 3"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory, issuer: ServedIssuer, sandbox_url: str) -> Iterator[Gateway]:
    directory = tmp_path_factory.mktemp("policed")
    write_policy(directory, issuer, RULES)
    with gateway_on(directory, issuer, sandbox_url, more=POLICY_SECTION) as running_gateway:
        yield running_gateway


def write_policy(directory: Path, issuer: ServedIssuer, rules: str) -> None:
    (directory / "policy").mkdir(exist_ok=True)
    (directory / "policy" / "callers.yaml").write_text(CALLERS.format(issuer=issuer.issuer.url))
    (directory / "policy" / "rules.yaml").write_text(rules)


@pytest.fixture
def etl(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> Iterator[bigquery.Client]:
    made = gateway.client(monkeypatch, gateway.token(repository="acme/warehouse-etl"))
    yield made
    made.close()


@pytest.fixture
def agent(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> Iterator[bigquery.Client]:
    made = gateway.client(monkeypatch, gateway.token(repository="acme/agent"))
    yield made
    made.close()


def refused_at_once(ask: Callable[[], Any]) -> str:
    """Ask for what is refused; the client must not try again, which would take minutes."""
    begun = time.monotonic()
    with pytest.raises(Forbidden) as caught:
        ask()
    assert time.monotonic() - begun < 20
    return str(caught.value)


def newest(gateway: Gateway, *arguments: str) -> dict[str, Any]:
    return gateway.book("--limit", "1", *arguments)[0]


def events(gateway: Gateway) -> list[dict[str, Any]]:
    command = [GATEBOOK, "book", "events", "--config", f"{gateway.directory}/gatebook.toml", "--format", "json"]
    told: list[dict[str, Any]] = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return told


def test_the_same_query_is_one_callers_and_not_anothers(
    gateway: Gateway, etl: bigquery.Client, agent: bigquery.Client
) -> None:
    assert len(list(etl.query(EMAILS).result())) == 3
    allowed = newest(gateway, "--statement", "SELECT")
    assert (allowed["decision"]["effect"], allowed["decision"]["rules"]) == ("allow", ["read"])
    assert allowed["decision"]["policy_version"].startswith("sha256:")

    text = refused_at_once(lambda: agent.query(EMAILS).result())
    assert "agent-no-contacts" in text
    assert "Ask for the masked view." in text
    refused = newest(gateway, "--rule", "agent-no-contacts")
    assert (refused["status"], refused["decision"]["effect"]) == ("refused", "deny")
    assert refused["evidence"]["known_tables"][0]["table"] == f"{PROJECT}.shop.customers"
    assert f"Record: {gateway.url}/v1/records/{refused['id']}" in text


def test_the_record_in_a_refusal_is_shown_to_its_caller_alone(gateway: Gateway, agent: bigquery.Client) -> None:
    text = refused_at_once(lambda: agent.query(EMAILS).result())
    address = text.partition("Record: ")[2].split()[0]
    token = gateway.token(repository="acme/agent")
    shown = requests.get(address, headers={"authorization": f"Bearer {token}"}, timeout=10)
    assert shown.json() == newest(gateway, "--rule", "agent-no-contacts")
    others = requests.get(
        address, headers={"authorization": f"Bearer {gateway.token(repository='acme/warehouse-etl')}"}, timeout=10
    )
    assert (others.status_code, others.json()["error"]["errors"][0]["reason"]) == (404, "notFound")
    assert requests.get(address, timeout=10).status_code == 401


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT COUNT(*) FROM shop.customers WHERE email LIKE 'a%'",
        "SELECT TO_JSON_STRING(c) FROM shop.customers AS c",
        "SELECT customer_id FROM shop.customers ORDER BY phone",
        "SELECT * FROM shop.customers",
    ],
)
def test_a_class_is_guarded_however_it_is_asked_for(agent: bigquery.Client, sql: str) -> None:
    assert "agent-no-contacts" in refused_at_once(lambda: agent.query(sql).result())


def test_rows_read_without_sql_are_guarded_alike(agent: bigquery.Client) -> None:
    table = bigquery.Table(f"{PROJECT}.shop.customers", [bigquery.SchemaField("email", "STRING")])
    assert "agent-no-contacts" in refused_at_once(lambda: list(agent.list_rows(table)))


@pytest.mark.parametrize("drop", ["sql", "api", "script"])
def test_what_destroys_waits_for_a_person_by_any_route(etl: bigquery.Client, drop: str) -> None:
    ask = {
        "sql": lambda: etl.query("DROP/**/TABLE shop.orders").result(),
        "api": lambda: etl.delete_table("shop.orders"),
        "script": lambda: etl.query("SELECT 1; BEGIN EXECUTE IMMEDIATE 'drop table shop.orders'; END").result(),
    }[drop]
    text = refused_at_once(ask)
    assert "drops-wait" in text
    assert "owners" in text
    assert etl.get_table("shop.orders").num_rows


def test_writes_are_refused_where_no_rule_allows_them(etl: bigquery.Client) -> None:
    etl.query("CREATE TABLE shop.made_here AS SELECT 1 AS id").result()
    assert "no rule" in refused_at_once(lambda: etl.query("INSERT INTO shop.orders (order_id) VALUES (1)").result())
    load = bigquery.LoadJobConfig(write_disposition="WRITE_TRUNCATE")
    refused_at_once(lambda: etl.load_table_from_json([{"id": 1}], "shop.made_here", job_config=load).result())


def test_whoever_the_policy_does_not_know_is_nobody(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    stranger = gateway.client(monkeypatch, gateway.token(repository="acme/other"))
    assert "callers" in refused_at_once(lambda: stranger.query("SELECT 1").result())
    stranger.close()


def test_rows_end_at_the_limit_and_not_unseen(gateway: Gateway, agent: bigquery.Client) -> None:
    given: list[Any] = []
    text = refused_at_once(lambda: given.extend(agent.query("SELECT x FROM UNNEST(GENERATE_ARRAY(1, 9)) x").result()))
    assert "result_rows" in text
    assert len(given) <= 5
    assert [row.x for row in agent.query("SELECT x FROM UNNEST([1, 2, 3]) x").result()] == [1, 2, 3]
    asked = newest(gateway, "--caller", "acme/agent:nightly.yml", "--decision", "allow", "--statement", "SELECT")
    assert asked["decision"]["limits"] == {"maximum_bytes_billed": 2**30, "result_rows": 5}


def test_what_is_observed_is_written_down(gateway: Gateway, etl: bigquery.Client) -> None:
    etl.query("SELECT COUNT(*) FROM shop.orders").result()
    assert newest(gateway, "--rule", "watch-orders")["decision"]["observed"] == ["watch-orders"]


def wait_for(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_policy_changes_while_calls_go_on(gateway: Gateway, issuer: ServedIssuer, etl: bigquery.Client) -> None:
    before = events(gateway)[0]
    assert before["type"] == "policy_loaded"
    try:
        write_policy(gateway.directory, issuer, CONTACTS_OF_NOBODY)
        wait_for(lambda: events(gateway)[0]["id"] != before["id"])
        loaded = events(gateway)[0]
        assert loaded["facts"]["version_before"] == before["facts"]["version"]
        assert "agent-no-contacts" in refused_at_once(lambda: etl.query(EMAILS).result())
        assert newest(gateway)["decision"]["policy_version"] == loaded["facts"]["version"]

        write_policy(gateway.directory, issuer, RULES + "\n  nonsense: 1\n")
        gateway.process.send_signal(signal.SIGHUP)
        wait_for(lambda: events(gateway)[0]["type"] == "policy_refused")
        refused = events(gateway)[0]
        assert "rules.yaml" in refused["facts"]["problems"]
        assert refused["facts"]["version_in_force"] == loaded["facts"]["version"]
        assert "agent-no-contacts" in refused_at_once(lambda: etl.query(EMAILS).result())
    finally:
        write_policy(gateway.directory, issuer, RULES)
        wait_for(lambda: events(gateway)[0]["facts"].get("version") == before["facts"]["version"])
    assert len(list(etl.query(EMAILS).result())) == 3


def test_another_policy_is_tried_out_on_what_happened(
    gateway: Gateway, issuer: ServedIssuer, etl: bigquery.Client, tmp_path: Path
) -> None:
    begun = datetime.now(UTC).isoformat()
    etl.query("SELECT phone FROM shop.customers LIMIT 1").result()
    call_id = newest(gateway, "--statement", "SELECT")["id"]
    write_policy(tmp_path, issuer, CONTACTS_OF_NOBODY)
    command = [GATEBOOK, "policy", "simulate", f"{tmp_path}/policy", "--config", f"{gateway.directory}/gatebook.toml"]
    told = json.loads(subprocess.run([*command, "--json"], capture_output=True, check=True).stdout)
    changed = {change["id"]: change for change in told["changes"]}
    assert (changed[call_id]["was"]["effect"], changed[call_id]["would"]["rules"]) == ("allow", ["agent-no-contacts"])
    assert all("customers" in str(change["tables"]) for change in told["changes"])
    same = [*command[:3], f"{gateway.directory}/policy", *command[4:], "--since", begun, "--json"]
    unchanged = json.loads(subprocess.run(same, capture_output=True, check=True).stdout)
    assert (unchanged["changes"], unchanged["compared"] > 0) == ([], True)


def test_a_gateway_does_not_begin_with_a_policy_that_has_errors(gateway: Gateway, tmp_path: Path) -> None:
    settings = (gateway.directory / "gatebook.toml").read_text().replace("port = ", "port = 0 # ")
    (tmp_path / "gatebook.toml").write_text(settings)
    (tmp_path / "policy").mkdir()
    (tmp_path / "policy" / "rules.yaml").write_text("gatebook_policy: 1\nrules:\n  - {id: x, effect: allowed}\n")
    done = subprocess.run(
        [GATEBOOK, "serve", "--config", f"{tmp_path}/gatebook.toml"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "rules.yaml:3" in done.stderr
