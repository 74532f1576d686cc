"""The limits of a policy, checked."""

import msgspec

from gatebook.core.policy import document
from gatebook.core.policy.checked import Notes
from gatebook.core.policy.limits import Limit
from gatebook.core.policy.problems import Path
from gatebook.core.policy.reading import Source
from gatebook.core.policy.sizes import size_of


def read_limit(source: Source, index: int, callers: set[str], notes: Notes) -> Limit:
    """Read one limit; what is wrong with it is noted."""
    path: Path = ("limits", index)
    limit = source.document.limits[index]
    notes.names(source, (*path, "callers"), limit.callers, callers, "caller or group")
    if limit == document.Limit(id=limit.id, callers=limit.callers, description=limit.description):
        notes.error(source, path, "limits nothing")

    def size(name: str) -> int | None:
        written = getattr(limit, name)
        return None if written is msgspec.UNSET else notes.attempt(source, (*path, name), lambda: size_of(written))

    def count(name: str) -> int | None:
        written = getattr(limit, name)
        return written if isinstance(written, int) else None

    return Limit(
        id=limit.id,
        callers=frozenset(limit.callers),
        bytes_per_call=size("bytes_per_call"),
        bytes_per_day=size("bytes_per_day"),
        maximum_bytes_billed=size("maximum_bytes_billed"),
        calls_per_minute=count("calls_per_minute"),
        running_jobs=count("running_jobs"),
        result_rows=count("result_rows"),
    )
