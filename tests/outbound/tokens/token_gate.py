"""A Tokens under test, with clocks that tests can move, and settings for it."""

import asyncio
import time
from dataclasses import dataclass

from gatebook.core.model import Credential, Identity
from gatebook.issuer import Issuer
from gatebook.outbound.tokens import Tokens
from gatebook.settings import Identity as IdentitySettings
from gatebook.settings import Issuer as IssuerSettings

AUDIENCE = "https://gatebook.example"
PUBLIC_URL = "https://gatebook.example:8443"
TOKEN_BYTES = 16 * 1024


@dataclass
class MovableClock:
    """The real time, plus what a test adds."""

    ahead_seconds: float = 0.0

    def now_microseconds(self) -> int:
        return int((time.time() + self.ahead_seconds) * 1_000_000)

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead_seconds


@dataclass
class Gate:
    """Tokens and the loop that it lives in."""

    tokens: Tokens
    clock: MovableClock
    runner: asyncio.Runner

    def identify(self, text: str | None) -> Identity:
        credential = None if text is None else Credential(text)
        return self.runner.run(self.tokens.identify(credential))

    def settle(self, seconds: float = 0.3) -> None:
        """Let background readings happen."""
        self.runner.run(asyncio.sleep(seconds))


def issuer_settings(minting: Issuer, /, **changes: object) -> IssuerSettings:
    values: dict[str, object] = {
        "issuer": minting.url,
        "kind": "github_actions",
        "require": {"repository_owner_id": "1015"},
        **changes,
    }
    return IssuerSettings(**values)  # type: ignore[arg-type]  # tests name the fields


def identity_settings(*issuers: IssuerSettings, **changes: object) -> IdentitySettings:
    return IdentitySettings(audience=AUDIENCE, issuers=issuers, **changes)  # type: ignore[arg-type]
