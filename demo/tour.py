"""`make demo`: visitors come to Gatebook, and the book says who they were. Then everything stays up to be tried."""

import argparse
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import credentials
from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text
from stage import GATEBOOK, PROJECT, Stage, StageError

HERE = Path(__file__).parent
GITHUB_CLAIMS = {
    "sha": "8f4e1c09d2b7a6530e9c1f84ab27d5e6903c4b18",
    "ref": "refs/heads/nightly-totals",
    "ref_protected": "false",
    "workflow": "nightly",
    "run_id": "7264518830",
    "actor": "dana",
    "job_workflow_ref": "acme/warehouse-etl/.github/workflows/nightly.yml@refs/heads/nightly-totals",
}
AGENT = {
    "kind": "kubernetes",
    "lifetime_seconds": 3600,
    "claims": {
        "sub": "system:serviceaccount:agents:research-assistant",
        "kubernetes.io": {
            "namespace": "agents",
            "pod": {"name": "research-assistant-7d9c4", "uid": "1f6f4ab5-0d57-4b6b-9d7e-2f6f0a5f4c11"},
            "serviceaccount": {"name": "research-assistant", "uid": "a3f1c0de-61a7-4b0e-8f3b-5f8b9f0c2d77"},
        },
    },
}
_JOB_SECONDS = 120


@dataclass(frozen=True)
class Visitor:
    """One who comes to the gateway: a title, what to know, the credential file, and the program that it runs."""

    title: str
    story: str
    credential_file: Path
    program: str
    arguments: tuple[str, ...] = ()


def main() -> int:
    """Run the tour; give the exit status."""
    parser = argparse.ArgumentParser(description="A tour of Gatebook on an embedded BigQuery.")
    parser.add_argument("--exit", action="store_true", help="end after the tour instead of leaving everything running")
    parser.add_argument("--directory", type=Path, default=HERE.parent / ".demo", help="where the demo keeps its files")
    options = parser.parse_args()
    console = Console(highlight=False)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with Stage(options.directory) as stage:
            start(console, stage)
            tour(console, stage)
            farewell(console, stage, stays=not options.exit)
            if not options.exit:
                console.print("[dim]Everything is still running. Ctrl-C ends it.[/dim]")
                signal.pause()
    except StageError as error:
        console.print(f"[bold red]The demo cannot go on:[/bold red] {error}")
        return 1
    except KeyboardInterrupt:
        console.print()
    return 0


def start(console: Console, stage: Stage) -> None:
    """Start the servers, showing what is being waited for."""
    steps = [
        ("an embedded BigQuery with demo data", stage.start_sandbox),
        ("OIDC issuers like those of GitHub Actions and Kubernetes", stage.start_issuers),
        ("Gatebook", stage.start_gateway),
    ]
    for what, begin in steps:
        began = time.monotonic()
        with console.status(f"Starting {what}"):
            begin()
        console.print(f"[green]✓[/green] {what} [dim]({time.monotonic() - began:.1f} s)[/dim]")


