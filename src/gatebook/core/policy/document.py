"""The policy's documents as typed values. The published JSON Schema is made from these classes.

Several files make one policy: lists and tables of the same key are joined, and a name stands in one file only.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from gatebook.core.model import CallerKind

Name = Annotated[
    str,
    Meta(
        pattern=r"^[a-z][a-z0-9]*(?:[-_.][a-z0-9]+)*$(?!\n)",
        max_length=64,
        description="Small letters, digits, and single dashes, dots or underscores between them.",
    ),
]
Text = Annotated[str, Meta(min_length=1, max_length=1024)]
Glob = Annotated[str, Meta(min_length=1, max_length=512)]
Globs = Annotated[tuple[Glob, ...], Meta(min_length=1, max_length=1024)]
Names = Annotated[tuple[Name, ...], Meta(min_length=1, max_length=1024)]
Size = Annotated[
    int | str,
    Meta(description="Bytes: a whole number, or one with B, KiB, MiB, GiB, TiB or PiB, as in 10GiB."),
]
Count = Annotated[int, Meta(ge=0, le=2**53)]


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """A part of a document: frozen, and strict about its keys."""


class Attested(Section, frozen=True, kw_only=True):
    """Facts that the issuer of the token signed. Each that is named must hold; a fact that the token lacks does not.

    In patterns `*` stands for any text without `/`, `**` for any text.
    """

    repository: Glob | UnsetType = UNSET
    commit: Glob | UnsetType = UNSET
    ref: Glob | UnsetType = UNSET
    ref_protected: bool | UnsetType = UNSET
    workflow: Glob | UnsetType = UNSET
    run: Glob | UnsetType = UNSET
    job: Glob | UnsetType = UNSET
    actor: Glob | UnsetType = UNSET
    environment: Glob | UnsetType = UNSET
    reason: Glob | UnsetType = UNSET


class CallerEntry(Section, frozen=True, kw_only=True):
    """A caller, told by what its token proves. Everything that is named must hold."""

    issuer: Text  # to the letter
    kind: CallerKind | UnsetType = UNSET
    subject: Glob | UnsetType = UNSET  # as the book shows it; holds the ids that no one else can take
    name: Glob | UnsetType = UNSET  # as the book shows it: the address of a Google service account, ...
    attested: Attested | UnsetType = UNSET
    every_workload_of_the_issuer: Literal[True] | UnsetType = UNSET  # instead of the three above
    description: Text | UnsetType = UNSET


class Classification(Section, frozen=True, kw_only=True):
    """A class of columns. One of the three is enough for a column to be in it."""

    columns: Globs = ()
    policy_tags: Globs = ()  # resource names: projects/P/locations/L/taxonomies/T/policyTags/N
    labels: dict[str, str] | UnsetType = UNSET  # of a table, any of which puts all of its columns in the class
    description: Text | UnsetType = UNSET


class Reviewers(Section, frozen=True, kw_only=True):
    """People who may approve what is held, by the addresses that they sign in with."""

    people: Annotated[tuple[Text, ...], Meta(min_length=1, max_length=1024)]
    description: Text | UnsetType = UNSET


Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
TimeOfDay = Annotated[
    str, Meta(pattern=r"^(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00)$(?!\n)", description="HH:MM, up to 24:00.")
]


class Window(Section, frozen=True, kw_only=True, rename={"from_": "from"}):
    """A time of the week: on these days, from one time of day until before the other."""

    days: Annotated[tuple[Day, ...], Meta(min_length=1, max_length=7)] = ()  # default: all
    from_: TimeOfDay = "00:00"
    until: TimeOfDay = "24:00"
    zone: Text = "UTC"  # a name of the IANA time zone database


class Above(Section, frozen=True, kw_only=True):
    """More than so many bytes. What is not known counts as more."""

    above: Size


class AtMost(Section, frozen=True, kw_only=True):
    """So many bytes or fewer. What is not known does not count as fewer."""

    at_most: Size


class AboveRows(Section, frozen=True, kw_only=True):
    """More than so many rows. What is not known counts as more."""

    above: Count


class AtMostRows(Section, frozen=True, kw_only=True):
    """So many rows or fewer. What is not known does not count as fewer."""

    at_most: Count


How = Literal["output", "predicate", "join", "group", "order", "window", "written"]


class Covered(Section, frozen=True, kw_only=True):
    """The statements that an allow rule covers: those of which everything is on these lists.

    What is left out allows nothing of its sort, except `columns`: without it, all columns of the tables.
    """

    types: Globs
    reads: Globs = ()
    writes: Globs = ()
    columns: Globs = ()
    traits: Globs = ()
    unsafe_opaque: Globs = ()  # reasons why a statement is not understood, and allowed all the same


class Matched(Section, frozen=True, kw_only=True):
    """The statements that a deny, hold or observe rule is about. Every key must hold of one and the same statement.

    A list holds when something of the statement is, or may be, on it.
    """

    types: Globs = ()
    reads: Globs = ()
    writes: Globs = ()
    columns: Globs = ()
    how: Annotated[tuple[How, ...], Meta(min_length=1)] = ()  # of the columns; default: any way
    traits: Globs = ()
    opaque: Globs = ()


class Unless(Section, frozen=True, kw_only=True):
    """Calls that a rule leaves alone: those for which every key that is given holds."""

    callers: Names = ()
    attested: Attested | UnsetType = UNSET
    times: Annotated[tuple[Window, ...], Meta(min_length=1)] = ()


class _Rule(Section, frozen=True, kw_only=True):
    """What all rules have. Every key must hold."""

    id: Name
    attested: Attested | UnsetType = UNSET
    methods: Globs = ()
    times: Annotated[tuple[Window, ...], Meta(min_length=1)] = ()  # any of them
    when: Annotated[str, Meta(min_length=1, max_length=2000)] | UnsetType = UNSET  # CEL
    description: Text | UnsetType = UNSET


class AllowRule(_Rule, frozen=True, kw_only=True, tag_field="effect", tag="allow"):
    """Lets the statements through that it covers, for the callers that it names (`known`: every caller entry)."""

    callers: Names
    statement: Covered
    estimated_bytes: AtMost | UnsetType = UNSET
    rows_affected: AtMostRows | UnsetType = UNSET


class _Restriction(_Rule, frozen=True, kw_only=True):
    """What the rules that are not allow rules have. Without `callers`, a rule is about every caller."""

    callers: Names = ()
    unless: Unless | UnsetType = UNSET
    statement: Matched | UnsetType = UNSET
    estimated_bytes: Above | UnsetType = UNSET
    rows_affected: AboveRows | UnsetType = UNSET


class DenyRule(
    _Restriction,
    frozen=True,
    kw_only=True,
    tag_field="effect",
    tag="deny",
):
    """Refuses the call. `message` is shown to the caller: what to do instead."""

    message: Text | UnsetType = UNSET


class HoldRule(
    _Restriction,
    frozen=True,
    kw_only=True,
    tag_field="effect",
    tag="hold",
):
    """Asks a person: any of the named reviewers. The statement needs no allow rule."""

    reviewers: Names
    message: Text | UnsetType = UNSET


class ObserveRule(
    _Restriction,
    frozen=True,
    kw_only=True,
    tag_field="effect",
    tag="observe",
):
    """Writes its id beside the decision, and changes nothing."""


Rule = AllowRule | DenyRule | HoldRule | ObserveRule


class Limit(Section, frozen=True, kw_only=True):
    """Limits on each of the named callers by itself. Of several that apply, the tightest counts."""

    id: Name
    callers: Names
    bytes_per_call: Size | UnsetType = UNSET  # that the dry run says
    bytes_per_day: Size | UnsetType = UNSET  # UTC
    maximum_bytes_billed: Size | UnsetType = UNSET  # written into every query job, unless the client's own is lower
    calls_per_minute: Count | UnsetType = UNSET
    running_jobs: Count | UnsetType = UNSET
    result_rows: Count | UnsetType = UNSET
    description: Text | UnsetType = UNSET


class Document(Section, frozen=True, kw_only=True):
    """One file of a policy."""

    gatebook_policy: Literal[1]  # the version of this format
    mode: Literal["enforce", "shadow"] | UnsetType = UNSET  # of the whole policy; in one file. Default: enforce
    callers: dict[Name, CallerEntry] = {}
    groups: dict[Name, Names] = {}  # of callers and other groups
    classifications: dict[Name, Classification] = {}
    reviewers: dict[Name, Reviewers] = {}
    rules: tuple[Rule, ...] = ()
    limits: tuple[Limit, ...] = ()
