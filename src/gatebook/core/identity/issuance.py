"""Issuance: what one request to the token endpoint came to, as a value for the book."""

from dataclasses import dataclass

from gatebook.core.model import Identity
from gatebook.errors import Reason


@dataclass(frozen=True, slots=True)
class Issuance:
    """A token given out (`token_id` and `identity`), or refused (`reason` and `message`). Never the token itself.

    `reason` is None for a refusal of the request's form, which has no credential to judge.
    """

    identity: Identity | None = None
    token_id: str | None = None
    expires_at_seconds: int | None = None
    reason: Reason | None = None
    message: str = ""
