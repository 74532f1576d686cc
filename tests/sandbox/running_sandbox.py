"""A sandbox that runs beside a test."""

import asyncio
import threading

from gatebook.sandbox.server import Addresses, Options, start


class Running:
    """A sandbox in a thread of its own."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self.addresses: Addresses | None = None
        self._thread.start()
        assert self._started.wait(60)
        assert self.addresses is not None

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        try:
            async with start(self._options) as self.addresses:
                self._started.set()
                await self._stop.wait()
        finally:
            self._started.set()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(20)
        assert not self._thread.is_alive()
