"""Google service accounts: identity tokens of https://accounts.google.com.

The same issuer signs tokens for people. Callers here are not people, so the address must be a service account's.
`sub` is the account's number, which is never given to another account; the address can be.
"""

from gatebook.core.identity.claims import Claims, refusal
from gatebook.core.identity.table import ClaimTable, Reading, subject_of
from gatebook.core.model import Provenance

_SUFFIX = ".gserviceaccount.com"
_COMPUTE = "google.compute_engine."


def read(_issuer: str, claims: Claims) -> Reading:
    """Give the service account as caller; on Compute Engine the instance counts as its job."""
    email = claims.required("email")
    if claims.optional_bool("email_verified") is not True:
        raise refusal("the token's claim 'email_verified' is not true")
    if not email.endswith(_SUFFIX):
        raise refusal("the token is not a service account's: Gatebook serves workloads, not people")
    attested = Provenance(
        job=claims.optional(f"{_COMPUTE}instance_id"), environment=claims.optional(f"{_COMPUTE}project_id")
    )
    return Reading(subject_of(("sub", claims.required("sub"))), email, attested)


TABLE = ClaimTable(
    required=frozenset({"sub", "email", "email_verified"}),
    optional=frozenset({f"{_COMPUTE}instance_id", f"{_COMPUTE}project_id"}),
    ignored=frozenset({
        "at_hash", "azp", "hd", "jti", f"{_COMPUTE}instance_confidentiality",
        f"{_COMPUTE}instance_creation_timestamp", f"{_COMPUTE}instance_name", f"{_COMPUTE}license_id",
        f"{_COMPUTE}project_number", f"{_COMPUTE}zone",
    }),
    read=read,
)  # fmt: skip
