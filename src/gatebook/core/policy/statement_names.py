"""The names that `types` and `methods` of a rule can mean: all that a footprint can say, and no others."""

from gatebook.core.analysis.statement_types import STATEMENT_TYPES
from gatebook.core.methods import METHODS, UPLOADS
from gatebook.core.policy.globs import Glob, PatternError

# What calls without SQL, and the parts of scripts, amount to (core/analysis).
OTHER_TYPES = frozenset(
    {
        "ACCESS_WRITE", "ALTER_FUNCTION", "CALL", "COPY", "DATA_READ", "DATA_WRITE", "EXECUTE_IMMEDIATE", "JOB_WRITE",
        "METADATA", "METADATA_WRITE", "SET",
    }
)  # fmt: skip
SQL_TYPES = STATEMENT_TYPES | {"ALTER_FUNCTION", "CALL", "COPY", "EXECUTE_IMMEDIATE", "SET"}
TYPES = STATEMENT_TYPES | OTHER_TYPES
# By every name that a rule may call them: the forms of jobs.insert that carry a file are jobs.insert too.
_CALLED = {method.name: (method.name,) for method in METHODS} | {
    method.name: (method.name, method.name.rpartition(".")[0]) for method in UPLOADS
}


def methods(patterns: tuple[str, ...]) -> frozenset[str]:
    """Give the methods that the patterns stand for. Raises PatternError, also when one stands for none."""
    names = frozenset(name for called in _CALLED.values() for name in called)
    meant = expand(patterns, names, ".")
    return frozenset(method for method, called in _CALLED.items() if not meant.isdisjoint(called))


def expand(patterns: tuple[str, ...], names: frozenset[str], separator: str | None) -> frozenset[str]:
    """Give the names that the patterns stand for. Raises PatternError, also when one stands for none."""
    found: set[str] = set()
    for pattern in patterns:
        glob = Glob.of(pattern, separator)
        meant = {name for name in names if glob.matches(name)}
        if not meant:
            raise PatternError(f"{pattern!r} stands for nothing that there is{_closest(pattern, names)}")
        found |= meant
    return frozenset(found)


def _closest(pattern: str, names: frozenset[str]) -> str:
    word = pattern.strip("*").upper()
    near = sorted(name for name in names if word and word in name.upper())[:5]
    return f". Did you mean {', '.join(near)}?" if near else ""
