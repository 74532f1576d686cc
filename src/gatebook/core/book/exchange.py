"""Exchange: the full account of one Call as a reader sees it, put together from the entries of the book."""

from dataclasses import dataclass
from enum import StrEnum

from gatebook.core.book.records import Promise, Refusal, Settlement
from gatebook.core.model import Ending, Outcome


class Status(StrEnum):
    """How an Exchange stands: an Ending, or not ended as far as the book knows."""

    ANSWERED = Ending.ANSWERED
    UPSTREAM_ERROR = Ending.UPSTREAM_ERROR
    UPSTREAM_FAILED = Ending.UPSTREAM_FAILED
    CLIENT_GONE = Ending.CLIENT_GONE
    REFUSED = Ending.REFUSED
    FAILED = Ending.FAILED
    OPEN = "open"  # promised, and the gateway that promised it still runs
    UNSETTLED = "unsettled"  # promised by a gateway that is gone: what became of the call is not known


@dataclass(frozen=True, slots=True)
class Exchange:
    """One Call: its promise and settlement, or its refusal. `opening_seq` and `closing_seq` are their places.

    A Refusal can close a promised Call too: when the promise's writing was not known to be durable.
    """

    opening: Promise | Refusal
    opening_seq: int
    closing: Settlement | Refusal | None
    closing_seq: int | None
    status: Status

    @property
    def id(self) -> str:
        """The id of the Call, which is also in the labels of its BigQuery job."""
        return self.opening.call.id

    @property
    def refusal(self) -> Refusal | None:
        """The refusal, when the Call was refused."""
        ending = self.closing or self.opening
        return ending if isinstance(ending, Refusal) else None

    @property
    def outcome(self) -> Outcome | None:
        """What came back, None when that is not known."""
        ending = self.closing or self.opening
        return None if isinstance(ending, Promise) else ending.outcome

    @property
    def ended_at_microseconds(self) -> int | None:
        """When the outcome was known, None when it is not."""
        ending = self.closing or self.opening
        return None if isinstance(ending, Promise) else ending.at_microseconds


def status_of(opening: Promise | Refusal, closing: Settlement | Refusal | None, *, gateway_lives: bool) -> Status:
    """Tell how an Exchange stands. `gateway_lives`: the gateway that wrote its opening still runs."""
    ending = closing or opening
    if isinstance(ending, Promise):
        return Status.OPEN if gateway_lives else Status.UNSETTLED
    return Status(ending.outcome.ending)
