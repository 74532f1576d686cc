"""Any other issuer: the settings say which claims name the caller, and which say where a call comes from."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from gatebook.core.identity.claims import Claims
from gatebook.core.identity.table import ClaimTable, Reading, subject_of
from gatebook.core.model import Provenance

PROVENANCE_FIELDS = frozenset(field.name for field in fields(Provenance))


def table(subject_claims: tuple[str, ...], provenance_claims: Mapping[str, str]) -> ClaimTable:
    """Make the table of an issuer: `subject_claims` are required, those of `provenance_claims` (field: claim) optional.

    Raises ValueError when there is nothing to name the caller by, or a field that Provenance does not have.
    """
    if not subject_claims or not provenance_claims.keys() <= PROVENANCE_FIELDS:
        raise ValueError("a workload issuer needs subject claims, and provenance fields that exist")

    def read(_issuer: str, claims: Claims) -> Reading:
        named = [(name, claims.required(name)) for name in subject_claims]
        attested: dict[str, Any] = {
            field: claims.optional_bool(claim) if field == "ref_protected" else claims.optional(claim)
            for field, claim in provenance_claims.items()
        }
        return Reading(subject_of(*named), ":".join(value for _, value in named), Provenance(**attested))

    return ClaimTable(
        required=frozenset(subject_claims),
        optional=frozenset(provenance_claims.values()) - frozenset(subject_claims),
        ignored=frozenset({"sub", "jti"}) - frozenset(subject_claims),
        read=read,
    )
