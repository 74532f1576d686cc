"""An unmodified client in an environment of its own, as a job would run it: settings and a credential, no code."""

import json
import os
import secrets
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from acceptance_gateway import PROJECT, Gateway

HERE = Path(__file__).parent
FLOWS = HERE / "flows"
SECONDS = 180

# What no caller may ask, and what each client must show of the answer.
HISTORY = "SELECT query FROM `region-us`.INFORMATION_SCHEMA.JOBS"
DENIAL = "shows the statements of other callers. List this caller's own jobs with jobs.list."


@dataclass
class Run:
    """How a client ended: what it wrote, and the values that its flow told (its last line, as JSON)."""

    status: int
    output: str

    @property
    def told(self) -> dict[str, Any]:
        assert self.status == 0, self.output
        told: dict[str, Any] = json.loads(self.output.strip().splitlines()[-1])
        return told


@dataclass
class Workload:
    """A caller with a name of its own: a workflow of the repository acme/NAME."""

    name: str
    gateway: Gateway
    environments: Path
    directory: Path
    more: Mapping[str, str] = field(default_factory=dict)  # environment
    credential: Mapping[str, str] = field(default_factory=dict)  # members of its file

    @property
    def token(self) -> str:
        workflow = f"acme/{self.name}/.github/workflows/nightly.yml@refs/heads/main"
        repository_id = str(sum(self.name.encode()))
        return self.gateway.token(
            repository=f"acme/{self.name}", repository_id=repository_id, job_workflow_ref=workflow
        )

    def python(self, flow: str, *arguments: str) -> Run:
        """Run a flow with the Python clients."""
        return self.command(str(self.environments / "python/bin/python"), str(FLOWS / flow), *arguments)

    def node(self, flow: str) -> Run:
        """Run a flow with the Node client. Node looks for packages beside the file that wants them."""
        script = self.environments / "node" / f"{secrets.token_hex(4)}-{flow}"
        script.write_text((FLOWS / flow).read_text())
        try:
            return self.command("node", str(script), endpoint=f"{self.gateway.url}/bigquery/v2")
        finally:
            script.unlink()

    def command(self, *command: str, endpoint: str | None = None) -> Run:
        done = subprocess.run(
            command,
            cwd=self.directory,
            env=self._environment(endpoint or self.gateway.url),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        return Run(done.returncode, done.stdout)

    def exchanges(self, *filters: str) -> list[dict[str, Any]]:
        """What the book has of this caller, oldest first."""
        return self.gateway.book("--all", "--oldest-first", "--repository", f"acme/{self.name}", *filters)

    def denials(self) -> list[dict[str, Any]]:
        """The exchanges that were refused; a client that repeats a refusal makes more of them than it shows."""
        return self.exchanges("--status", "refused")

    def _environment(self, endpoint: str) -> dict[str, str]:
        token_file, credential_file = self.directory / "token.jwt", self.directory / "gatebook.json"
        token_file.write_text(self.token)
        credential = {**self.gateway.credential({"file": str(token_file)}), **self.credential}
        credential_file.write_text(json.dumps(credential))
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.directory),
            "GOOGLE_APPLICATION_CREDENTIALS": str(credential_file),
            "GOOGLE_CLOUD_PROJECT": PROJECT,
            "BIGQUERY_EMULATOR_HOST": endpoint,
            "HISTORY": HISTORY,
            **self.more,
        }
