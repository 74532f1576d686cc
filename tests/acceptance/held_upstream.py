"""An upstream that does what it is asked and never says so: it passes calls on to another and keeps the answers."""

import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class HeldUpstream(ThreadingHTTPServer):
    """Passes on every call; the answers to those that start jobs are kept. `done` tells that one was carried out."""

    daemon_threads = True

    def __init__(self, behind_url: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behind_url = behind_url
        self.done = threading.Event()
        self.let_go = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: HeldUpstream

    def do_GET(self) -> None:
        self._pass_on(None)

    def do_POST(self) -> None:
        self._pass_on(self.rfile.read(int(self.headers["content-length"])))

    def _pass_on(self, body: bytes | None) -> None:
        headers = {"content-type": "application/json"} if body is not None else {}
        asked = urllib.request.Request(self.server.behind_url + self.path, body, headers, method=self.command)
        with urllib.request.urlopen(asked, timeout=30) as reply:
            answer = reply.read()
        if body is not None:
            self.server.done.set()
            self.server.let_go.wait(60)
            return
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_arguments: object) -> None:
        pass


@contextmanager
def held_upstream(behind_url: str) -> Iterator[HeldUpstream]:
    with HeldUpstream(behind_url) as upstream:
        threading.Thread(target=upstream.serve_forever, daemon=True).start()
        try:
            yield upstream
        finally:
            upstream.let_go.set()
            upstream.shutdown()
