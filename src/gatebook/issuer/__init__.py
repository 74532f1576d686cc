"""A small real OIDC issuer, for the demo and the tests: it speaks as CI systems do, and can be told to misbehave.

It signs whatever it is asked to. Nothing that matters may trust it.
"""

from gatebook.issuer.failures import Failure
from gatebook.issuer.flaws import Flaw
from gatebook.issuer.issuer import Issuer
from gatebook.issuer.serving import ServedIssuer

__all__ = ["Failure", "Flaw", "Issuer", "ServedIssuer"]
