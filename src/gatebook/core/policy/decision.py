"""Decision: what is to be done with a Call, always with the ids of the rules that decided it."""

from dataclasses import dataclass

from gatebook.errors import Reason


@dataclass(frozen=True, slots=True)
class Ceilings:
    """What a forwarded Call may cost or give: the tightest of the limits that apply. None: there is no such limit."""

    maximum_bytes_billed: int | None = None  # to be written into the job
    result_rows: int | None = None  # to be counted as the reply passes


NO_CEILINGS = Ceilings()


@dataclass(frozen=True, slots=True)
class Deny:
    """Refuse the Call; `message` tells the caller what to do next."""

    rules: tuple[str, ...]
    policy_version: str
    reason: Reason
    message: str
    observed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hold:
    """A person must approve the Call. Until reviews exist it is refused, with `message`.

    `reviewers` are names of the policy's `reviewers`, each of which may approve. Sorted, once each.
    """

    rules: tuple[str, ...]
    policy_version: str
    reviewers: tuple[str, ...]
    message: str
    observed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Allow:
    """Forward the Call, within its limits.

    `observed` are the ids of the observe rules that matched. `instead` is what a policy in shadow mode would have done;
    then nothing of the policy's own is enforced, its limits neither.
    """

    rules: tuple[str, ...]
    policy_version: str
    limits: Ceilings = NO_CEILINGS
    observed: tuple[str, ...] = ()
    instead: Deny | Hold | None = None


Decision = Allow | Deny | Hold


def effect_of(decision: Decision) -> str:
    """Give the word for a decision: allow, deny or hold."""
    return type(decision).__name__.lower()
