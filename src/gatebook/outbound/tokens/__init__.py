"""Credentials become Identities: verification of issuers' tokens, their keys, and Gatebook's own access tokens."""

from gatebook.outbound.tokens.identifier import Tokens
from gatebook.outbound.tokens.signing_keys import open_signing_keys, rotate_signing_keys

__all__ = ["Tokens", "open_signing_keys", "rotate_signing_keys"]
