"""A CONNECT proxy that stands in for DNS: whatever host a client asks for, it reaches one port of this machine."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_WR, create_connection, socket


class _Tunnels(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Tunnel)
        self.port = port
        self.asked: set[str] = set()


class _Tunnel(BaseHTTPRequestHandler):
    server: _Tunnels

    def do_CONNECT(self) -> None:
        self.server.asked.add(self.path)
        self.send_response(200)
        self.end_headers()
        with create_connection(("127.0.0.1", self.server.port)) as end:
            back = threading.Thread(target=_pour, args=(end, self.connection), daemon=True)
            back.start()
            _pour(self.connection, end)
            back.join()

    def log_message(self, *_arguments: object) -> None:
        pass


def _pour(source: socket, target: socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(SHUT_WR)


@contextmanager
def tunnels_to(port: int) -> Iterator[tuple[str, set[str]]]:
    """Run the proxy; gives its URL and the hosts that it was asked for so far."""
    with _Tunnels(port) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", server.asked
        finally:
            server.shutdown()