def tour(console: Console, stage: Stage) -> None:
    """Let the visitors come, one after the other."""
    files = stage.directory
    nightly = credentials.from_github_job(stage, files / "nightly.json", GITHUB_CLAIMS)
    agent = credentials.from_token(stage, files / "agent.json", stage.cluster_url, AGENT)
    strangers = credentials.from_token(stage, files / "bad.json", stage.github_url, {"flaw": "strangers_key"})
    expired = credentials.from_token(stage, files / "expired.json", stage.github_url, {"flaw": "expired"})
    first = visit(console, stage, Visitor(
        "The nightly job of acme/warehouse-etl",
        "A GitHub Actions job on a branch. Its token says which repository, commit and run it is.",
        nightly, "nightly.py",
    ))  # fmt: skip
    visit(console, stage, Visitor(
        "An agent that looks around",
        "A Kubernetes workload. Its token says which service account it is, and nothing of a commit.\n"
        "The policy keeps email and phone from agents, however they are asked for; the rest it may read.",
        agent, "agent.py",
    ))  # fmt: skip
    visit(console, stage, Visitor(
        "The nightly job tidies up",
        "Dropping a table waits for a person, by any route: Gatebook decides on what a statement is, not on its text.",
        nightly, "cleanup.py",
    ))  # fmt: skip
    visit(console, stage, Visitor(
        "A job with a forged token",
        "The claims are right and the key id is the issuer's, but somebody else signed it.",
        strangers, "agent.py",
    ))  # fmt: skip
    visit(console, stage, Visitor("A job whose token has expired", "Signed by the issuer, too long ago.",
                                  expired, "agent.py"))  # fmt: skip
    job_id = next((row["outcome"]["job_id"] for row in first if (row["outcome"] or {}).get("job_id")), None)
    if job_id is None:
        raise StageError("the nightly job left no job id in the book")
    visit(console, stage, Visitor(
        "The agent asks for the nightly job's result",
        f"It knows the id of the job ({job_id}), and BigQuery would answer: both use the same Google credential there.",
        agent, "peek.py", (job_id,),
    ))  # fmt: skip


def visit(console: Console, stage: Stage, visitor: Visitor) -> list[dict[str, Any]]:
    """Run a visitor's program with Google's own client, show what it got, and what the book says of it."""
    console.print()
    console.print(Rule(f"[bold]{visitor.title}[/bold]", align="left"))
    console.print(visitor.story)
    program = HERE / "jobs" / visitor.program
    console.print(Padding(Syntax(_essence(program), "python", background_color="default"), (1, 2)))
    since = _now()
    with console.status("Running it"):
        done = subprocess.run(
            [sys.executable, str(program), *visitor.arguments],
            env={**os.environ, **environment(stage, visitor.credential_file)},
            capture_output=True, text=True, timeout=_JOB_SECONDS, check=False,
        )  # fmt: skip
    answer = done.stdout.strip() or _last_words(done.stderr)
    console.print(Panel(Text(answer), title="what it got", title_align="left", border_style="cyan"))
    rows = book(stage, "list", "--since", since, "--all", "--format", "ndjson")
    console.print(
        Panel(_account(_telling(rows)), title="what the book says", title_align="left", border_style="yellow")
    )
    return rows


def environment(stage: Stage, credential_file: Path) -> dict[str, str]:
    """Give the two settings that point an unmodified client at Gatebook, and the project that every client needs."""
    return {
        "GOOGLE_APPLICATION_CREDENTIALS": str(credential_file),
        "BIGQUERY_EMULATOR_HOST": stage.gateway_url,
        "GOOGLE_CLOUD_PROJECT": PROJECT,
    }


