"""Tokens as the journey uses it: every kind of issuer by settings, repeated tokens, help texts, and what is logged."""

import logging
from collections.abc import Callable

import pytest
from token_gate import AUDIENCE, PUBLIC_URL, Gate, issuer_settings

from gatebook.core.model import Caller, CallerKind, Identity, Provenance
from gatebook.errors import Reason, Refused
from gatebook.issuer import Flaw, Issuer
from gatebook.outbound.tokens import verified
from gatebook.outbound.tokens.compact import parse
from gatebook.outbound.tokens.verified import VerifiedTokens, digest_of

REQUIRE = {
    "github_actions": {"repository_owner_id": "1015"},
    "gitlab_ci": {"project_id": ("20", "21")},
    "kubernetes": {"kubernetes.io.namespace": "etl"},
    "google_service_account": {"email": "etl@acme-data.iam.gserviceaccount.com"},
    "workload": {"sub": "spiffe://acme.example/agent/analyst"},
}


@pytest.mark.parametrize("kind", CallerKind)
def test_each_kind_of_issuer(kind: CallerKind, make_gate: Callable[..., Gate], issuer: Issuer) -> None:
    gate = make_gate(issuer_settings(issuer, kind=kind.value, require=REQUIRE[kind]))
    identity = gate.identify(issuer.mint(kind, audience=AUDIENCE))
    assert (identity.caller.kind, identity.caller.issuer) == (kind, issuer.url)
    other = make_gate(issuer_settings(issuer, kind=kind.value, require={"sub": "somebody-else"}))
    with pytest.raises(Refused) as refused:
        other.identify(issuer.mint(kind, audience=AUDIENCE))
    assert refused.value.reason == Reason.TOKEN_CLAIMS


def test_audience_of_an_issuer_that_fixes_its_own(make_gate: Callable[..., Gate], issuer: Issuer) -> None:
    gate = make_gate(issuer_settings(issuer, audiences=("api://AzureADTokenExchange",)))
    gate.identify(issuer.mint(audience="api://AzureADTokenExchange"))
    with pytest.raises(Refused, match="api://AzureADTokenExchange"):
        gate.identify(issuer.mint(audience=AUDIENCE))


def test_repeated_token_is_not_proven_again(gate: Gate, issuer: Issuer) -> None:
    text = issuer.mint(audience=AUDIENCE)
    assert gate.identify(text) is gate.identify(text)


def test_missing_token_and_googles_credentials_are_answered_with_the_set_up(gate: Gate) -> None:
    for text, reason in ((None, Reason.TOKEN_MISSING), ("ya29.abc", Reason.GOOGLE_CREDENTIAL)):
        with pytest.raises(Refused) as refused:
            gate.identify(text)
        assert refused.value.reason == reason
        for part in ("GOOGLE_APPLICATION_CREDENTIALS", f"{PUBLIC_URL}/v1/token", AUDIENCE):
            assert part in refused.value.message


def test_new_claims_of_an_issuer_are_logged_once_by_name(
    gate: Gate, issuer: Issuer, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(3):
        gate.identify(issuer.mint(audience=AUDIENCE, claims={"brand\nnew": f"secret{number}", "other": "secret"}))
    messages = [record.getMessage() for record in caplog.records]
    assert len(messages) == 1
    assert "brand\\nnew" in messages[0]
    assert "secret" not in messages[0]


def test_refused_tokens_are_not_logged(gate: Gate, issuer: Issuer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for flaw in Flaw:
        text = issuer.mint_flawed(flaw, audience=AUDIENCE)
        with pytest.raises(Refused):
            gate.identify(text)
        assert not any(segment in caplog.text for segment in text.split(".") if segment)


def test_texts_of_tokens_are_in_no_repr(issuer: Issuer) -> None:
    text = issuer.mint(audience=AUDIENCE)
    token = parse(text)
    assert not any(segment in repr(token) for segment in text.split("."))
    assert "acme" not in repr(token)


def test_verified_tokens_are_bounded_and_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verified, "ENTRIES", 3)
    identity = Identity(Caller("i", "s", CallerKind.WORKLOAD, "n"), Provenance(), 100)
    tokens = VerifiedTokens()
    for text in ("a", "b", "c", "a", "d"):
        tokens.put(digest_of(text), identity, 100.0)
    assert [tokens.get(digest_of(text), 99.0) is identity for text in "abcd"] == [True, False, True, True]
    assert tokens.get(digest_of("a"), 100.0) is None
