"""`gatebook explain`: what a policy says of one query or API call, and why; offline, asked as the gateway asks it."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import msgspec

from gatebook.core import documents
from gatebook.core.analysis.footprint import Footprint
from gatebook.core.asked import asked
from gatebook.core.identity.supposed import supposed_identity
from gatebook.core.model import Call, CallerKind, Identity, JsonObject
from gatebook.core.policy.case_document import ApiCall
from gatebook.core.policy.deciding import decide
from gatebook.core.policy.decision import Allow, Decision, Deny, Hold
from gatebook.core.policy.policy import Policy
from gatebook.core.policy.question import Estimate, Question
from gatebook.core.policy.standing import Standing
from gatebook.core.supposed_call import supposed_call
from gatebook.errors import Fault, Refused
from gatebook.inbound.cli.explain_page import explanation_json, print_explanation
from gatebook.inbound.cli.policy_catalog import read_catalog, tables_of
from gatebook.inbound.cli.policy_paths import CannotTry, named_files, print_json, print_problems
from gatebook.inbound.cli.policy_test import Offline
from gatebook.policy_files import read_policy

_EXIT = {Allow: 0, Deny: 3, Hold: 4}
_NOT_GIVEN = "not-given"  # stands for claims that every token of the kind has and the file leaves out
_VALID = "builtin/valid"


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision, what it rests on, and the SQL that was asked, if any."""

    decision: Decision
    footprint: Footprint
    sql: str | None


def explain_command(offline: Offline) -> click.Command:
    """Give the command; `offline` makes what understands calls with the schemas of a catalog."""
    return click.Command(
        "explain",
        callback=click.pass_obj(_explain),
        help=(
            "Tell what a policy says of a query, or of an API call, and why. Needs no gateway and no BigQuery.\n\n"
            "Exit status: 0 allow, 1 error, 2 usage, 3 deny, 4 hold."
        ),
        params=list(_OPTIONS),
        context_settings={"obj": offline},
    )


_FILE = click.Path(path_type=Path, dir_okay=False, allow_dash=True)
_OPTIONS: Sequence[click.Option] = (
    click.Option(["--policy", "policies"], type=click.Path(path_type=Path), multiple=True, required=True,
                 metavar="PATH", help="A policy file, or a directory of them. May be given more than once."),
    click.Option(["--catalog"], type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
                 help="JSON array of Table and Routine resources (REST API v2)."),
    click.Option(["--claims"], type=click.Path(path_type=Path, dir_okay=False), required=True, metavar="FILE",
                 help="JSON object: the verified claims of a token, with its `iss`."),
    click.Option(["--kind"], type=click.Choice([kind.value for kind in CallerKind]),
                 help="Kind of the issuer; without it, told from the claims."),
    click.Option(["--sql", "sql_file"], type=_FILE, metavar="FILE|-", help="The query. Default: standard input."),
    click.Option(["--call", "call_file"], type=_FILE, metavar="FILE|-",
                 help="Instead of a query, an API call: JSON with method, resource, parameters and document."),
    click.Option(["--project"], metavar="NAME", help="The project that is called. Default: the catalog's first."),
    click.Option(["--dataset"], metavar="NAME", help="Where table names without a dataset belong."),
    click.Option(["--bytes", "bytes_processed"], type=click.IntRange(min=0), default=0, metavar="N",
                 help="What the dry run would say that the query processes. Default: 0."),
    click.Option(["--json", "as_json"], is_flag=True, help="Print one JSON object."),
)  # fmt: skip


def _explain(
    offline: Offline,
    /,
    *,
    policies: tuple[Path, ...],
    catalog: Path | None,
    claims: Path,
    bytes_processed: int,
    as_json: bool,
    **given: Any,
) -> None:
    policy = _policy(policies)
    identity = _identity(claims, given["kind"])
    resources = [] if catalog is None else read_catalog(catalog)
    call = _call(given, resources)
    try:
        footprint = offline(resources).understand(call)
    except Refused as refused:
        # The gateway refuses it before its policy is asked: SQL that is not valid, tables that are not there.
        refusal = Deny((_VALID,), policy.version, refused.reason, refused.message)
        explanation = Explanation(refusal, Footprint(), asked(call).sql)
    except Fault as fault:
        raise click.ClickException(f"cannot be understood here: {fault.message}") from fault
    else:
        estimate = Estimate(bytes_processed)
        question = Question(identity, call, footprint, Standing(), estimate, tables_of(resources))
        explanation = Explanation(_said(decide(question, policy)), footprint, asked(call).sql)
    if as_json:
        print_json(explanation_json(explanation.decision, explanation.footprint, explanation.sql))
    else:
        print_explanation(explanation.decision, explanation.footprint)
    sys.exit(_EXIT[type(explanation.decision)])


def _said(decision: Decision) -> Decision:
    """Of a policy in shadow mode, tell what it would do."""
    return decision.instead if isinstance(decision, Allow) and decision.instead is not None else decision


def _policy(paths: tuple[Path, ...]) -> Policy:
    compiled = read_policy(named_files(paths, Path("policy")))
    if compiled.policy is None:
        print_problems(compiled.problems)
        raise click.ClickException("the policy has errors")
    return compiled.policy


def _identity(path: Path, kind: str | None) -> Identity:
    claims = _read(path, dict[str, Any])
    try:
        return supposed_identity(claims, None if kind is None else CallerKind(kind), missing=_NOT_GIVEN)
    except (Refused, ValueError) as error:
        raise click.ClickException(f"{path}: the claims identify nobody: {error}") from error


def _call(given: Mapping[str, Any], resources: Sequence[JsonObject]) -> Call:
    project = given["project"] or _first_project(resources)
    if given["call_file"] is not None:
        if given["sql_file"] is not None:
            raise click.UsageError("give one of --sql and --call")
        described = _read(given["call_file"], ApiCall)
        body = None if isinstance(described.document, msgspec.UnsetType) else described.document
        return _called(described.method, {"projectId": project, **described.resource}, described.parameters, body)
    query: JsonObject = {"query": _text(given["sql_file"] or Path("-")), "useLegacySql": False}
    if given["dataset"] is not None:
        query["defaultDataset"] = {"projectId": project, "datasetId": given["dataset"]}
    return _called("bigquery.jobs.query", {"projectId": project}, {}, query)


def _called(name: str, resource: dict[str, str], parameters: dict[str, str], body: JsonObject | None) -> Call:
    try:
        return supposed_call(name, resource, parameters, body)
    except ValueError as error:
        raise CannotTry(str(error)) from error


def _first_project(resources: Sequence[JsonObject]) -> str:
    for resource in resources:
        for reference in ("tableReference", "routineReference"):
            project = documents.text(resource, reference, "projectId")
            if project is not None:
                return project
    return "project"


def _read(path: Path, kind: Any) -> Any:
    try:
        return msgspec.json.decode(_text(path), type=kind)
    except (RecursionError, msgspec.DecodeError) as error:
        raise click.ClickException(f"{path}: {error}") from error


def _text(path: Path) -> str:
    try:
        return sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{path}: cannot be read: {error}") from error
