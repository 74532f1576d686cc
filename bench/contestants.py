"""Who runs in the bench: the fixed upstream, and before it nginx, Gatebook and mitmproxy. All on loopback."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import fixed
from equipment import MITMDUMP
from processes import HOST, free_port, running

AUDIENCE = "https://gatebook.bench"
SETTINGS = "gatebook.toml"
_HERE = Path(__file__).parent
_GATEBOOK = Path(sys.executable).with_name("gatebook")

# One process each, as Gatebook has one worker. Connections are kept for ever on both sides.
_NGINX = """
daemon off;
master_process off;
pid {directory}/nginx.pid;
error_log {directory}/errors;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  client_body_temp_path {directory}/body;
  proxy_temp_path {directory}/proxy;
  fastcgi_temp_path {directory}/unused;
  uwsgi_temp_path {directory}/unused;
  scgi_temp_path {directory}/unused;
  default_type application/json;
  sendfile on;
  tcp_nodelay on;
  keepalive_timeout 600s;
  keepalive_requests 1000000000;
  {servers}
}}
"""
_PROXY = """
  upstream fixed {{
    server {host}:{upstream};
    keepalive 256;
    keepalive_requests 1000000000;
  }}
  server {{
    listen {host}:{port} backlog=1024;
    proxy_http_version 1.1;
    proxy_max_temp_file_size 0;
    location / {{
      proxy_pass http://fixed;
      proxy_set_header Connection "";
    }}
  }}
"""
_SETTINGS = """
data_directory = "book"
[listen]
port = {port}
[identity]
audience = "{audience}"
[[identity.issuers]]
issuer = "{issuer}"
kind = "github_actions"
require = {{ repository_owner = "acme" }}
[upstream]
endpoint = "http://{host}:{upstream}"
credential = "none"
[analysis]
schema_fresh_seconds = 3600
"""


@dataclass(frozen=True, slots=True)
class Contestant:
    """A running server that takes calls; `directory` holds its files, its book among them when it keeps one."""

    name: str
    port: int
    pid: int
    directory: Path

    @property
    def url(self) -> str:
        """Where it takes calls."""
        return f"http://{HOST}:{self.port}"


@contextmanager
def upstream(directory: Path, page: Path) -> Iterator[Contestant]:
    """Run the fixed upstream: nginx that answers the call, the schemas, and the large page."""
    replies = {fixed.QUERIES_PATH: fixed.query_reply(), **fixed.table_replies()}
    locations = [f"location = {path} {{ return 200 '{text}'; }}" for path, text in replies.items()]
    locations.append(f"location {fixed.QUERIES_PATH}/ {{ root {page.parent}; try_files /{page.name} =404; }}")
    port = free_port()
    server = f"server {{ listen {HOST}:{port} backlog=1024;\n" + "\n".join(locations) + "\n}"
    with _nginx("upstream", directory, port, server) as contestant:
        yield contestant


@contextmanager
def nginx(directory: Path, upstream_port: int) -> Iterator[Contestant]:
    """Run nginx as a plain reverse proxy."""
    port = free_port()
    with _nginx("nginx", directory, port, _PROXY.format(host=HOST, port=port, upstream=upstream_port)) as contestant:
        yield contestant


@contextmanager
def gatebook(directory: Path, upstream_port: int, issuer: str) -> Iterator[Contestant]:
    """Run `gatebook serve`."""
    port, settings = _write_settings(directory, upstream_port, issuer)
    with running(directory, port, str(_GATEBOOK), "serve", "--config", str(settings)) as pid:
        yield Contestant("gatebook", port, pid, directory)


@contextmanager
def mitmproxy(directory: Path, upstream_port: int, issuer: str) -> Iterator[Contestant]:
    """Run mitmproxy in reverse mode; an addon does with Gatebook's own parts what Gatebook does."""
    port, settings = _write_settings(directory, upstream_port, issuer)
    command = [
        str(MITMDUMP), "--set", "termlog_verbosity=error", "--set", "flow_detail=0", "--mode", f"reverse:http://{HOST}:{upstream_port}",
        "--listen-host", HOST, "--listen-port", str(port), "--scripts", str(_HERE / "mitmproxy_addon.py"),
        "--set", f"confdir={directory}", "--set", f"gatebook_settings={settings}",
    ]  # fmt: skip
    with running(directory, port, *command) as pid:
        yield Contestant("mitmproxy", port, pid, directory)


@contextmanager
def _nginx(name: str, directory: Path, port: int, servers: str) -> Iterator[Contestant]:
    directory.mkdir()
    configuration = directory / "nginx.conf"
    configuration.write_text(_NGINX.format(directory=directory, servers=servers))
    with running(directory, port, "nginx", "-p", str(directory), "-c", str(configuration)) as pid:
        yield Contestant(name, port, pid, directory)


def _write_settings(directory: Path, upstream_port: int, issuer: str) -> tuple[int, Path]:
    directory.mkdir()
    port, settings = free_port(), directory / SETTINGS
    settings.write_text(
        _SETTINGS.format(host=HOST, port=port, audience=AUDIENCE, issuer=issuer, upstream=upstream_port)
    )
    return port, settings
