"""Kubernetes: projected service account tokens, bound to a pod.

The uid of the service account is part of the Caller: a namespace or account that is deleted and made again by someone
else has the same names. Legacy tokens from Secrets have no end and are refused for that.
"""

from gatebook.core.identity.claims import Claims, refusal
from gatebook.core.identity.table import ClaimTable, Reading, subject_of
from gatebook.core.model import Provenance

_NAMESPACE = "kubernetes.io.namespace"
_ACCOUNT = "kubernetes.io.serviceaccount.name"
_ACCOUNT_UID = "kubernetes.io.serviceaccount.uid"
_POD = "kubernetes.io.pod.name"
_POD_UID = "kubernetes.io.pod.uid"


def read(_issuer: str, claims: Claims) -> Reading:
    """Give the service account as caller; a pod counts as one run of it."""
    namespace, account = claims.required(_NAMESPACE), claims.required(_ACCOUNT)
    if claims.required("sub") != f"system:serviceaccount:{namespace}:{account}":
        raise refusal("the token's claim 'sub' is not the service account that its other claims name")
    subject = subject_of(("namespace", namespace), ("serviceaccount", account), ("uid", claims.required(_ACCOUNT_UID)))
    attested = Provenance(run=claims.optional(_POD_UID), job=claims.optional(_POD), environment=namespace)
    return Reading(subject, f"{namespace}/{account}", attested)


TABLE = ClaimTable(
    required=frozenset({"sub", _NAMESPACE, _ACCOUNT, _ACCOUNT_UID}),
    optional=frozenset({_POD, _POD_UID}),
    ignored=frozenset({
        "jti", "kubernetes.io.node.name", "kubernetes.io.node.uid", "kubernetes.io.secret.name",
        "kubernetes.io.secret.uid", "kubernetes.io.warnafter",
    }),
    read=read,
)  # fmt: skip
