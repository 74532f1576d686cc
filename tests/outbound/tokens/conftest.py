"""A real issuer over HTTP, and gates that trust it."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from token_gate import PUBLIC_URL, TOKEN_BYTES, Gate, MovableClock, identity_settings, issuer_settings

from gatebook.issuer import Failure, Issuer, ServedIssuer
from gatebook.issuer.issuer import Readings
from gatebook.outbound.tokens import Tokens, open_signing_keys
from gatebook.settings import Issuer as IssuerSettings


@pytest.fixture(scope="session")
def served() -> Iterator[ServedIssuer]:
    """An issuer that is never told to fail: shared by all tests that only mint."""
    with ServedIssuer(algorithms=("RS256", "ES256", "EdDSA")) as running:
        yield running


@pytest.fixture(scope="session")
def issuer(served: ServedIssuer) -> Issuer:
    return served.issuer


@pytest.fixture(scope="session")
def breakable() -> Iterator[ServedIssuer]:
    with ServedIssuer(algorithms=("EdDSA",)) as running:
        yield running


@pytest.fixture
def own_issuer(breakable: ServedIssuer) -> ServedIssuer:
    """An issuer to rotate, stop and break; whole again for the next test."""
    if not breakable.running:
        breakable.start()
    breakable.issuer.failure = Failure.NONE
    breakable.issuer.readings = Readings()
    return breakable


@pytest.fixture
def make_gate(tmp_path: Path) -> Iterator[Callable[..., Gate]]:
    with asyncio.Runner() as runner:

        def make(*issuers: IssuerSettings, **changes: object) -> Gate:
            clock = MovableClock()
            now = clock.now_microseconds() // 1_000_000
            tokens = Tokens(
                identity_settings(*issuers, **changes),
                open_signing_keys(tmp_path, now),
                clock,
                public_url=PUBLIC_URL,
                token_bytes=TOKEN_BYTES,
                monotonic=clock.monotonic,
            )
            return Gate(tokens, clock, runner)

        yield make


@pytest.fixture
def gate(make_gate: Callable[..., Gate], issuer: Issuer) -> Gate:
    """A gate that accepts the shared issuer's GitHub-shaped tokens."""
    return make_gate(issuer_settings(issuer))
