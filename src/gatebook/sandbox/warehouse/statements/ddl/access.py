"""GRANT, REVOKE and row access policies: kept as metadata (see state.policies).

https://cloud.google.com/bigquery/docs/reference/standard-sql/data-control-language
"""

from typing import Final

from gatebook.googlesql import tree
from gatebook.sandbox.errors import ApiError, duplicate, invalid_query, not_implemented
from gatebook.sandbox.warehouse.names import DatasetName, TableName
from gatebook.sandbox.warehouse.requests import DdlResult, QueryOutcome, Resource
from gatebook.sandbox.warehouse.state import resources
from gatebook.sandbox.warehouse.state.policies import ROW_POLICIES
from gatebook.sandbox.warehouse.statements.statement import IF_NOT_EXISTS, OR_REPLACE, Statement

_TABLES: Final = frozenset({"TABLE", "VIEW", "MATERIALIZED VIEW", "EXTERNAL TABLE"})
_MEMBERS: Final = {
    "user": "userByEmail",
    "serviceAccount": "userByEmail",
    "group": "groupByEmail",
    "domain": "domain",
    "specialGroup": "specialGroup",
}
"""Kinds of grantees, as the members of a dataset's `access` entries are called."""


def grant(statement: Statement) -> QueryOutcome:
    """GRANT roles ON TABLE, VIEW or SCHEMA TO grantees."""
    return _change(statement, granted=True)


def revoke(statement: Statement) -> QueryOutcome:
    """REVOKE roles ON TABLE, VIEW or SCHEMA FROM grantees."""
    return _change(statement, granted=False)


def _change(statement: Statement, *, granted: bool) -> QueryOutcome:
    roles = [tree.unwrap(privilege).action_type for privilege in statement.field("privilege_list")]
    members = [str(statement.value(grantee)) for grantee in statement.field("grantee_expr_list")]
    kind, path = " ".join(statement.field("object_type_list")).upper(), list(statement.field("name_path"))
    if kind == "SCHEMA":
        _share(statement, statement.dataset_name(path), roles, members, granted=granted)
    elif kind in _TABLES:
        name = statement.table_name(path)
        statement.change.state.table(name)
        statement.job.services.policies.change(name, roles, members, granted=granted)
    else:
        raise not_implemented(f"{'GRANT' if granted else 'REVOKE'} ON {kind}")
    return statement.outcome()


def _share(statement: Statement, name: DatasetName, roles: list[str], members: list[str], *, granted: bool) -> None:
    resource = statement.change.state.dataset(name).resource
    entries = [{"role": role, **_grantee(member)} for role in roles for member in members]
    others = [entry for entry in resource.get("access", []) if entry not in entries]
    statement.change.put(name, resources.stamped({**resource, "access": others + (entries if granted else [])}))


def _grantee(member: str) -> dict[str, str]:
    kind, _, name = member.partition(":")
    if kind not in _MEMBERS or not name:
        raise invalid_query(f"Invalid grantee: {member}")
    return {_MEMBERS[kind]: name}


def create_row_access_policy(statement: Statement) -> QueryOutcome:
    """CREATE [OR REPLACE] ROW ACCESS POLICY [IF NOT EXISTS]."""
    table, mode, policy_id = _table(statement), statement.field("create_mode"), statement.field("name")
    held = _held(statement, table)
    if policy_id in held and mode == IF_NOT_EXISTS:
        return statement.outcome(ddl=DdlResult("SKIP", table=table))
    if policy_id in held and mode != OR_REPLACE:
        raise duplicate("Row access policy", f"{table}.{policy_id}")
    operation = "REPLACE" if policy_id in held else "CREATE"
    held[policy_id] = {
        "rowAccessPolicyReference": {**table.rest(), "policyId": policy_id},
        "filterPredicate": statement.field("predicate_str"),
        "grantees": [str(statement.value(grantee)) for grantee in statement.field("grantee_expr_list")],
    }
    _keep(statement, table, held)
    return statement.outcome(ddl=DdlResult(operation, table=table))


def drop_row_access_policy(statement: Statement) -> QueryOutcome:
    """DROP ROW ACCESS POLICY [IF EXISTS], DROP ALL ROW ACCESS POLICIES."""
    table, policy_id = _table(statement), statement.field("name")
    held = {} if statement.field("is_drop_all") else _held(statement, table)
    if not statement.field("is_drop_all") and held.pop(policy_id, None) is None:
        if statement.field("is_if_exists"):
            return statement.outcome(ddl=DdlResult("SKIP", table=table))
        raise ApiError(404, "notFound", f"Not found: Row access policy {policy_id} on table {table}")
    _keep(statement, table, held)
    return statement.outcome(ddl=DdlResult("DROP", table=table))


def _table(statement: Statement) -> TableName:
    name = statement.table_name(list(statement.field("target_name_path")))
    statement.check_kind(name, {"TABLE"})
    return name


def _held(statement: Statement, table: TableName) -> dict[str, Resource]:
    policies = statement.change.state.table(table).resource.get(ROW_POLICIES, [])
    return {policy["rowAccessPolicyReference"]["policyId"]: policy for policy in policies}


def _keep(statement: Statement, table: TableName, policies: dict[str, Resource]) -> None:
    resource = statement.change.state.table(table).resource
    statement.change.put(table, resources.stamped({**resource, ROW_POLICIES: list(policies.values())}))
