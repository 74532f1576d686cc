"""The keys of one issuer, as they are believed at this moment.

| keys are | a known key | an unknown key |
|---|---|---|
| not read yet | read them, wait | read them, wait |
| fresh | answer | read again once per cool-down, wait |
| old | answer, read again in the background | read again once per cool-down, wait |
| too old (issuer down for long) | read again, wait; else unavailable | the same |

An unknown key is refused only when the issuer could be asked; while it cannot, the answer is "unavailable", since the
key may be new. The cool-down keeps tokens with invented keys from turning the gateway against the issuer; after a
reading that failed it is shorter, so that a passing fault does not shut callers out for a minute.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gatebook.errors import Reason, Refused, Unavailable
from gatebook.outbound.tokens.fetch import KeysUnreadable
from gatebook.outbound.tokens.jwks import VerificationKey

RETRY_SECONDS = 5.0  # after a reading that failed

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Freshness:
    """How long keys are believed, in seconds; see `settings.Identity`."""

    cool_down_seconds: float
    fresh_seconds: float
    stale_seconds: float
    patience_seconds: float  # how long a caller waits for a reading


class IssuerKeys:
    """Finds an issuer's keys by id. `fetch` blocks and raises KeysUnreadable; `monotonic` gives seconds."""

    def __init__(
        self,
        issuer: str,
        fetch: Callable[[], Mapping[str, VerificationKey]],
        freshness: Freshness,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._issuer = issuer
        self._fetch = fetch
        self._freshness = freshness
        self._monotonic = monotonic
        self._keys: Mapping[str, VerificationKey] = {}
        self._read_at = float("-inf")
        self._ask_again_at = float("-inf")
        self._reachable = True
        self._reading: asyncio.Task[None] | None = None

    async def find(self, key_id: str) -> VerificationKey:
        """Give the key. Raises Refused (TOKEN_SIGNATURE) or Unavailable (ISSUER_UNAVAILABLE)."""
        if not self._believable() or key_id not in self._keys:
            await self._ask()
        elif self._age() > self._freshness.fresh_seconds:
            self._start_reading()
        key = self._keys.get(key_id) if self._believable() else None
        if key is None:
            raise self._not_found()
        return key

    def believed_for_seconds(self) -> float:
        """Say how long a verification with these keys may be remembered: until they are old, or are asked for again."""
        return max(self._freshness.fresh_seconds - self._age(), self._ask_again_at - self._monotonic(), 0.0)

    def _age(self) -> float:
        return self._monotonic() - self._read_at

    def _believable(self) -> bool:
        return self._age() <= max(self._freshness.stale_seconds, self._freshness.fresh_seconds)

    def _not_found(self) -> Refused | Unavailable:
        if self._reachable and self._believable() and self._reading is None:
            return Refused(
                Reason.TOKEN_SIGNATURE, "the token is signed with a key that its issuer does not publish (any more)"
            )
        return Unavailable(
            Reason.ISSUER_UNAVAILABLE, "the token's issuer cannot be asked for its keys at the moment: try again later"
        )

    async def _ask(self) -> None:
        """Wait for a reading, unless it is too early for one. All who wait share one, and none of them can end it."""
        reading = self._start_reading()
        if reading is not None:
            await asyncio.wait({reading}, timeout=self._freshness.patience_seconds)

    def _start_reading(self) -> asyncio.Task[None] | None:
        if self._reading is None and self._monotonic() >= self._ask_again_at:
            self._reading = asyncio.create_task(self._read())
        return self._reading

    async def _read(self) -> None:
        self._reachable = False
        try:
            self._keys = await asyncio.to_thread(self._fetch)
            self._read_at, self._reachable = self._monotonic(), True
        except KeysUnreadable as error:
            _log.warning("keys of issuer %s: %s", self._issuer, error)
        finally:
            wait = self._freshness.cool_down_seconds
            self._ask_again_at = self._monotonic() + (wait if self._reachable else min(wait, RETRY_SECONDS))
            self._reading = None
