"""Question: everything that a decision rests on, as plain data. What is recorded of it replays to the same decision."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from gatebook.core.analysis.footprint import Footprint, TableRef
from gatebook.core.model import Call, Identity
from gatebook.core.policy.standing import Standing


@dataclass(frozen=True, slots=True)
class Estimate:
    """What upstream's dry run told of the Call before it is forwarded. None is what it did not tell."""

    bytes_processed: int | None = None
    rows_affected: int | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """What the Caller has used before this Call, which is not counted in it."""

    calls_last_minute: int = 0
    running_jobs: int = 0
    bytes_today: int = 0  # processed since midnight, UTC


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """A leaf column as its table's schema has it: its dotted path, and the resource names of its policy tags.

    A record's tags stand at each of its leaves too.
    """

    path: str
    policy_tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableFacts:
    """What classification needs to know of a table: all of its leaf columns, and its labels."""

    columns: tuple[ColumnFacts, ...]
    labels: Mapping[str, str] = field(default_factory=dict)
    # The policy tags by the columns' paths, in small letters since BigQuery's columns have no case. Found once.
    leaves: Mapping[tuple[str, ...], tuple[str, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Find the leaves."""
        leaves = {tuple(column.path.lower().split(".")): column.policy_tags for column in self.columns}
        object.__setattr__(self, "leaves", leaves)


Tables = Mapping[TableRef, TableFacts]
NO_TABLES: Tables = MappingProxyType({})
NOTHING_ESTIMATED = Estimate()
NOTHING_USED = Usage()


@dataclass(frozen=True, slots=True)
class Question:
    """Everything a decision may rest on.

    `tables` holds the facts of the tables in the footprint where they are known; of a table that is not in it, every
    class that it could hold is taken to be there. It is never changed; the same object for the same schemas makes
    decisions fast.
    """

    identity: Identity
    call: Call
    footprint: Footprint
    standing: Standing
    estimate: Estimate = NOTHING_ESTIMATED
    tables: Tables = field(default_factory=lambda: NO_TABLES)
    now_microseconds: int = 0
    usage: Usage = NOTHING_USED
    contradictions: tuple[str, ...] = ()  # what upstream says that the Call touches, and the footprint does not
