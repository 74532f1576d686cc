"""Starts the scribe as a process of its own, the only one that writes its book."""

import os
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from gatebook.outbound.stores.directory import SCRIBE_LOCK, Lock

_SCRIBE = "gatebook.outbound.stores.sqlite_scribe"
# The environment of the gateway may hold secrets; the scribe needs none of them.
_ENVIRONMENT = ("HOME", "LANG", "LC_ALL", "PATH", "PYTHONPATH", "VIRTUAL_ENV")


class Running(Protocol):
    """A scribe that was started, and the gateway's end of the socket to it."""

    @property
    def socket(self) -> socket.socket:
        """Where it takes writings, and answers."""
        ...

    def over(self) -> bool:
        """Tell whether it has ended: nothing of it will be written any more."""
        ...

    def end(self) -> None:
        """End it at once, whatever it does. It may take until the disk lets go of it."""
        ...

    def wait(self, seconds: float) -> bool:
        """Wait so long for its end; tell whether it came. Blocks."""
        ...


class Launch(Protocol):
    """Starts a scribe."""

    def __call__(self, path: Path, epoch: int) -> Running:
        """Start a scribe for the file at `path`. Raises OSError or StoreError."""
        ...


class ScribeProcess:
    """Implements Running."""

    def __init__(self, process: "subprocess.Popen[bytes]", gateway: socket.socket) -> None:
        self.process = process
        self.socket = gateway

    def over(self) -> bool:
        """Tell whether it has ended."""
        return self.process.poll() is not None

    def end(self) -> None:
        """End it at once."""
        self.process.kill()

    def wait(self, seconds: float) -> bool:
        """Wait for its end."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        return self.over()


def launch(path: Path, epoch: int) -> ScribeProcess:
    """Start the scribe. Raises OSError or StoreError.

    It holds the lock of scribes to its end: no other writes beside it, not even that of a gateway which follows on
    one that was killed.
    """
    gateway, scribe = socket.socketpair()
    with scribe, Lock(path.parent, SCRIBE_LOCK) as lock:
        process = subprocess.Popen(
            [sys.executable, "-m", _SCRIBE, str(scribe.fileno()), str(path), str(epoch)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=(scribe.fileno(), lock.fileno()),
            env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
            start_new_session=True,  # Ctrl-C is for the gateway
        )
    return ScribeProcess(process, gateway)
