"""CREATE SCHEMA and ALTER SCHEMA: datasets."""

from gatebook.googlesql import tree
from gatebook.sandbox.errors import not_implemented
from gatebook.sandbox.warehouse.requests import DdlResult, QueryOutcome, Resource
from gatebook.sandbox.warehouse.state import datasets, resources
from gatebook.sandbox.warehouse.statements.ddl import options
from gatebook.sandbox.warehouse.statements.statement import IF_NOT_EXISTS, Statement


def create_schema(statement: Statement) -> QueryOutcome:
    """CREATE SCHEMA [IF NOT EXISTS]."""
    name = statement.dataset_name(list(statement.field("name_path")))
    skipped = name in statement.change.state.datasets and statement.field("create_mode") == IF_NOT_EXISTS
    if not skipped:
        given: Resource = {}
        options.apply(given, statement.options(statement.field("option_list")), options.SCHEMA)
        datasets.insert(statement.change, name, given)
    return statement.outcome(ddl=DdlResult("SKIP" if skipped else "CREATE", dataset=name))


def alter_schema(statement: Statement) -> QueryOutcome:
    """ALTER SCHEMA [IF EXISTS] SET OPTIONS."""
    name = statement.dataset_name(list(statement.field("name_path")))
    if name not in statement.change.state.datasets and statement.field("is_if_exists"):
        return statement.outcome(ddl=DdlResult("SKIP", dataset=name))
    resource = resources.answered(statement.change.state.dataset(name).resource)
    for action in map(tree.unwrap, statement.field("alter_action_list")):
        if tree.kind(action) != "SetOptionsAction":
            raise not_implemented(f"ALTER SCHEMA {tree.kind(action).removesuffix('Action')}")
        options.apply(resource, statement.options(action.option_list), options.SCHEMA)
    statement.change.put(name, resources.stamped(resource))
    return statement.outcome(ddl=DdlResult("ALTER", dataset=name))
