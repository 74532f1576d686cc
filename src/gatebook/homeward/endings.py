"""How a call ended, told from what ended it."""

import asyncio

from gatebook.core.model import Ending
from gatebook.errors import Fault, Unavailable, UpstreamFailed
from gatebook.ports import UpstreamReply


def ending_with(reply: UpstreamReply) -> Ending:
    """Give the ending of a call whose reply came to its end."""
    return Ending.ANSWERED if reply.status < 400 else Ending.UPSTREAM_ERROR


def ending_of(error: BaseException) -> Ending:
    """Give the ending of a call that an error ended."""
    match error:
        case UpstreamFailed():
            return Ending.UPSTREAM_FAILED
        case Unavailable():
            return Ending.FAILED
        case Fault():
            return Ending.REFUSED
        case asyncio.CancelledError() | GeneratorExit():
            return Ending.CLIENT_GONE
        case _:
            return Ending.FAILED