def book(stage: Stage, *arguments: str) -> list[dict[str, Any]]:
    """Ask the book on the command line, oldest call first."""
    done = subprocess.run(
        [GATEBOOK, "book", *arguments, "--config", str(stage.settings_file)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise StageError(f"`gatebook book` failed: {done.stderr.strip()}")
    return [json.loads(line) for line in reversed(done.stdout.splitlines())]


def farewell(console: Console, stage: Stage, *, stays: bool) -> None:
    """Print how to go on: what a user exports to come with a client of their own, and how to read the book."""
    console.print()
    console.print(Rule("[bold]Now you[/bold]", align="left"))
    if stays:
        invite(console, stage)
    else:
        console.print("Everything ends here. Without --exit it stays up for a client of your own.")
    console.print(f"\nRead the book:\n\n  {GATEBOOK} book list --config {stage.settings_file}", soft_wrap=True)
    console.print(f"\nLogs are in {stage.directory}.\n", soft_wrap=True)


def invite(console: Console, stage: Stage) -> None:
    """Print the settings of a job, to be pasted into a shell."""
    settings = environment(stage, stage.directory / "nightly.json")
    lines = [f"export {name}={shlex.quote(value)}" for name, value in settings.items()]
    lines.append(f"export GATEBOOK_TOKEN={shlex.quote((stage.directory / 'agent.jwt').read_text())}")
    console.print("Point a client of your own at Gatebook (the token also works as a bearer token):\n")
    for line in lines:
        console.print(f"  {line}", soft_wrap=True, markup=False)


def _account(rows: list[dict[str, Any]]) -> Table:
    """Show who, why, what and what came back, a line each, for the calls that matter."""
    table = Table.grid(padding=(0, 2))
    for row in rows:
        for label, value in _lines(row):
            table.add_row(Text(label, style="dim"), Text(value, overflow="fold"))
        table.add_row("", "")
    return table


def _lines(row: dict[str, Any]) -> list[tuple[str, str]]:
    caller, attested, refusal = row["caller"] or {}, row["attested"], row["refusal"]
    footprint, outcome, request = row["footprint"] or {}, row["outcome"] or {}, row["request"]
    decision = row["decision"]
    came = row["status"] + (f", HTTP {outcome['status']}" if outcome.get("status") else "")
    if outcome.get("rows_returned") is not None:
        came += f", {outcome['rows_returned']} rows, {outcome['bytes_returned']} bytes"
    why = [attested.get(name) for name in ("repository", "commit", "ref")]
    lines = [
        ("record", f"{row['id']}  {row['times']['received_at']}"),
        ("who", f"{caller['name']}  ({caller['kind']})" if caller else "nobody that could be proven"),
        ("from", "  ".join(filter(None, why))),
        ("run", "  ".join(filter(None, [attested.get("run"), attested.get("actor"), attested.get("run_url")]))),
        ("asked", " ".join((request["sql"] or row["call"]["method"]).split())),
        ("with", ", ".join(_parameter(item) for item in request["query_parameters"])),
        ("decided", f"{decision['effect']} by {', '.join(decision['rules'])}" if decision else ""),
        ("touched", "  ".join(footprint.get("columns") or footprint.get("tables", []))),
        ("came back", came),
        ("refused", f"{refusal['reason']}: {refusal['message']}" if refusal else ""),
    ]
    return [(label, value) for label, value in lines if value]


def _parameter(item: dict[str, Any]) -> str:
    return f"@{item.get('name', '?')} = {item.get('parameterValue', {}).get('value')!r}"


def _telling(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out the polling and paging of a job: the call that asked, the rows, and refusals tell the story."""
    refused = [row for row in rows if row["refusal"]]
    kept = [row for row in rows if row["call"]["method"] not in ("bigquery.jobs.get", "gatebook.token.exchange")]
    first = [] if refused else kept[:1]
    return refused + first + [row for row in kept if _has_rows(row) and row not in first][-1:]


def _has_rows(row: dict[str, Any]) -> bool:
    return bool((row["outcome"] or {}).get("rows_returned"))


def _last_words(stderr: str) -> str:
    """Give the error that ended a program, without the trace that led to it."""
    lines = [line for line in stderr.strip().splitlines() if line.strip()]
    start = max((number for number, line in enumerate(lines) if line.startswith("google.")), default=len(lines) - 1)
    name, _, text = "\n".join(lines[start:]).partition(": ")
    # google-auth puts the reply of the token endpoint, twice, into the tuple of its error's arguments.
    first = re.match(r"""\((["'])(?P<text>.*?)\1, ['"]\{""", text, re.DOTALL)
    return f"{name.rpartition('.')[2]}: {first['text'] if first else text}".replace("\\'", "'")


def _essence(program: Path) -> str:
    """Give a program without its docstring and imports."""
    lines = program.read_text().splitlines()
    last_import = max(number for number, line in enumerate(lines) if line.startswith(("import ", "from ")))
    return "\n".join(lines[last_import + 1 :]).strip()


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) + f".{time.time_ns() // 1000 % 1_000_000:06d}Z"


if __name__ == "__main__":
    sys.exit(main())
