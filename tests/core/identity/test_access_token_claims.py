"""An identity survives being written down as claims, and nothing else is read as one."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatebook.core.identity.access_token import Terms, claims_of, identity_of
from gatebook.core.identity.claims import VerifiedClaims
from gatebook.core.model import Caller, CallerKind, Identity, Provenance
from gatebook.errors import Reason, Refused

TERMS = Terms("https://gw", "https://aud", "id", 1, 100)
IDENTITY = Identity(
    Caller("https://i", "s", CallerKind.GITLAB_CI, "n"), Provenance(commit="c", ref_protected=False), 100
)

texts = st.text(min_size=1, max_size=20)
provenances = st.builds(
    Provenance,
    repository=st.none() | texts,
    commit=st.none() | texts,
    ref_protected=st.none() | st.booleans(),
    reason=st.none() | texts,
)
callers = st.builds(Caller, issuer=texts, subject=texts, kind=st.sampled_from(CallerKind), name=texts)


@given(st.builds(Identity, callers, provenances, st.just(100)))
def test_identity_comes_back_as_it_was(identity: Identity) -> None:
    assert identity_of(VerifiedClaims("https://gw", claims_of(identity, TERMS), 100)) == identity


OURS = claims_of(IDENTITY, TERMS)["gatebook"]
assert isinstance(OURS, dict)
CHANGES: list[dict[str, Any]] = [
    {"gatebook": None},
    {"gatebook": "x"},
    {"gatebook": {}},
    {"gatebook": {**OURS, "kind": "person"}},
    {"gatebook": {**OURS, "kind": ["github_actions"]}},
    {"gatebook": {**OURS, "issuer": 7}},
    {"gatebook": {**OURS, "subject": "another"}},
    {"gatebook": {**OURS, "attested": []}},
    {"gatebook": {**OURS, "attested": {"shoe_size": "x"}}},
    {"gatebook": {**OURS, "attested": {"commit": 7}}},
    {"gatebook": {**OURS, "attested": {"ref_protected": "true"}}},
    {"sub": "another"},
    {"client_id": 7},
    {"scope": "more"},
]


@pytest.mark.parametrize("changes", CHANGES)
def test_anything_else_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        identity_of(VerifiedClaims("https://gw", {**claims_of(IDENTITY, TERMS), **changes}, 100))
    assert refused.value.reason == Reason.TOKEN_CLAIMS


def test_missing_claim_is_refused() -> None:
    for name in claims_of(IDENTITY, TERMS):
        claims = claims_of(IDENTITY, TERMS)
        del claims[name]
        with pytest.raises(Refused):
            identity_of(VerifiedClaims("https://gw", claims, 100))
