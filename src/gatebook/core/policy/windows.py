"""Times of the week, in a time zone. The zone's rules are read when the policy is compiled, never for a decision."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from gatebook.core.policy import document

Zones = Callable[[str], tzinfo]  # raises KeyError or ValueError for a name that is no zone's

_DAYS: tuple[document.Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """From one minute of the day until before another, on some days. One that ends before it begins goes past midnight.

    The part past midnight belongs to the day on which the window began.
    """

    days: frozenset[int]
    begin_minute: int
    end_minute: int
    zone: tzinfo

    @classmethod
    def of(cls, window: document.Window, zones: Zones) -> "TimeWindow":
        """Read a window. Raises ValueError."""
        begin, end = _minute(window.from_), _minute(window.until)
        if begin == end:
            raise ValueError("is never: it ends when it begins")
        try:
            zone = zones(window.zone)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"names no time zone: {window.zone!r}. Write one as in Europe/Berlin") from error
        return cls(frozenset(_DAYS.index(day) for day in window.days or _DAYS), begin, end, zone)

    def holds(self, now_microseconds: int) -> bool:
        """Tell whether a moment is in the window."""
        moment = (_EPOCH + timedelta(microseconds=now_microseconds)).astimezone(self.zone)
        minute, day = moment.hour * 60 + moment.minute, moment.weekday()
        if self.begin_minute < self.end_minute:
            return day in self.days and self.begin_minute <= minute < self.end_minute
        if minute >= self.begin_minute:
            return day in self.days
        return minute < self.end_minute and (day - 1) % 7 in self.days


def _minute(time_of_day: str) -> int:
    hours, minutes = time_of_day.split(":")
    return int(hours) * 60 + int(minutes)
