"""Decision: what is to be done with a Call, always with the ids of the rules that decided it."""

from dataclasses import dataclass

from gatebook.errors import Reason


@dataclass(frozen=True, slots=True)
class Allow:
    """Forward the Call."""

    rules: tuple[str, ...]
    policy_version: str


@dataclass(frozen=True, slots=True)
class Deny:
    """Refuse the Call; `message` tells the caller what to do next."""

    rules: tuple[str, ...]
    policy_version: str
    reason: Reason
    message: str


Decision = Allow | Deny
