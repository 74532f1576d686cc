"""The whole of it: a real issuer, the sandbox and `gatebook serve` as processes, and Google's own client."""

import json
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from google.cloud import bigquery

from gatebook.issuer.serving import ServedIssuer

GATEBOOK = str(Path(sys.executable).with_name("gatebook"))
AUDIENCE = "https://gatebook.test"
PROJECT = "acme-warehouse"
START_SECONDS = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(name: str, directory: Path, ready_url: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a `gatebook` command until the body is done; it must get ready, and end by itself when asked to."""
    log_file = directory / f"{name}.log"
    with log_file.open("wb") as log:
        process = subprocess.Popen([GATEBOOK, *arguments], stdout=log, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + START_SECONDS
        while not is_ready(ready_url):
            assert process.poll() is None, log_file.read_text()
            assert time.monotonic() < deadline, log_file.read_text()
            time.sleep(0.05)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    assert "Traceback" not in log_file.read_text(), log_file.read_text()


def is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as reply:
            return bool(reply.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@dataclass
class Gateway:
    """A running gateway: its URL, its settings, its issuer, and clients and books on it."""

    url: str
    directory: Path
    issuer: ServedIssuer
    sandbox_url: str
    process: subprocess.Popen[bytes] = field(repr=False)

    def token(self, **claims: Any) -> str:
        return self.issuer.issuer.mint("github_actions", audience=AUDIENCE, claims=claims)

    def client(self, monkeypatch: pytest.MonkeyPatch, token: str | None = None) -> bigquery.Client:
        """Google's client as a job would have it: a credential file and an endpoint in the environment."""
        name = secrets.token_hex(6)
        token_file = self.directory / f"{name}.jwt"
        token_file.write_text(self.token() if token is None else token)
        credential_file = self.directory / f"{name}.json"
        credential_file.write_text(json.dumps(self.credential({"file": str(token_file)})))
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(credential_file))
        monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", PROJECT)
        monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", self.url)
        return bigquery.Client()

    def credential(self, source: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "type": "external_account",
            "audience": AUDIENCE,
            "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
            "token_url": f"{self.url}/v1/token",
            "token_info_url": f"{self.url}/v1/introspect",
            "credential_source": source,
        }

    def request(
        self, verb: str, path: str, document: object = None, token: str | None = None, **headers: str
    ) -> tuple[int, dict[str, str], Any]:
        """Send one request by hand; give status, headers and the JSON (or text) that came back."""
        sent = {"authorization": f"Bearer {self.token() if token is None else token}", **headers}
        body = None if document is None else json.dumps(document).encode()
        if body is not None:
            sent.setdefault("content-type", "application/json")
        request = urllib.request.Request(self.url + path, data=body, headers=sent, method=verb)
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:
                return reply.status, dict(reply.headers), decoded(reply.read())
        except urllib.error.HTTPError as error:
            return error.code, dict(error.headers), decoded(error.read())

    def book(self, *arguments: str) -> list[dict[str, Any]]:
        """Ask the book on the command line, newest call first."""
        return [json.loads(line) for line in self._ask_book("list", "--format", "ndjson", *arguments).splitlines()]

    def record(self, call_id: str) -> dict[str, Any]:
        """Everything the book says of one call."""
        shown: dict[str, Any] = json.loads(self._ask_book("show", call_id, "--format", "json"))
        return shown

    def _ask_book(self, command: str, *arguments: str) -> str:
        where = ("--config", str(self.directory / "gatebook.toml"))
        done = subprocess.run(
            [GATEBOOK, "book", command, *where, *arguments], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def decoded(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode(errors="replace")


def settings_text(
    issuer_url: str, upstream_url: str, port: int, certificate: Path | None, refusals_in_full: int
) -> str:
    tls = f'certificate_file = "{certificate}"\nprivate_key_file = "{certificate}"' if certificate else ""
    return f"""
data_directory = "book"
[listen]
port = {port}
{tls}
[identity]
audience = "{AUDIENCE}"
keys_cool_down_seconds = 0.1
[[identity.issuers]]
issuer = "{issuer_url}"
kind = "github_actions"
require = {{ repository_owner = "acme" }}
[limits]
refusals_in_full = {refusals_in_full}
refusals_answered = {5 * refusals_in_full}
[upstream]
endpoint = "{upstream_url}"
credential = "none"
reply_seconds = 30
"""


@contextmanager
def gateway_on(
    directory: Path,
    issuer: ServedIssuer,
    upstream_url: str,
    certificate: Path | None = None,
    refusals_in_full: int = 2000,
    more: str = "",
) -> Iterator[Gateway]:
    """Run a gateway of one's own before any upstream; with TLS when it has a certificate for localhost.

    `more` is added to its settings.
    """
    port = free_port()
    directory.mkdir(parents=True, exist_ok=True)
    settings_file = directory / "gatebook.toml"
    text = settings_text(issuer.issuer.url, upstream_url, port, certificate, refusals_in_full)
    settings_file.write_text(text + more)
    url = f"https://localhost:{port}" if certificate else f"http://127.0.0.1:{port}"
    with running("gateway", directory, f"{url}/readyz", "serve", "--config", str(settings_file)) as process:
        yield Gateway(url, directory, issuer, upstream_url, process)
