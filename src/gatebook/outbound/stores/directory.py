"""The data directory: private to its owner, and written by one gateway at a time."""

import fcntl
import os
import time
from pathlib import Path
from typing import Self

from gatebook.outbound.stores.errors import StoreError

GATEWAY_LOCK = "book.lock"
SCRIBE_LOCK = "scribe.lock"
_LOCK_TRIES = 10
_LOCK_PAUSE_SECONDS = 0.05
_HELD_BACK = {
    GATEWAY_LOCK: (
        "another gateway (process {holder}) writes the book here. Stop it first, or give this gateway a data_directory"
        " of its own."
    ),
    SCRIBE_LOCK: (
        "what a gateway (process {holder}) that is gone has left is still being written to the book here. Try again"
        " when the disk has taken it."
    ),
}


def make_private(directory: Path) -> None:
    """Make the directory, or take it over, so that nobody else can look into it (0700). Raises StoreError."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if directory.stat().st_mode & 0o077:
            directory.chmod(0o700)
    except OSError as error:
        raise StoreError(f"{directory}: cannot be the data directory: {error.strerror}") from error


def make_private_file(path: Path) -> None:
    """Make an empty file that only its owner can read (0600) unless it is there; SQLite's other files follow it."""
    os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    path.chmod(0o600)


class Lock:
    """A right that one process has at a time, from `take` to `release` or to the end of the process, however it ends.

    A process that inherits the file has the right too, to its own end.
    """

    def __init__(self, directory: Path, name: str = GATEWAY_LOCK) -> None:
        self._path = directory / name
        self._held_back = _HELD_BACK[name]
        self._file: int | None = None

    def __enter__(self) -> Self:
        self.take()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def take(self) -> None:
        """Take the lock. Raises StoreError when another process has it.

        A reader that looks whether a gateway lives holds it for a moment, so that a few tries are made.
        """
        make_private_file(self._path)
        file = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
        for _ in range(_LOCK_TRIES):
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(_LOCK_PAUSE_SECONDS)
                continue
            os.ftruncate(file, 0)
            os.write(file, f"{os.getpid()}\n".encode())
            self._file = file
            return
        holder = os.read(file, 32).decode("ascii", "replace").strip() or "unknown"
        os.close(file)
        raise StoreError(self._held_back.format(holder=holder))

    def release(self) -> None:
        """Give the lock back."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def fileno(self) -> int:
        """Give the file to inherit. Raises ValueError when the lock is not held."""
        if self._file is None:
            raise ValueError("the lock is not held")
        return self._file


def gateway_lives(directory: Path) -> bool:
    """Tell whether a gateway that writes the book of this directory runs."""
    try:
        file = os.open(directory / GATEWAY_LOCK, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False
