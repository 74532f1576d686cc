"""The registered claims of RFC 7519 that say for whom and when a token holds: `aud`, `exp`, `nbf`, `iat`."""

import math
from collections.abc import Collection, Mapping

from gatebook.errors import Reason, Refused

LAST_SECOND = 253_402_300_799  # the end of the year 9999


def check_audience(claims: Mapping[str, object], accepted: Collection[str], advice: str) -> None:
    """Refuse (TOKEN_AUDIENCE) a token that is not for us, and for us alone.

    RFC 7519 section 4.1.3 allows several audiences. A token for several is a token that each of them can replay to
    the others, so only one is accepted; Kubernetes writes it as a list of one.
    """
    audience = claims.get("aud")
    if isinstance(audience, list) and len(audience) == 1:
        audience = audience[0]
    if isinstance(audience, list):
        raise Refused(Reason.TOKEN_AUDIENCE, f"the token names several audiences or none: {advice}")
    if not isinstance(audience, str) or audience not in accepted:
        raise Refused(Reason.TOKEN_AUDIENCE, f"the token is not meant for this gateway: {advice}")


def check_times(claims: Mapping[str, object], now_seconds: float, leeway_seconds: float) -> int:
    """Refuse a token outside its time; give `exp`. Clocks may differ by the leeway.

    `exp` and `iat` must be there: a token without an end is a key (and was a vulnerability in SPIRE before 1.11.3).
    """
    expires, issued = _date(claims, "exp"), _date(claims, "iat")
    not_before = issued if claims.get("nbf") is None else _date(claims, "nbf")
    if now_seconds >= expires + leeway_seconds:  # RFC 7519 section 4.1.4: on or after
        raise Refused(Reason.TOKEN_EXPIRED, "the token has expired: fetch a fresh one from the issuer and try again")
    if max(issued, not_before) > now_seconds + leeway_seconds:
        raise Refused(
            Reason.TOKEN_NOT_YET_VALID, "the token is not valid yet: the clocks of issuer and gateway may differ"
        )
    if expires <= max(issued, not_before):
        raise Refused(Reason.TOKEN_MALFORMED, "the token ends before it begins")
    return math.floor(expires)


def _date(claims: Mapping[str, object], name: str) -> float:
    """Read a NumericDate (RFC 7519 section 2): seconds since the epoch; fractions are allowed, text is not."""
    value = claims.get(name)
    if value is None:
        raise Refused(Reason.TOKEN_CLAIMS, f"the token lacks the claim {name!r}, which every token must have")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LAST_SECOND:
        raise Refused(Reason.TOKEN_MALFORMED, f"the token's claim {name!r} is not a time")
    return value
