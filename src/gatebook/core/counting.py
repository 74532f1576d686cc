"""Counting: refusals of callers that proved nothing, where there are too many of them to write each one down.

Anybody can be refused, as often as they like. Written down in full for ever, that would fill the disk; left out, it
would be how to act unseen. So, of one source in one minute, the first are written in full and the others are counted:
how many, and why they were refused. Sources are bounded too: beyond that many in a minute, they are one.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from ipaddress import IPv6Address, ip_address

from gatebook.core.asked import asked
from gatebook.core.book.records import Refusal
from gatebook.core.model import Body, Call, Effect, Ending, Method, Origin, Outcome, Provenance
from gatebook.errors import Reason

COUNTED = Method("gatebook.refusals.counted", "", "", Effect.UNKNOWN, Body.NONE)
SEVERAL = "several"

_MINUTE_MICROSECONDS = 60_000_000
_SOURCES = 1024
_SQL_CHARACTERS = 4096
_ORIGIN_CHARACTERS = 512
_NETWORK_BITS = 64  # what one subscriber of IPv6 has (RFC 6177)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many refusals of a minute: written in full for one source, and for all; answered with their own reason."""

    in_full: int
    in_full_together: int
    answered: int


@dataclass(frozen=True, slots=True)
class Counted:
    """One that was counted: its record is not written, so that a summary may have its id."""

    id: str
    received_at_microseconds: int
    user_agent: str


@dataclass(slots=True)
class Count:
    """The refusals of one source in one minute. `untold` are those that no record tells of yet, by their reason."""

    source: str
    refused: int = 0
    in_full: int = 0
    untold: Counter[Reason] = field(default_factory=Counter)
    first: Counted | None = None
    last: Counted | None = None


class Tally:
    """Counts minute by minute, as refusals come."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._minute = 0
        self._in_full = 0
        self._counts: dict[str, Count] = {}
        self._past: list[Count] = []

    def note(self, refusal: Refusal) -> Count | None:
        """Note a refusal. Gives where it is counted, None when it is to be written in full."""
        self._turn(refusal.at_microseconds)
        count = self._count(source_of(refusal.call.origin.address))
        count.refused += 1
        if count.in_full < self._bounds.in_full and self._in_full < self._bounds.in_full_together:
            count.in_full += 1
            self._in_full += 1
            return None
        origin = refusal.call.origin
        count.last = Counted(
            refusal.call.id, refusal.call.received_at_microseconds, origin.user_agent[:_ORIGIN_CHARACTERS]
        )
        count.first = count.first or count.last
        count.untold[refusal.reason] += 1
        return count

    def is_answered(self, count: Count) -> bool:
        """Tell whether the source still hears why it is refused."""
        return count.refused <= self._bounds.answered

    def over(self, now_microseconds: int | None) -> Iterator[Count]:
        """Give the counts of minutes that are over and not told of to their end; of all minutes, without a time."""
        self._turn((self._minute + 1) * _MINUTE_MICROSECONDS if now_microseconds is None else now_microseconds)
        self._past = [count for count in self._past if count.untold]
        yield from tuple(self._past)

    def _turn(self, at_microseconds: int) -> None:
        minute = at_microseconds // _MINUTE_MICROSECONDS
        if minute > self._minute:
            self._past += [count for count in self._counts.values() if count.untold]
            self._minute, self._in_full, self._counts = minute, 0, {}

    def _count(self, source: str) -> Count:
        if source not in self._counts and len(self._counts) >= _SOURCES:
            source = SEVERAL
        return self._counts.setdefault(source, Count(source))


def source_of(address: str) -> str:
    """Give what stands for a peer: its address, of IPv6 the network that one subscriber has."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    network = int(parsed) >> (128 - _NETWORK_BITS) << (128 - _NETWORK_BITS)
    return f"{IPv6Address(network)}/{_NETWORK_BITS}"


def summary(source: str, one: Counted, numbers: Counter[Reason], at_microseconds: int) -> Refusal:
    """Give the record that tells how many refusals of a source were counted, by reason; it has the id of one of them.

    The reasons and their numbers are the resource of its Call.
    """
    reasons = sorted((reason.value, str(number)) for reason, number in numbers.items())
    told = ", ".join(f"{number} {reason}" for reason, number in reasons)
    call = Call(
        one.id,
        one.received_at_microseconds,
        COUNTED,
        dict(reasons),
        (),
        {},
        None,
        Origin(source, one.user_agent),
    )
    return Refusal(
        call=call,
        identity=None,
        declared=Provenance(),
        request=asked(call),
        footprint=None,
        decision=None,
        reason=Reason.TOO_MANY_REFUSALS,
        message=f"More refusals without a proven caller, counted and not written down one by one: {told}.",
        outcome=Outcome(status=0, ending=Ending.REFUSED),
        at_microseconds=at_microseconds,
    )


def shortened(refusal: Refusal) -> Refusal:
    """Give a refusal as it is kept of a caller that proved nothing: without long texts. Its digest covers them."""
    request, call = refusal.request, refusal.call
    if request.sql is not None and len(request.sql) > _SQL_CHARACTERS:
        request = replace(request, sql=None)
    if sum(len(name) + len(value) for name, value in call.parameters) > _SQL_CHARACTERS:
        call = replace(call, parameters=())
    cut = call.origin.request_reason
    origin = Origin(call.origin.address, call.origin.user_agent[:_ORIGIN_CHARACTERS], cut and cut[:_ORIGIN_CHARACTERS])
    return replace(refusal, call=replace(call, origin=origin), request=replace(request, query_parameters=()))
