"""What a token exchange asks for, checked against RFC 8693 and what Gatebook gives: one kind of token, for itself."""

from collections.abc import Mapping

from gatebook.core.model import Credential

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN_TYPE = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - a name, not a secret
SUBJECT_TYPES = frozenset({"urn:ietf:params:oauth:token-type:jwt", "urn:ietf:params:oauth:token-type:id_token"})

# Google's tools cannot leave the audience out, and some always write the name of a workload identity pool there.
_POOL_NAMES = "//iam."


class NotExchangeable(Exception):
    """A request that cannot be served, in RFC 6749's terms: an error code, and a sentence for whoever set it up."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


def subject_of(parameters: Mapping[str, str], targets: frozenset[str]) -> Credential:
    """Give the token to be exchanged. `targets` are the names of this gateway. Raises NotExchangeable."""
    _check_kinds(parameters)
    for name in ("audience", "resource"):
        wanted = parameters.get(name)
        if wanted is not None and wanted not in targets and not wanted.startswith(_POOL_NAMES):
            raise NotExchangeable(  # RFC 8693 section 2.2.2
                "invalid_target", f"the {name} is not this gateway: leave it out, or name {min(targets, key=len)}"
            )
    # `scope` is left aside: what a caller may do is decided call by call, not written into its token.
    return Credential(parameters["subject_token"])


def _check_kinds(parameters: Mapping[str, str]) -> None:
    grant_type = parameters.get("grant_type")
    if grant_type is None:
        raise NotExchangeable("invalid_request", f"grant_type is missing: it must be {GRANT_TYPE}")
    if grant_type != GRANT_TYPE:
        raise NotExchangeable("unsupported_grant_type", f"grant_type must be {GRANT_TYPE}")
    if "subject_token" not in parameters:
        raise NotExchangeable("invalid_request", "subject_token is missing: it must be the OIDC token of the workload")
    if parameters.get("subject_token_type") not in SUBJECT_TYPES:
        raise NotExchangeable(
            "invalid_request", f"subject_token_type must be one of {', '.join(sorted(SUBJECT_TYPES))}"
        )
    if parameters.get("requested_token_type", ACCESS_TOKEN_TYPE) != ACCESS_TOKEN_TYPE:
        raise NotExchangeable("invalid_request", f"requested_token_type must be {ACCESS_TOKEN_TYPE}, or left out")
    if "actor_token" in parameters or "actor_token_type" in parameters:
        raise NotExchangeable("invalid_request", "actor tokens are not accepted: a workload speaks for itself only")
