"""The files of `gatebook policy test` as typed values: who calls with what, and what the policy must say."""

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType, field

from gatebook.core.model import CallerKind
from gatebook.core.policy.document import Count, Name, Section, Text
from gatebook.errors import Reason

Claims = dict[str, Any]


class CaseCaller(Section, frozen=True, kw_only=True):
    """A token's claims, `iss` among them. Without `kind` it is told from the issuer and the claims."""

    claims: Claims
    kind: CallerKind | UnsetType = UNSET
    subject_claims: tuple[Text, ...] = ("sub",)  # for kind `workload`, as in the settings
    provenance_claims: dict[str, str] = field(default_factory=dict)


class ApiCall(Section, frozen=True, kw_only=True):
    """A call of the REST API: its method, the names in its path, its query string and its body."""

    method: Text  # as in bigquery.tables.delete
    resource: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)
    document: dict[str, Any] | UnsetType = UNSET


class EstimateGiven(Section, frozen=True, kw_only=True):
    """What upstream's dry run says; null: nothing."""

    bytes_processed: Count | None = 0
    rows_affected: Count | None = None


class UsageGiven(Section, frozen=True, kw_only=True):
    """What the caller has used before."""

    calls_last_minute: Count = 0
    running_jobs: Count = 0
    bytes_today: Count = 0


class Expected(Section, frozen=True, kw_only=True):
    """What must come out; what is left out is not looked at. `refused`: before the policy is asked, as for bad SQL."""

    decision: Literal["allow", "deny", "hold", "refused"]
    rules: tuple[str, ...] | UnsetType = UNSET
    observed: tuple[str, ...] | UnsetType = UNSET
    statements: tuple[str, ...] | UnsetType = UNSET  # types, in order
    opaque: tuple[str, ...] | UnsetType = UNSET  # reasons, in order
    reason: Reason | UnsetType = UNSET
    reviewers: tuple[str, ...] | UnsetType = UNSET
    message: Text | UnsetType = UNSET  # a part of it


class Case(Section, frozen=True, kw_only=True):
    """One case: SQL, or a call of the API."""

    name: Text
    caller: Text
    claims: Claims = field(default_factory=dict)  # instead of the caller's own; null takes one away
    sql: Text | UnsetType = UNSET
    dataset: Text | UnsetType = UNSET  # where unqualified names belong
    parameters: tuple[dict[str, Any], ...] = ()  # query parameters, as in the REST API
    call: ApiCall | UnsetType = UNSET
    now: datetime | UnsetType = UNSET
    estimate: EstimateGiven = EstimateGiven()
    usage: UsageGiven = UsageGiven()
    expect: Expected


class CaseDocument(Section, frozen=True, kw_only=True):
    """One file of cases. Paths are relative to it."""

    gatebook_policy_test: Literal[1]
    policy: Annotated[tuple[Text, ...], Meta(min_length=1)] = ("..",)  # files or directories
    catalog: Text | UnsetType = UNSET  # a JSON array of Table and Routine resources
    project: Text = "acme"  # in the path of every call
    now: datetime | UnsetType = UNSET
    callers: dict[Name, CaseCaller] = field(default_factory=dict)
    cases: tuple[Case, ...] = ()
