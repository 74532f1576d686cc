"""ClaimTable: what is known of the claims of one kind of issuer, and what its tokens say about caller and origin."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from gatebook.core.identity.claims import Claims
from gatebook.core.model import Provenance

REGISTERED = frozenset({"iss", "aud", "exp", "nbf", "iat"})  # checked for every token before a table is looked at


@dataclass(frozen=True, slots=True)
class Reading:
    """What a token's claims say: the stable name of the caller, its name for people, and where the call comes from."""

    subject: str
    name: str
    attested: Provenance


@dataclass(frozen=True, slots=True)
class ClaimTable:
    """Every known claim of one kind: `required` and `optional` ones are read, `ignored` ones are known and not needed.

    A claim in none of them is drift: the issuer has begun to say something that nobody has judged yet.
    """

    required: frozenset[str]
    optional: frozenset[str]
    ignored: frozenset[str]
    read: Callable[[str, Claims], Reading]  # (issuer, claims)
    ignored_prefixes: tuple[str, ...] = ()

    def drift(self, names: frozenset[str]) -> frozenset[str]:
        """Give the names that the table does not know."""
        unknown = names - self.required - self.optional - self.ignored - REGISTERED
        return frozenset(name for name in unknown if not name.startswith(self.ignored_prefixes))


def subject_of(*parts: tuple[str, str | None]) -> str:
    """Join claims into one subject, `name:value:name:value`; what is None is left out.

    Values are percent-encoded, so that no value can pretend to be a further part, and no subject holds a space.
    """
    return ":".join(f"{name}:{quote(value, safe='/@')}" for name, value in parts if value is not None)
