"""The `bq` command line as it speaks: its own package cannot be installed here, so that its requests are made by hand.

A credential that is exchanged and introspected with gcloud's public client id, then calls of a bearer; and a bare OIDC
token as `bq --oauth_access_token` sends it.
"""

import base64
import secrets
import urllib.parse
import urllib.request
from typing import Any

import pytest
from client_runs import DENIAL, HISTORY, Workload

from acceptance_gateway import AUDIENCE, PROJECT, decoded

BASE = f"/bigquery/v2/projects/{PROJECT}"
AGENT = "google-cloud-sdk528.0.0 google-api-python-client (gzip)"
BASIC = "Basic " + base64.b64encode(b"32555940559.apps.googleusercontent.com:ZmssLNjJy2998hD4CTg2ejr2").decode()


class Bq:
    """Sends what bq sends, for one bearer."""

    def __init__(self, workload: Workload, token: str) -> None:
        self._gateway = workload.gateway
        self.token = token

    def __call__(self, verb: str, path: str, document: object = None, **headers: str) -> tuple[int, Any]:
        mark = "&" if "?" in path else "?"
        sent = {"user-agent": AGENT, "accept": "application/json", "accept-encoding": "identity", **headers}
        status, _, answer = self._gateway.request(verb, f"{path}{mark}alt=json", document, self.token, **sent)
        return status, answer

    def query(self, sql: str, **members: Any) -> tuple[int, Any]:
        reference = {"projectId": PROJECT, "jobId": f"bqjob_r{secrets.token_hex(8)}_0000019d_1"}
        query = {"query": sql, "useLegacySql": False, "continuous": False, "createSession": False}
        return self("POST", f"{BASE}/jobs", {"configuration": {"query": query, **members}, "jobReference": reference})

    def rows(self, sql: str) -> list[list[Any]]:
        _, job = self.query(sql)
        name, place = job["jobReference"]["jobId"], job["jobReference"]["location"]
        while job["status"]["state"] != "DONE":
            _, job = self("GET", f"{BASE}/jobs/{name}?location={place}")
        asked = f"{BASE}/queries/{name}?location={place}&maxResults=100&timeoutMs=0&startIndex=0"
        return [[cell["v"] for cell in row["f"]] for row in self("GET", asked)[1].get("rows", [])]


def posted(workload: Workload, path: str, **form: str) -> Any:
    headers = {"authorization": BASIC, "content-type": "application/x-www-form-urlencoded"}
    body = urllib.parse.urlencode(form).encode()
    request = urllib.request.Request(workload.gateway.url + path, body, headers)
    with urllib.request.urlopen(request, timeout=30) as reply:
        return decoded(reply.read())


def exchanged(workload: Workload) -> str:
    answer = posted(
        workload,
        "/v1/token",
        grant_type="urn:ietf:params:oauth:grant-type:token-exchange",
        audience=AUDIENCE,
        scope="openid https://www.googleapis.com/auth/userinfo.email https://www.googleapis.com/auth/cloud-platform",
        requested_token_type="urn:ietf:params:oauth:token-type:access_token",
        subject_token=workload.token,
        subject_token_type="urn:ietf:params:oauth:token-type:jwt",
    )
    told = posted(
        workload,
        "/v1/introspect",
        token=answer["access_token"],
        token_type_hint="urn:ietf:params:oauth:token-type:access_token",
    )
    assert told["active"] is True
    assert told["username"].startswith("acme/bq")
    return str(answer["access_token"])


@pytest.mark.parametrize("way", ["exchanged", "bare"])
def test_bq(workload: Workload, way: str) -> None:
    bq = Bq(workload, exchanged(workload) if way == "exchanged" else workload.token)
    dataset = f"from_bq_{way}"
    surface = workload.gateway.request("GET", "/$discovery/rest?version=v2", token=bq.token)[2]
    assert surface["rootUrl"] == f"{workload.gateway.url}/"
    assert bq.rows("SELECT customer_id FROM shop.customers ORDER BY customer_id LIMIT 3") == [["1"], ["2"], ["3"]]
    assert bq.rows("SELECT TIMESTAMP '2026-01-02 03:04:05 UTC'") == [["1.767323045E9"]], "seconds: bq asks for no int64"
    assert int(bq.query("SELECT email FROM shop.customers", dryRun=True)[1]["statistics"]["totalBytesProcessed"]) > 0
    assert bq.rows("DECLARE x INT64 DEFAULT 2; SELECT x * 21") == [["42"]]

    reference = {"datasetReference": {"projectId": PROJECT, "datasetId": dataset}}
    assert bq("POST", f"{BASE}/datasets", reference)[0] == 200
    table = {"projectId": PROJECT, "datasetId": dataset, "tableId": "t"}
    assert load(workload, bq, table, b"1,x\n2,y\n") == "2"
    listed = bq("GET", f"{BASE}/datasets/{dataset}/tables/t/data?maxResults=100&startIndex=0")[1]
    assert [[cell["v"] for cell in row["f"]] for row in listed["rows"]] == [["1", "x"], ["2", "y"]]
    assert [item["id"] for item in bq("GET", f"{BASE}/datasets/{dataset}/tables?maxResults=50")[1]["tables"]]
    assert bq("DELETE", f"{BASE}/datasets/{dataset}?deleteContents=true")[0] == 204

    status, answer = bq.query(HISTORY)
    assert (status, answer["error"]["errors"][0]["reason"]) == (403, "accessDenied")
    assert DENIAL in answer["error"]["message"]
    overridden = bq("POST", f"{BASE}/datasets", {}, **{"x-http-method-override": "GET"})
    assert overridden[0] == 403, "what its library does with very long addresses"
    assert {row["caller"]["name"] for row in workload.exchanges()} == {"acme/bq:nightly.yml"}
    assert workload.exchanges("--table", f"{PROJECT}.{dataset}.t")


def load(workload: Workload, bq: Bq, table: dict[str, str], content: bytes) -> str:
    """Upload a file by a resumable upload; gives how many rows were loaded."""
    fields = [{"name": "a", "type": "INTEGER"}, {"name": "b", "type": "STRING"}]
    section = {"destinationTable": table, "sourceFormat": "CSV", "schema": {"fields": fields}}
    reference = {"projectId": PROJECT, "jobId": f"bqjob_r{secrets.token_hex(8)}_0000019d_1"}
    start = f"/upload{BASE}/jobs?uploadType=resumable"
    _, told, _ = workload.gateway.request(
        "POST",
        start,
        {"configuration": {"load": section}, "jobReference": reference},
        bq.token,
        **{"x-upload-content-type": "application/octet-stream", "x-upload-content-length": str(len(content))},
    )
    place = told["location"]
    assert place.startswith(workload.gateway.url)
    request = urllib.request.Request(
        place,
        content,
        {
            "authorization": f"Bearer {bq.token}",
            "content-type": "application/octet-stream",
            "content-range": f"bytes 0-{len(content) - 1}/{len(content)}",
        },
        method="PUT",
    )
    with urllib.request.urlopen(request, timeout=30) as reply:
        job = decoded(reply.read())
    while job["status"]["state"] != "DONE":
        _, job = bq("GET", f"{BASE}/jobs/{reference['jobId']}?location={job['jobReference']['location']}")
    return str(job["statistics"]["load"]["outputRows"])
