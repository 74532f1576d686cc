"""A socket to the scribe on the event loop: what is sent never blocks, what comes back is read as it comes."""

import asyncio
import socket
from collections.abc import Callable

from gatebook.outbound.stores.sqlite_frames import Frames, Written, to_gateway

_READ_BYTES = 256 * 1024


class Channel:
    """Belongs to one event loop. `on_lost` is called once, when the other end is gone, and never after `close`."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        scribe: socket.socket,
        on_written: Callable[[Written], None],
        on_lost: Callable[[], None],
    ) -> None:
        self._loop = loop
        self._scribe = scribe
        self._on_written = on_written
        self._on_lost = on_lost
        self._frames = Frames()
        self._unsent = bytearray()
        scribe.setblocking(False)
        loop.add_reader(scribe, self._read)

    def send(self, data: bytes) -> None:
        """Send, now or as soon as there is room; who calls bounds how much may wait."""
        if self._unsent:
            self._unsent += data
            return
        sent = self._send(data)
        if sent < len(data):
            self._unsent += memoryview(data)[sent:]
            self._loop.add_writer(self._scribe, self._send_rest)

    def drain(self) -> None:
        """Read what the scribe said before it ended."""
        while self._scribe.fileno() >= 0:
            self._read()

    def close(self) -> None:
        """Let go of the socket."""
        if self._scribe.fileno() >= 0:
            self._loop.remove_reader(self._scribe)
            self._loop.remove_writer(self._scribe)
            self._scribe.close()

    def _send(self, data: bytes | bytearray) -> int:
        try:
            return self._scribe.send(data)
        except BlockingIOError:
            return 0
        except OSError:  # what it said before it went is read first, then its end
            return len(data)

    def _send_rest(self) -> None:
        del self._unsent[: self._send(self._unsent)]
        if not self._unsent:
            self._loop.remove_writer(self._scribe)

    def _read(self) -> None:
        try:
            data = self._scribe.recv(_READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.close()
            self._on_lost()
        for frame in self._frames.feed(data):
            self._on_written(to_gateway.decode(frame))
