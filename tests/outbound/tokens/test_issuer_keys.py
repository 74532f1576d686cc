"""An issuer's keys over real HTTP: rotation, cool-down, staleness, single flight, and issuers that misbehave."""

import asyncio
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import requests
from token_gate import AUDIENCE, Gate, issuer_settings

from gatebook.core.model import Credential
from gatebook.errors import Reason, Refused, Unavailable
from gatebook.issuer import Failure, Flaw, ServedIssuer
from gatebook.outbound.tokens.fetch import KeySource, KeysUnreadable, fetch_keys, is_safe_url
from gatebook.outbound.tokens.issuer_keys import RETRY_SECONDS, Freshness, IssuerKeys
from gatebook.outbound.tokens.jwks import VerificationKey
from gatebook.settings import SettingsError

COOL_DOWN, FRESH, STALE = 60.0, 3600.0, 86400.0


@pytest.fixture
def gate(make_gate: Callable[..., Gate], own_issuer: ServedIssuer) -> Gate:
    return make_gate(issuer_settings(own_issuer.issuer), request_timeout_seconds=0.5)


def token(served: ServedIssuer) -> str:
    """Mint a token that outlives every staleness bound, so that only its key is in question."""
    return served.issuer.mint(audience=AUDIENCE, lifetime_seconds=10 * 86400)


def test_keys_are_read_once_for_many_tokens(gate: Gate, own_issuer: ServedIssuer) -> None:
    for _ in range(5):
        gate.identify(token(own_issuer))
    assert (own_issuer.issuer.readings.discovery, own_issuer.issuer.readings.keys) == (1, 1)


def test_new_key_is_learnt_after_the_cool_down(gate: Gate, own_issuer: ServedIssuer) -> None:
    before = token(own_issuer)
    gate.identify(before)
    own_issuer.issuer.rotate()
    after = token(own_issuer)
    with pytest.raises(Refused) as refused:
        gate.identify(after)
    assert refused.value.reason == Reason.TOKEN_SIGNATURE
    assert own_issuer.issuer.readings.keys == 1
    gate.clock.ahead_seconds += COOL_DOWN
    gate.identify(after)
    gate.identify(before)  # still published
    assert own_issuer.issuer.readings.keys == 2


def test_invented_keys_cause_one_reading_a_cool_down(gate: Gate, own_issuer: ServedIssuer) -> None:
    gate.identify(token(own_issuer))
    for _round in range(3):
        gate.clock.ahead_seconds += COOL_DOWN
        for _ in range(4):
            with pytest.raises(Refused):
                gate.identify(own_issuer.issuer.mint_flawed(Flaw.UNKNOWN_KEY, audience=AUDIENCE))
    assert own_issuer.issuer.readings.keys == 4


def test_tokens_that_cannot_be_good_cause_no_reading(gate: Gate, own_issuer: ServedIssuer) -> None:
    for flaw in (Flaw.EXPIRED, Flaw.WRONG_AUDIENCE, Flaw.UNSIGNED, Flaw.NO_EXPIRY, Flaw.NOT_YET_VALID):
        with pytest.raises(Refused):
            gate.identify(own_issuer.issuer.mint_flawed(flaw, audience=AUDIENCE))
    assert own_issuer.issuer.readings.keys == 0


def test_withdrawn_key_is_not_believed_once_keys_are_read_again(gate: Gate, own_issuer: ServedIssuer) -> None:
    stolen = token(own_issuer)
    gate.identify(stolen)
    own_issuer.issuer.rotate(keep_previous=False)
    gate.clock.ahead_seconds += FRESH + 1
    gate.identify(stolen)  # answered with the old keys, while new ones are read in the background
    gate.settle()
    gate.clock.ahead_seconds += COOL_DOWN
    with pytest.raises(Refused) as refused:
        gate.identify(stolen)
    assert refused.value.reason == Reason.TOKEN_SIGNATURE


def test_old_keys_serve_while_the_issuer_is_down_and_not_for_ever(gate: Gate, own_issuer: ServedIssuer) -> None:
    gate.identify(token(own_issuer))
    own_issuer.stop()
    gate.clock.ahead_seconds += FRESH + 1
    gate.identify(token(own_issuer))
    gate.settle()
    gate.clock.ahead_seconds += STALE - FRESH - 10
    gate.identify(token(own_issuer))
    gate.settle()
    gate.clock.ahead_seconds += 20
    with pytest.raises(Unavailable) as unavailable:
        gate.identify(token(own_issuer))
    assert unavailable.value.reason == Reason.ISSUER_UNAVAILABLE
    own_issuer.start()
    gate.clock.ahead_seconds += RETRY_SECONDS
    gate.identify(token(own_issuer))


def test_unknown_key_while_the_issuer_is_down_is_unavailable_not_refused(gate: Gate, own_issuer: ServedIssuer) -> None:
    gate.identify(token(own_issuer))
    own_issuer.stop()
    own_issuer.issuer.rotate()
    gate.clock.ahead_seconds += COOL_DOWN
    for _ in range(2):  # asked, then in the cool-down
        with pytest.raises(Unavailable):
            gate.identify(token(own_issuer))


def test_failed_first_reading_is_tried_again_soon_and_not_at_once(gate: Gate, own_issuer: ServedIssuer) -> None:
    own_issuer.issuer.failure = Failure.ERROR
    for _ in range(3):
        with pytest.raises(Unavailable):
            gate.identify(token(own_issuer))
    assert own_issuer.issuer.readings.discovery == 1
    own_issuer.issuer.failure = Failure.NONE
    gate.clock.ahead_seconds += RETRY_SECONDS
    gate.identify(token(own_issuer))


