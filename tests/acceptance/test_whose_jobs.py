"""Whose a job is: by project, location and id; and after its reply was lost (docs/decisions/0008)."""

import http.client
import json
import secrets
import signal
import threading
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from held_upstream import held_upstream
from test_attacks import JOBS, QUERIES, shaped, sql, stranger

from acceptance_gateway import PROJECT, Gateway, gateway_on
from gatebook.issuer.serving import ServedIssuer


def job(job_id: str, text: str = "SELECT 1 AS x", location: str | None = None) -> dict[str, Any]:
    place = {} if location is None else {"location": location}
    reference = {"projectId": PROJECT, "jobId": job_id, **place}
    return {"jobReference": reference, "configuration": {"query": sql(text)}}


def unused() -> str:
    return f"nightly_{secrets.token_hex(6)}"


def ask_upstream(url: str, path: str, document: dict[str, Any] | None = None) -> Any:
    body = None if document is None else json.dumps(document).encode()
    request = urllib.request.Request(url + path, body, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as reply:
        return json.load(reply)


def value(answer: Any) -> str:
    return str(answer["rows"][0]["f"][0]["v"])


def test_one_id_in_two_places_is_two_jobs_of_two_callers(gateway: Gateway) -> None:
    name, mine, theirs = unused(), gateway.token(), stranger(gateway)
    asked = [(mine, job(name, "SELECT 'mine'", "US")), (theirs, job(name, "SELECT 'theirs'", "EU"))]
    answers: list[int] = []

    def insert(token: str, document: dict[str, Any]) -> None:
        answers.append(gateway.request("POST", JOBS, document, token=token)[0])

    threads = [threading.Thread(target=insert, args=item) for item in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert answers == [200, 200]
    for token, own, other, text in ((mine, "US", "EU", "mine"), (theirs, "EU", "US", "theirs")):
        for where in ("", f"?location={own}", f"?location={own.lower()}"):
            assert value(gateway.request("GET", f"{QUERIES}/{name}{where}", token=token)[2]) == text
        status, _, answer = gateway.request("GET", f"{QUERIES}/{name}?location={other}", token=token)
        assert status == 404
        shaped(answer, "notFound")
        assert gateway.request("POST", f"{JOBS}/{name}/cancel?location={other}", token=token)[0] == 404


def test_a_known_id_opens_no_job_that_was_not_made_here(gateway: Gateway, sandbox_url: str) -> None:
    """Somebody's job, made around the gateway; a caller that learned its id makes one of that id elsewhere."""
    name = unused()
    ask_upstream(sandbox_url, JOBS, job(name, "SELECT 'secret'", "US"))
    assert gateway.request("POST", JOBS, job(name, "SELECT 'own'", "EU"))[0] == 200
    assert value(gateway.request("GET", f"{QUERIES}/{name}")[2]) == "own"
    for path in (f"{QUERIES}/{name}?location=US", f"{JOBS}/{name}?location=us"):
        assert gateway.request("GET", path)[0] == 404
    listed = gateway.request("GET", f"{JOBS}?allUsers=true&projection=full")[2]["jobs"]
    places = [entry["jobReference"]["location"] for entry in listed if entry["jobReference"]["jobId"] == name]
    assert places == ["EU"]


def test_ones_own_id_in_two_places_needs_the_place(gateway: Gateway) -> None:
    name = unused()
    for place in ("US", "EU"):
        assert gateway.request("POST", JOBS, job(name, f"SELECT '{place}'", place))[0] == 200
    status, _, answer = gateway.request("GET", f"{QUERIES}/{name}")
    assert status == 400
    assert "is in several locations" in shaped(answer, "invalid")
    assert value(gateway.request("GET", f"{QUERIES}/{name}?location=EU")[2]) == "EU"


def test_a_retry_of_ones_own_id_finds_ones_own_job(gateway: Gateway) -> None:
    name = unused()
    assert gateway.request("POST", JOBS, job(name, "SELECT 'first'"))[0] == 200
    status, _, answer = gateway.request("POST", JOBS, job(name, "SELECT 'again'"))
    assert status == 409
    shaped(answer, "duplicate")
    assert value(gateway.request("GET", f"{QUERIES}/{name}")[2]) == "first"


def test_an_id_of_which_nothing_came_is_free(gateway: Gateway) -> None:
    """A dry run, and an insert that upstream refused, keep nobody from the id; nor do they give anybody the job."""
    name, other = unused(), stranger(gateway)
    dry, wrong = job(name), job(name)
    dry["configuration"]["dryRun"] = True
    wrong["configuration"]["reservation"] = "projects/p/locations/US/reservations/none"
    assert gateway.request("POST", JOBS, dry)[0] == 200
    assert gateway.request("POST", JOBS, wrong)[0] == 400
    assert gateway.request("POST", JOBS, job(name, "SELECT 'theirs'"), token=other)[0] == 200
    assert value(gateway.request("GET", f"{QUERIES}/{name}", token=other)[2]) == "theirs"
    assert gateway.request("GET", f"{QUERIES}/{name}")[0] == 404


def test_a_label_that_says_gatebook_is_gatebooks(gateway: Gateway, sandbox_url: str) -> None:
    """What is a caller's to say never stands in the label by which its job is known."""
    record = gateway.request("POST", QUERIES, sql("SELECT 1"), token=stranger(gateway))[1]["x-gatebook-record"]
    name = unused()
    document = job(name)
    document["configuration"]["labels"] = {"gatebook_record": record}
    gateway.request("POST", JOBS, document)
    labels = ask_upstream(sandbox_url, f"{JOBS}/{name}")["configuration"]["labels"]
    assert labels["gatebook_record"] != record
    label = f"gatebook_record:{record}"
    for asked in (
        sql("SELECT 1", connectionProperties=[{"key": "query_label", "value": label}]),
        sql(f"SET @@query_label = '{label}'; SELECT 1"),
        sql("SET @@query_label = CONCAT('gate', 'book_record:x'); SELECT 1"),
    ):
        status, _, answer = gateway.request("POST", QUERIES, asked)
        assert status == 403
        assert "label" in shaped(answer, "accessDenied")
    assert gateway.request("POST", QUERIES, sql("SET @@query_label = 'team:finance'; SELECT 1"))[0] == 200


@pytest.mark.parametrize("chosen", [True, False])
def test_a_job_whose_reply_was_lost_with_the_gateway_is_its_callers(
    tmp_path: Path, issuer: ServedIssuer, sandbox_url: str, chosen: bool
) -> None:
    """The gateway is killed after upstream made the job and before it could say so."""
    name, mark = unused(), secrets.token_hex(8)
    path, document = (JOBS, job(name, f"SELECT '{mark}'")) if chosen else (QUERIES, sql(f"SELECT '{mark}'"))
    with held_upstream(sandbox_url) as upstream, gateway_on(tmp_path / "g", issuer, upstream.url) as first:

        def ask_in_vain() -> None:
            with suppress(OSError, http.client.HTTPException):
                first.request("POST", path, document)

        asking = threading.Thread(target=ask_in_vain)
        asking.start()
        assert upstream.done.wait(30)
        first.process.send_signal(signal.SIGKILL)
        first.process.wait(10)
        asking.join(10)
        (row,) = first.book()
        assert row["status"] == "unsettled"
    if not chosen:
        jobs = ask_upstream(sandbox_url, f"{JOBS}?projection=full&allUsers=true")["jobs"]
        labelled = (entry for entry in jobs if entry["configuration"].get("labels", {}).get("gatebook_record"))
        name = next(
            entry["jobReference"]["jobId"]
            for entry in labelled
            if entry["configuration"]["labels"]["gatebook_record"] == row["id"]
        )
    with gateway_on(tmp_path / "g", issuer, sandbox_url) as second:
        assert second.request("GET", f"{JOBS}/{name}", token=stranger(second))[0] == 404
        assert second.request("GET", f"{QUERIES}/{name}?location=EU")[0] == 404
        listed = second.request("GET", f"{JOBS}?projection=full")[2]["jobs"]
        assert [entry["jobReference"]["jobId"] for entry in listed] == [name]
        assert value(second.request("GET", f"{QUERIES}/{name}?location=US")[2]) == mark
        assert second.request("GET", f"{QUERIES}/{name}", token=stranger(second))[0] == 404
    with gateway_on(tmp_path / "g", issuer, sandbox_url) as third:
        assert value(third.request("GET", f"{QUERIES}/{name}")[2]) == mark


def test_a_job_whose_caller_hung_up_is_its_callers(tmp_path: Path, issuer: ServedIssuer, sandbox_url: str) -> None:
    name = unused()
    with held_upstream(sandbox_url) as upstream, gateway_on(tmp_path / "g", issuer, upstream.url) as gateway:
        connection = http.client.HTTPConnection(gateway.url.removeprefix("http://"))
        headers = {"authorization": f"Bearer {gateway.token()}", "content-type": "application/json"}
        connection.request("POST", JOBS, json.dumps(job(name)), headers)
        assert upstream.done.wait(30)
        connection.close()
        assert gateway.request("GET", f"{JOBS}/{name}")[0] == 200, "the client may ask before the call is settled"
        assert gateway.request("GET", f"{JOBS}/{name}", token=stranger(gateway))[0] == 404
