"""A running issuer: in a thread for tests, in the foreground for people."""

import socket
import threading
import time
from collections.abc import Iterable
from types import TracebackType
from typing import Self

import uvicorn

from gatebook.issuer.app import create_app
from gatebook.issuer.issuer import Issuer

START_SECONDS = 10.0


class ServedIssuer:
    """A context manager that serves an issuer on loopback. Stop and start it to see how others bear its absence."""

    def __init__(self, *, host: str = "127.0.0.1", port: int = 0, algorithms: Iterable[str] = ("RS256",)) -> None:
        self._host = host
        self._socket = _bound(host, port)
        self._port: int = self._socket.getsockname()[1]
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self.issuer = Issuer(f"http://{host}:{self._port}", algorithms)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    @property
    def running(self) -> bool:
        """Tell whether connections are accepted."""
        return self._server is not None

    def start(self) -> None:
        """Serve, at the same address as before; return when connections are accepted."""
        if self._socket.fileno() == -1:
            self._socket = _bound(self._host, self._port)
        self._server = server_of(self.issuer)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="issuer", daemon=True
        )
        self._thread.start()
        deadline = time.monotonic() + START_SECONDS
        while not self._server.started:
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise RuntimeError("the issuer did not start")
            time.sleep(0.005)

    def stop(self) -> None:
        """Stop serving; connections are refused from now on."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = self._server.force_exit = True
            self._thread.join(START_SECONDS)
        self._server = self._thread = None
        self._socket.close()


def server_of(issuer: Issuer) -> uvicorn.Server:
    """Make the HTTP server of an issuer."""
    return uvicorn.Server(uvicorn.Config(create_app(issuer), lifespan="off", access_log=False, log_level="error"))


def _bound(host: str, port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((host, port))
    listening.listen(128)
    return listening
