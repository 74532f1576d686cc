"""Who a Caller is to the policy, by what its token proves. Declared facts are no argument of anything here."""

from dataclasses import dataclass, fields

import msgspec

from gatebook.core.model import Caller, CallerKind, Provenance
from gatebook.core.policy import document
from gatebook.core.policy.globs import Glob

SEPARATOR = "/"


@dataclass(frozen=True, slots=True)
class Facts:
    """Conditions on attested facts; all must hold, and a fact that the token lacks does not."""

    texts: tuple[tuple[str, Glob], ...] = ()
    ref_protected: bool | None = None

    @classmethod
    def of(cls, attested: document.Attested) -> "Facts":
        """Read the conditions of a document. Raises PatternError."""
        given = {
            field: value for field, value in msgspec.structs.asdict(attested).items() if value is not msgspec.UNSET
        }
        protected = given.pop("ref_protected", None)
        return cls(tuple((name, Glob.of(pattern, SEPARATOR)) for name, pattern in given.items()), protected)

    def hold(self, attested: Provenance) -> bool:
        """Tell whether all conditions hold."""
        if self.ref_protected is not None and attested.ref_protected is not self.ref_protected:
            return False
        for name, glob in self.texts:
            value = getattr(attested, name)
            if value is None or not glob.matches(value):
                return False
        return True


NO_FACTS = Facts()


@dataclass(frozen=True, slots=True)
class CallerPattern:
    """One entry of `callers`."""

    issuer: str
    kind: CallerKind | None
    subject: Glob | None
    name: Glob | None
    attested: Facts

    @classmethod
    def of(cls, entry: document.CallerEntry) -> "CallerPattern":
        """Read an entry. Raises PatternError."""
        return cls(
            issuer=entry.issuer,
            kind=None if entry.kind is msgspec.UNSET else entry.kind,
            subject=None if entry.subject is msgspec.UNSET else Glob.of(entry.subject, SEPARATOR),
            name=None if entry.name is msgspec.UNSET else Glob.of(entry.name, SEPARATOR),
            attested=NO_FACTS if entry.attested is msgspec.UNSET else Facts.of(entry.attested),
        )

    def matches(self, caller: Caller, attested: Provenance) -> bool:
        """Tell whether the entry is about this caller."""
        return (
            caller.issuer == self.issuer
            and self.kind in (None, caller.kind)
            and (self.subject is None or self.subject.matches(caller.subject))
            and (self.name is None or self.name.matches(caller.name))
            and self.attested.hold(attested)
        )


TEXT_FACTS = tuple(field.name for field in fields(Provenance) if field.name not in ("ref_protected", "run_url"))
