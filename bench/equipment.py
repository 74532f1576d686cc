"""What the bench needs beside Gatebook, put in place when it is missing: nginx, wrk, mitmproxy."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DIRECTORY = ROOT / ".bench"
MITMDUMP = DIRECTORY / "mitmproxy" / "bin" / "mitmdump"
_PACKAGES = {"nginx": "nginx-light", "wrk": "wrk"}
_MITMPROXY = "mitmproxy>=11,<13"


def put_in_place() -> None:
    """Install what is missing. Ends the program with advice where it cannot."""
    DIRECTORY.mkdir(exist_ok=True)
    missing = [package for command, package in _PACKAGES.items() if shutil.which(command) is None]
    if missing:
        _install(missing)
    _put_mitmproxy()


def versions() -> dict[str, str]:
    """Give the versions of what is measured."""
    nginx = subprocess.run(["nginx", "-v"], capture_output=True, text=True, check=True).stderr
    mitmproxy = subprocess.run([MITMDUMP, "--version"], capture_output=True, text=True, check=True).stdout
    return {
        "nginx": nginx.strip().rpartition("/")[2],
        "mitmproxy": mitmproxy.splitlines()[0].rpartition(" ")[2],
        "wrk": _version_of_wrk(),
    }


def _install(packages: list[str]) -> None:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        sys.exit(f"The bench needs {' and '.join(packages)}. Install them, then run it again.")
    print(f"Installing {' and '.join(packages)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
        subprocess.run(["apt-get", *command], check=True, env=environment, stdout=subprocess.DEVNULL)


def _put_mitmproxy() -> None:
    """Make mitmproxy's own environment. Its pins contradict Gatebook's (cryptography), so pip must not resolve both."""
    gatebook = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    wanted = [requirement for requirement in gatebook if not requirement.startswith("cryptography")]
    stamp, content = DIRECTORY / "mitmproxy" / ".stamp", "\n".join([_MITMPROXY, *wanted])
    if stamp.exists() and stamp.read_text() == content:
        return
    print("Setting up mitmproxy (about a minute, once)")
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(stamp.parent)], check=True)
    pip = [str(stamp.parent / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, _MITMPROXY, *wanted], check=True)
    subprocess.run([*pip, "--no-deps", "--editable", str(ROOT)], check=True)
    stamp.write_text(content)


def _version_of_wrk() -> str:
    told = subprocess.run(["wrk", "-v"], capture_output=True, text=True, check=False).stdout
    return told.split()[1].removeprefix("debian/")
