"""CREATE FUNCTION, CREATE TABLE FUNCTION and CREATE PROCEDURE."""

from dataclasses import replace
from typing import Any, Final

from gatebook.googlesql import protos
from gatebook.googlesql.types import from_proto
from gatebook.sandbox.errors import duplicate, invalid_query, not_implemented
from gatebook.sandbox.warehouse.binding.functions import UserRoutine
from gatebook.sandbox.warehouse.binding.standard_types import to_standard
from gatebook.sandbox.warehouse.names import RoutineName
from gatebook.sandbox.warehouse.requests import DdlResult, QueryOutcome, Resource
from gatebook.sandbox.warehouse.state import routines
from gatebook.sandbox.warehouse.statements.ddl import options
from gatebook.sandbox.warehouse.statements.statement import IF_NOT_EXISTS, OR_REPLACE, TEMPORARY, Statement

_ARBITRARY: Final = protos.function_enums.SignatureArgumentKind.Value("ARG_TYPE_ARBITRARY")
_MODES: Final = {0: None, 1: "IN", 2: "OUT", 3: "INOUT"}  # zetasql ProcedureArgumentMode
# zetasql ResolvedCreateStatement.DeterminismLevel
_DETERMINISM: Final = {1: "DETERMINISTIC", 2: "NOT_DETERMINISTIC"}
_LANGUAGES: Final = {"SQL": "SQL", "JS": "JAVASCRIPT"}


def create_function(statement: Statement) -> QueryOutcome:
    """CREATE [OR REPLACE] [TEMP] [AGGREGATE] FUNCTION [IF NOT EXISTS], in SQL or JavaScript."""
    node = statement.node
    language = _LANGUAGES.get(node.language.upper())
    if language is None:
        raise not_implemented(f"functions in {node.language}")
    given = {
        "routineType": "AGGREGATE_FUNCTION" if node.is_aggregate else "SCALAR_FUNCTION",
        "language": language,
        "arguments": _arguments(node),
        "definitionBody": statement.bound.text.original(node.code) if language == "SQL" else node.code,
    }
    if node.determinism_level:
        given["determinismLevel"] = _DETERMINISM[node.determinism_level]
    if node.has_explicit_return_type:
        given["returnType"] = to_standard(from_proto(node.return_type))
    return _create(statement, given)


def create_table_function(statement: Statement) -> QueryOutcome:
    """CREATE [OR REPLACE] TABLE FUNCTION [IF NOT EXISTS]."""
    columns = [{"name": name, "type": to_standard(sql_type)} for name, sql_type in statement.bound.analysis.columns]
    given: Resource = {
        "routineType": "TABLE_VALUED_FUNCTION",
        "language": "SQL",
        "arguments": _arguments(statement.node),
        "definitionBody": statement.bound.text.original(statement.field("code")),
    }
    if columns:
        given["returnTableType"] = {"columns": columns}
    return _create(statement, given)


def create_procedure(statement: Statement) -> QueryOutcome:
    """CREATE [OR REPLACE] PROCEDURE [IF NOT EXISTS]."""
    node = statement.node
    if node.language and node.language.upper() != "SQL":
        raise not_implemented(f"procedures in {node.language}")
    given = {
        "routineType": "PROCEDURE",
        "language": "SQL",
        "arguments": _arguments(node),
        "definitionBody": statement.bound.text.original(node.procedure_body),
    }
    return _create(statement, given)


def _arguments(node: Any) -> list[Resource]:
    names = list(node.argument_name_list)
    return [_argument(name, argument) for name, argument in zip(names, node.signature.argument, strict=True)]


def _argument(name: str, argument: Any) -> Resource:
    result: Resource = {"name": name}
    if argument.kind == _ARBITRARY:
        result["argumentKind"] = "ANY_TYPE"
    elif argument.HasField("type"):
        result["dataType"] = to_standard(from_proto(argument.type))
    else:
        raise not_implemented(f"the kind of the argument {name}")
    mode = _MODES[argument.options.procedure_argument_mode]
    return result | ({"mode": mode} if mode else {})


def _create(statement: Statement, given: Resource) -> QueryOutcome:
    options.apply(given, statement.options(statement.field("option_list")), options.ROUTINE)
    path = list(statement.field("name_path"))
    if statement.field("create_scope") == TEMPORARY:
        return _create_temporary(statement, path, given)
    name = statement.routine_name(path)
    known = name in statement.change.state.routines
    mode = statement.field("create_mode")
    if known and mode == IF_NOT_EXISTS:
        return _done(statement, "SKIP", name)
    if known and mode != OR_REPLACE:
        raise duplicate("Routine", str(name))
    statement.change.state.dataset(name.parent)
    statement.check_routine(UserRoutine((name.project, name.dataset, name.routine), given))
    routines.put(statement.change, name, given)
    return _done(statement, "REPLACE" if known else "CREATE", name)


def _create_temporary(statement: Statement, path: list[str], given: Resource) -> QueryOutcome:
    if len(path) != 1:
        raise invalid_query("Temporary functions cannot be qualified with a dataset")
    known = statement.job.scope.routines
    if path[0].lower() in known and statement.field("create_mode") != OR_REPLACE:
        raise duplicate("Routine", path[0])
    known[path[0].lower()] = {**given, "routineReference": {"routineId": path[0]}}
    return statement.outcome(ddl=DdlResult("CREATE"))


def _done(statement: Statement, operation: str, name: RoutineName) -> QueryOutcome:
    return replace(statement.outcome(), ddl=DdlResult(operation, routine=name))
