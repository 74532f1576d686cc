"""What callers are told when they cannot be identified: how to set up, said once, from the gateway's own settings.

Nothing of a credential is repeated, and the issuers that are trusted are not listed: the texts reach anyone.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Advice:
    """The sentences for callers."""

    missing: str
    google_credential: str
    unknown_issuer: str
    not_exchangeable: str


def audience_advice(audience: str) -> str:
    """Say which audience an issuer's tokens must have."""
    return f"ask your issuer for a token with the one audience {audience}"


def advice_for(public_url: str, audience: str) -> Advice:
    """Write the sentences for one gateway."""
    set_up = (
        f'Set GOOGLE_APPLICATION_CREDENTIALS to an "external_account" file with token_url {public_url}/v1/token, '
        f"audience {audience} and your CI system's OIDC token as credential_source, or send that token as Bearer."
    )
    return Advice(
        missing=f"this call carries no bearer token. {set_up}",
        google_credential=f"Google credentials are not accepted here: Gatebook holds the only one. {set_up}",
        unknown_issuer="the token's issuer is not one that this gateway accepts; its operator can add it under "
        "[[identity.issuers]]. The issuer must match to the letter.",
        not_exchangeable="an access token of Gatebook cannot be exchanged for another: bring the issuer's own token",
    )
