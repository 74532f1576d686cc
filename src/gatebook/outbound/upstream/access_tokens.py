"""One Google access token, renewed before it ends, off the event loop, by one renewal at a time."""

import asyncio
import json
import logging
import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from google.auth.transport.requests import Request

from gatebook.errors import Reason, UpstreamFailed

_log = logging.getLogger(__name__)

_REQUEST_SECONDS = 10.0
_RENEWAL_SECONDS = 40.0  # the library repeats its request when Google's servers falter
_RENEW_EARLY_SECONDS = 225.0  # as Google's own libraries do
_TOO_LATE_SECONDS = 5.0  # a token that ends on its way is of no use
_UNSTATED_LIFETIME_SECONDS = 300.0
_COOL_DOWN_SECONDS = 2.0  # after a failure; callers in between get the same answer without a new try
_TOKEN = re.compile(r"[\x21-\x7e]+")
_ERROR_CODE = re.compile(r"[A-Za-z_]{1,64}")


@dataclass(frozen=True, slots=True)
class _Token:
    header: str = field(repr=False)  # "Bearer ..."
    renew_at: float  # seconds since the epoch
    ends_at: float


class AccessToken:
    """Wraps a google-auth credential, which only the renewal's thread touches. Belongs to one event loop."""

    def __init__(self, source: Any) -> None:
        self._source = source
        self._token: _Token | None = None
        self._renewal: asyncio.Task[_Token] | None = None
        self._failing = False
        self._may_try_at = 0.0

    async def authorization(self) -> str:
        """Give the Authorization header. Raises UpstreamFailed(UPSTREAM_CREDENTIAL), which tells no detail."""
        token, now = self._token, time.time()
        if token is not None and now < token.renew_at:
            return token.header
        if token is not None and now < token.ends_at:
            if now >= self._may_try_at:
                self._renew()  # in the background: this call still has a good token
            return token.header
        return (await self._renewed(now)).header

    def rejected(self) -> None:
        """Take note that upstream does not accept the token, so that the next call gets a new one."""
        if time.time() >= self._may_try_at:
            self._token = None

    async def _renewed(self, now: float) -> _Token:
        if self._failing and now < self._may_try_at and self._renewal is None:
            raise _unobtainable()
        try:
            async with asyncio.timeout(_RENEWAL_SECONDS):
                # Shielded: a caller that goes away must not end the renewal that others wait for.
                return await asyncio.shield(self._renew())
        except TimeoutError:
            raise _unobtainable() from None

    def _renew(self) -> "asyncio.Task[_Token]":
        if self._renewal is None:
            self._renewal = asyncio.get_running_loop().create_task(self._renew_off_the_loop())
            self._renewal.add_done_callback(self._renewal_ended)
        return self._renewal

    async def _renew_off_the_loop(self) -> _Token:
        try:
            return await asyncio.to_thread(_obtain, self._source)
        except Exception as error:  # noqa: BLE001 - whatever a library makes of a strange answer, its text stays here
            _log.error("Gatebook's own Google credential could not be renewed: %s", _describe(error))
            raise _unobtainable() from None

    def _renewal_ended(self, renewal: "asyncio.Task[_Token]") -> None:
        self._renewal = None
        self._may_try_at = time.time() + _COOL_DOWN_SECONDS
        if renewal.cancelled():
            return
        self._failing = renewal.exception() is not None
        if not self._failing:
            self._token = renewal.result()


def _obtain(source: Any) -> _Token:
    """Renew the credential. Runs in a thread of its own; raises whatever google-auth does."""
    source.refresh(_TimedRequest())
    if not isinstance(source.token, str) or not _TOKEN.fullmatch(source.token):
        raise ValueError("the token endpoint gave something that is not a token")
    now = time.time()
    expiry: datetime | None = source.expiry  # UTC without saying so
    lifetime = expiry.replace(tzinfo=UTC).timestamp() - now if expiry is not None else _UNSTATED_LIFETIME_SECONDS
    ends_at = now + lifetime - _TOO_LATE_SECONDS
    renew_at = min(now + max(lifetime - _RENEW_EARLY_SECONDS, lifetime / 2), ends_at)
    return _Token(f"Bearer {source.token}", renew_at, ends_at)


class _TimedRequest(Request):  # type: ignore[misc]  # google-auth has no types
    """google-auth's transport, with a shorter patience than its two minutes."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        kwargs.setdefault("timeout", _REQUEST_SECONDS)
        return super().__call__(*args, **kwargs)


def _unobtainable() -> UpstreamFailed:
    text = "Gatebook could not obtain its own Google credential. Nothing was sent. Ask its operator to look at its log."
    return UpstreamFailed(Reason.UPSTREAM_CREDENTIAL, text)


def _describe(error: Exception) -> str:
    """Say what went wrong in codes only: an answer's text may repeat what was sent."""
    kind = type(error).__name__
    answer = error.args[1] if len(error.args) > 1 else None
    if isinstance(answer, str):
        try:
            answer = json.loads(answer)
        except ValueError:
            answer = None
    code = answer.get("error") if isinstance(answer, dict) else None
    if isinstance(code, dict):
        code = code.get("status")
    return f"{kind} ({code})" if isinstance(code, str) and _ERROR_CODE.fullmatch(code) else kind
