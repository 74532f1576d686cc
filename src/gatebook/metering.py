"""A permitted call is counted against its caller's limits, and made to stay within its ceilings."""

from gatebook.core.ceilings import capped, exhausted
from gatebook.core.model import Call, Caller
from gatebook.core.policy.decision import Ceilings
from gatebook.errors import Reason, Refused
from gatebook.ports import Meter


def begin(
    call: Call, caller: Caller, ceilings: Ceilings, bytes_expected: int | None, meter: Meter, now_microseconds: int
) -> Call:
    """Give the call as it may go on, and count it. To be called before anything is awaited after the usage was read.

    Raises Refused (LIMIT) when the caller has been given all rows that it may have.
    """
    rows_given = meter.rows_given(call, caller)
    if exhausted(call, ceilings, rows_given):
        raise Refused(
            Reason.LIMIT,
            f"Access Denied: the policy gives this caller {ceilings.result_rows} rows of one result or table "
            "(result_rows), and it has had them. Aggregate in the query, or ask for more in the policy.",
        )
    going_on = capped(call, ceilings, rows_given)
    meter.begin(going_on, caller, bytes_expected, now_microseconds)
    return going_on
