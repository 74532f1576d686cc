"""The wall clock."""

import time


class SystemClock:
    """The Clock port on the system's time."""

    def now_microseconds(self) -> int:
        """Give the time in microseconds since the epoch, UTC."""
        return time.time_ns() // 1000
