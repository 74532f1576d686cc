"""Version 2 of the recorded documents: what a promise and a refusal say of the footprint. All else is as in version 1.

Against version 1: outputs and uses of columns, resources in place of routines, traits.
"""

from typing import Literal

from gatebook.core.book.v1 import (
    Call,
    Caller,
    Count,
    Decision,
    Document,
    Opaque,
    Origin,
    Outcome,
    Provenance,
    Request,
    TableNumber,
)

Column = tuple[TableNumber, str]
Resource = tuple[str, str]  # kind, name


class Output(Document, frozen=True, kw_only=True):
    """A column that is given or written, and the columns that its values derive from."""

    name: str
    sources: list[Column] = []
    type: str


class Uses(Document, frozen=True, kw_only=True):
    """The columns that decide without being given, by how."""

    group: list[Column] = []
    join: list[Column] = []
    order: list[Column] = []
    predicate: list[Column] = []
    window: list[Column] = []


class Statement(Document, frozen=True, kw_only=True):
    """A statement. Its tables are numbers of the footprint's list; a column is a table's number and a dotted path."""

    columns_read: list[Column] = []
    columns_written: list[Column] = []
    opaque: list[Opaque] = []
    outputs: list[Output] = []
    resources_read: list[Resource] = []
    resources_written: list[Resource] = []
    tables_read: list[TableNumber] = []
    tables_written: list[TableNumber] = []
    traits: list[str] = []
    type: str
    uses: Uses | None = None


class Footprint(Document, frozen=True, kw_only=True):
    """What was touched. A table is its project, dataset and name."""

    statements: list[Statement] = []
    tables: list[tuple[str, str, str]] = []


class Promise(Document, frozen=True, kw_only=True):
    """The intent to forward a call."""

    at_microseconds: int
    attested: Provenance
    call: Call
    caller: Caller
    decision: Decision
    declared: Provenance
    footprint: Footprint
    kind: Literal["promise"]
    origin: Origin
    request: Request
    token_expires_at_seconds: Count
    v: Literal[2]


class Refusal(Document, frozen=True, kw_only=True):
    """A call that was not forwarded; what was not known when it was refused is absent."""

    at_microseconds: int
    attested: Provenance | None = None
    call: Call
    caller: Caller | None = None
    decision: Decision | None = None
    declared: Provenance
    footprint: Footprint | None = None
    kind: Literal["refusal"]
    message: str
    origin: Origin
    outcome: Outcome
    reason: str
    request: Request
    token_expires_at_seconds: Count | None = None
    v: Literal[2]
