"""The README is run, word for word, in a copy of the repository. Two commands are ended early: they would not end."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
SECONDS = 300


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a fresh clone would hold; the virtual environment of this one stands in for `make setup`."""
    target = tmp_path_factory.mktemp("clone") / "gatebook"
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in listed.stdout.splitlines():
        source = ROOT / name
        if source.is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / name)
    (target / ".venv").symlink_to(ROOT / ".venv")
    return target


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def blocks(language: str) -> list[str]:
    text = (ROOT / "README.md").read_text()
    return [match["text"] for match in BLOCK.finditer(text) if match["language"] == language]


def run(command: str, directory: Path) -> str:
    done = subprocess.run(
        ["bash", "-euc", command],
        cwd=directory,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        env=environment(),
        check=False,
    )
    assert done.returncode == 0, f"$ {command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def environment() -> dict[str, str]:
    hidden = ("GOOGLE_", "BIGQUERY_", "GATEBOOK_TOKEN")
    return {name: value for name, value in os.environ.items() if not name.startswith(hidden)}


def application_default(directory: Path) -> dict[str, str]:
    """What an operator has before `gatebook serve` and a test has not: a Google credential. This one opens nothing."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    account = {
        "type": "service_account",
        "client_email": "gatebook@acme.iam.gserviceaccount.com",
        "token_uri": "https://oauth2.googleapis.com/token",
        "private_key": pem,
    }
    path = directory / "application_default.json"
    path.write_text(json.dumps(account))
    return {"GOOGLE_APPLICATION_CREDENTIALS": str(path)}


def serve_until_ready(command: str, directory: Path) -> None:
    settings = {**environment(), **application_default(directory)}
    with (directory / "serve.log").open("wb") as log:
        process = subprocess.Popen(
            ["bash", "-c", f"exec {command}"], cwd=directory, stdout=log, stderr=log, env=settings
        )
    try:
        deadline = time.monotonic() + 60
        while "listening" not in (directory / "serve.log").read_text():
            assert process.poll() is None, (directory / "serve.log").read_text()
            assert time.monotonic() < deadline, "`gatebook serve` did not get ready"
            time.sleep(0.1)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


def test_every_command_of_the_readme_works(copy: Path) -> None:
    (settings,) = blocks("toml")
    assert "port = 8080" in settings
    (copy / "gatebook.toml").write_text(settings.replace("port = 8080", f"port = {free_port()}"))
    commands = [line for block in blocks("bash") for line in block.splitlines() if line.strip()]
    assert "make demo" in commands
    assert len(commands) >= 8
    for command in commands:
        if command == "make demo":
            output = run("make demo ARGS=--exit", copy)
            assert "acme/warehouse-etl" in output
            assert output.count("what the book says") == 6, "README.md says how many visits there are"
            assert "Traceback" not in output
        elif " serve " in command:
            serve_until_ready(command, copy)
        else:
            run(command, copy)


def test_every_link_of_the_readme_leads_somewhere() -> None:
    for page in (ROOT / "README.md", ROOT / "ARCHITECTURE.md", ROOT / "CONTRIBUTING.md"):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
