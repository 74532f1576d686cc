"""The stage of the demo: an embedded BigQuery, OIDC issuers and the gateway, as processes of their own on loopback."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import Self

GATEBOOK = str(Path(sys.executable).with_name("gatebook"))
PROJECT = "acme-warehouse"
AUDIENCE = "https://gatebook.demo"
_START_SECONDS = 60.0
_STOP_SECONDS = 10.0


class StageError(Exception):
    """The demo cannot go on; the text says why and where to look."""


def free_port(preferred: int) -> int:
    """Give the preferred port if nobody has it, else any free one."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise StageError("no free port on 127.0.0.1")


@dataclass
class Stage:
    """The servers and their files in `directory`. Use as a context manager: leaving it ends what it started."""

    directory: Path
    sandbox_port: int = field(default_factory=lambda: free_port(9050))
    github_port: int = field(default_factory=lambda: free_port(9060))
    cluster_port: int = field(default_factory=lambda: free_port(9061))
    gateway_port: int = field(default_factory=lambda: free_port(8080))
    _processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def github_url(self) -> str:
        """The issuer that stands for GitHub Actions."""
        return f"http://127.0.0.1:{self.github_port}"

    @property
    def cluster_url(self) -> str:
        """The issuer that stands for a Kubernetes cluster."""
        return f"http://127.0.0.1:{self.cluster_port}"

    @property
    def gateway_url(self) -> str:
        """The endpoint that clients are pointed at."""
        return f"http://127.0.0.1:{self.gateway_port}"

    @property
    def settings_file(self) -> Path:
        """The gateway's settings."""
        return self.directory / "gatebook.toml"

    def __enter__(self) -> Self:
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self._processes.values()):
            process.send_signal(signal.SIGTERM)
        for process in self._processes.values():
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()

    def start_sandbox(self) -> None:
        """Start the embedded BigQuery with the demo's data."""
        port = str(self.sandbox_port)
        self._start("sandbox", "sandbox", "--port", port, "--grpc-port", "0", "--project", PROJECT, "--demo-data")
        self._await("sandbox", f"http://127.0.0.1:{port}/bigquery/v2/projects/{PROJECT}/datasets")

    def start_issuers(self) -> None:
        """Start the two OIDC issuers."""
        for name, port in (("github", self.github_port), ("cluster", self.cluster_port)):
            self._start(name, "issuer", "--port", str(port))
        for name, url in (("github", self.github_url), ("cluster", self.cluster_url)):
            self._await(name, f"{url}/.well-known/openid-configuration")

    def start_gateway(self) -> None:
        """Write the settings file and start the gateway."""
        self.settings_file.write_text(self._settings())
        self._write_policy()
        self._start("gateway", "serve", "--config", str(self.settings_file))
        self._await("gateway", f"{self.gateway_url}/readyz")

    def log_of(self, name: str) -> Path:
        """The file that takes a server's output."""
        return self.directory / f"{name}.log"

    def _settings(self) -> str:
        return f"""\
data_directory = "book"

[listen]
port = {self.gateway_port}

[identity]
audience = "{AUDIENCE}"

# Who may call: jobs of repositories that acme owns, and workloads of one Kubernetes namespace.
[[identity.issuers]]
issuer = "{self.github_url}"
kind = "github_actions"
require = {{ repository_owner = "acme" }}

[[identity.issuers]]
issuer = "{self.cluster_url}"
kind = "kubernetes"
require = {{ "kubernetes.io.namespace" = "agents" }}

[upstream]
endpoint = "http://127.0.0.1:{self.sandbox_port}"
credential = "none"

[policy]
files = ["policy"]
"""

    def _write_policy(self) -> None:
        """Copy the demo's policy, with the addresses of its issuers filled in."""
        policy = self.directory / "policy"
        policy.mkdir(exist_ok=True)
        for file in (Path(__file__).parent / "policy").glob("*.yaml"):
            text = Template(file.read_text()).substitute(github=self.github_url, cluster=self.cluster_url)
            (policy / file.name).write_text(text)

    def _start(self, name: str, *arguments: str) -> None:
        with self.log_of(name).open("wb") as log:
            self._processes[name] = subprocess.Popen(
                [GATEBOOK, *arguments],
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
                start_new_session=True,  # an interrupt in the terminal is ours to pass on
            )

    def _await(self, name: str, url: str) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self._processes[name].poll() is not None:
                break
            try:
                with urllib.request.urlopen(url, timeout=2) as reply:
                    reply.read()
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        tail = self.log_of(name).read_text(errors="replace").strip().splitlines()[-3:]
        raise StageError("\n".join([f"the {name} did not start (see {self.log_of(name)}):", *tail]))
