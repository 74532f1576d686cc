"""The claims of a token: the type that carries their proof, and their reading as text."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gatebook.errors import Reason, Refused

TEXT_LENGTH = 1024  # characters of one claim that is read
NESTING = 8  # objects within objects


@dataclass(frozen=True, slots=True)
class VerifiedClaims:
    """The claims of one token whose signature, issuer, audience and times hold.

    Only `outbound.tokens.verify` makes one. It says nothing about who may call: that is `identify`'s to find.
    """

    issuer: str
    claims: Mapping[str, object] = field(repr=False)
    expires_at_seconds: int


class Claims:
    """The claims by dotted name (`kubernetes.io.namespace`), read as text.

    Every refusal names the claim and never its value, since messages are shown, logged and kept.
    """

    def __init__(self, claims: Mapping[str, object]) -> None:
        self._flat: dict[str, object] = {}
        self._flatten("", claims, NESTING)

    @property
    def names(self) -> frozenset[str]:
        """Give the dotted names of all claims that have a value."""
        return frozenset(name for name, value in self._flat.items() if value is not None)

    def required(self, name: str) -> str:
        """Give a claim as text. Raises Refused (TOKEN_CLAIMS) when it is missing or empty."""
        value = self.optional(name)
        if value is None:
            raise refusal(f"the token lacks the claim {name!r}, which callers of this kind must have")
        return value

    def optional(self, name: str) -> str | None:
        """Give a claim as text, None when it is missing, null or empty. Raises Refused when it is not text."""
        value = self._flat.get(name)
        if value is None or value == "":
            return None
        text = as_text(value)
        if text is None:
            raise refusal(f"the token's claim {name!r} is not text")
        # Branch and environment names are chosen by people who may push; control and bidirectional characters in
        # them would rewrite what a reader of the book sees on a terminal.
        if len(text) > TEXT_LENGTH or not text.isprintable():
            raise refusal(f"the token's claim {name!r} is too long or has characters that cannot be shown")
        return text

    def optional_bool(self, name: str) -> bool | None:
        """Give a claim that is true or false, as JSON or as text; both GitHub and GitLab send text."""
        text = self.optional(name)
        if text is not None and text not in ("true", "false"):
            raise refusal(f"the token's claim {name!r} is neither true nor false")
        return None if text is None else text == "true"

    def _flatten(self, prefix: str, members: Mapping[str, object], depth: int) -> None:
        if depth == 0:
            raise refusal("the token's claims are nested too deeply")
        for name, value in members.items():
            if isinstance(value, dict):
                self._flatten(f"{prefix}{name}.", value, depth - 1)
            elif f"{prefix}{name}" in self._flat:
                # {"a": {"b": 1}, "a.b": 2}: whoever reads "a.b" could be made to read the other one
                raise refusal("the token has two claims of one dotted name")
            else:
                self._flat[f"{prefix}{name}"] = value


def as_text(value: object) -> str | None:
    """Give a JSON scalar as text: numbers in decimal, truth as `true` or `false`; None for anything else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return value if isinstance(value, str) else None


def refusal(message: str) -> Refused:
    """Give the refusal of claims that are not what a table or the settings ask for."""
    return Refused(Reason.TOKEN_CLAIMS, message)