@pytest.mark.parametrize("failure", [failure for failure in Failure if failure is not Failure.NONE])
def test_issuer_that_misbehaves_is_unavailable_in_bounded_time(
    failure: Failure, gate: Gate, own_issuer: ServedIssuer, caplog: pytest.LogCaptureFixture
) -> None:
    own_issuer.issuer.failure = failure
    began = time.monotonic()
    with pytest.raises(Unavailable) as unavailable:
        gate.identify(token(own_issuer))
    assert time.monotonic() - began < 3.0
    assert unavailable.value.reason == Reason.ISSUER_UNAVAILABLE
    assert own_issuer.issuer.url not in unavailable.value.message
    assert len(caplog.records) == 1
    assert own_issuer.issuer.url in caplog.text


def test_misbehaviour_does_not_cost_keys_that_are_known(gate: Gate, own_issuer: ServedIssuer) -> None:
    gate.identify(token(own_issuer))
    for failure in (Failure.ERROR, Failure.GARBAGE, Failure.NO_KEYS, Failure.OTHER_ISSUER):
        own_issuer.issuer.failure = failure
        gate.clock.ahead_seconds += FRESH
        gate.identify(token(own_issuer))
        gate.settle(0.1)
    gate.identify(token(own_issuer))


def test_callers_at_once_share_one_reading(gate: Gate, own_issuer: ServedIssuer) -> None:
    async def many() -> None:
        await asyncio.gather(*(gate.tokens.identify(Credential(token(own_issuer))) for _ in range(20)))

    gate.runner.run(many())
    assert own_issuer.issuer.readings.keys == 1


def test_caller_that_goes_away_does_not_end_the_reading_of_others(gate: Gate, own_issuer: ServedIssuer) -> None:
    async def one_goes_away() -> None:
        first = asyncio.create_task(gate.tokens.identify(Credential(token(own_issuer))))
        second = asyncio.create_task(gate.tokens.identify(Credential(token(own_issuer))))
        await asyncio.sleep(0)
        first.cancel()
        assert (await second).caller.issuer == own_issuer.issuer.url

    gate.runner.run(one_goes_away())
    assert own_issuer.issuer.readings.keys == 1


def test_reading_that_never_ends_is_not_waited_for() -> None:
    """A fetch that hangs (headers that trickle) holds one thread, and callers only for their patience."""
    calls = 0

    def hang() -> Mapping[str, VerificationKey]:
        nonlocal calls
        calls += 1
        time.sleep(0.4)
        raise KeysUnreadable("at last")

    async def run() -> None:
        keys = IssuerKeys("https://issuer.example", hang, Freshness(0.01, FRESH, STALE, patience_seconds=0.05))
        for _ in range(4):
            with pytest.raises(Unavailable):
                await keys.find("k")
        assert calls == 1

    asyncio.run(run())


def test_repeated_token_is_verified_again_when_keys_may_have_changed(gate: Gate, own_issuer: ServedIssuer) -> None:
    text = token(own_issuer)
    assert gate.identify(text) is gate.identify(text)
    own_issuer.issuer.rotate(keep_previous=False)
    gate.clock.ahead_seconds += COOL_DOWN
    with pytest.raises(Refused):
        gate.identify(own_issuer.issuer.mint_flawed(Flaw.UNKNOWN_KEY, audience=AUDIENCE))  # makes the gate read again
    gate.clock.ahead_seconds += FRESH
    with pytest.raises(Refused):
        gate.identify(text)


def test_repeated_token_ends_when_it_expires(gate: Gate, own_issuer: ServedIssuer) -> None:
    text = own_issuer.issuer.mint(audience=AUDIENCE, lifetime_seconds=300)
    gate.identify(text)
    gate.clock.ahead_seconds += 325
    gate.identify(text)  # within the leeway
    gate.clock.ahead_seconds += 10
    with pytest.raises(Refused) as refused:
        gate.identify(text)
    assert refused.value.reason == Reason.TOKEN_EXPIRED


def test_http_client_bears_no_credentials_of_the_machine(
    own_issuer: ServedIssuer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login robot password hunter2\n")
    monkeypatch.setenv("NETRC", str(netrc))
    seen: list[str | None] = []
    send = requests.Session.send

    def watched(self: requests.Session, request: requests.PreparedRequest, **options: object) -> requests.Response:
        seen.append(request.headers.get("Authorization"))
        return send(self, request, **options)  # type: ignore[arg-type]  # passed through

    monkeypatch.setattr(requests.Session, "send", watched)
    url = own_issuer.issuer.url
    fetch_keys(KeySource(url, f"{url}/.well-known/openid-configuration", None, 5.0))
    assert seen == [None, None]


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://issuer.example/keys", True),
        ("http://127.0.0.1:80/keys", True),
        ("http://localhost/keys", True),
        ("http://issuer.example/keys", False),
        ("http://169.254.169.254/keys", False),
        ("http://127.0.0.1.evil.example/keys", False),
        ("http://user@127.0.0.1/keys", False),
        ("https://user:secret@issuer.example/keys", False),
        ("file:///etc/passwd", False),
        ("ftp://127.0.0.1/keys", False),
        ("https://", False),
        ("https://[::1", False),
        ("//issuer.example/keys", False),
        ("", False),
    ],
)
def test_where_keys_may_come_from(url: str, safe: bool) -> None:
    assert is_safe_url(url, allow_loopback=True) is safe
    assert is_safe_url(url, allow_loopback=False) is (safe and url.startswith("https"))


def test_ca_file_that_is_not_there_is_an_error_at_the_start(
    make_gate: Callable[..., Gate], own_issuer: ServedIssuer
) -> None:
    with pytest.raises(SettingsError, match="ca_file"):
        make_gate(issuer_settings(own_issuer.issuer, ca_file=Path("/nowhere/ca.pem")))
