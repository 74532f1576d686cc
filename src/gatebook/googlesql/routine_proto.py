"""Routines in the analyzer's own form: user-defined ones, and BigQuery's extra functions."""

from __future__ import annotations

from typing import Any

from gatebook.googlesql import protos
from gatebook.googlesql.catalog import Routine
from gatebook.googlesql.errors import CatalogError
from gatebook.googlesql.extra_functions import ArgumentType, ExtraArgument, ExtraFunction, ExtraTableFunction
from gatebook.googlesql.types import SqlType, to_proto

# The group is the first part of a function's name in resolved trees: `UDF:acme.shop.f`, `BigQuery:max_by`.
USER_GROUP = "UDF"
EXTRA_GROUP = "BigQuery"
# ZetaSQL's own name for functions whose body it analyzes at each call, with the types of that call.
TEMPLATED_GROUP = "Templated_SQL_Function"

_ENUMS = protos.function_enums.FunctionEnums
_KIND = protos.function_enums.SignatureArgumentKind.Value
_FIXED = _KIND("ARG_TYPE_FIXED")
_ARBITRARY = _KIND("ARG_TYPE_ARBITRARY")
_RELATION = _KIND("ARG_TYPE_RELATION")
_SAME = _KIND("ARG_TYPE_ANY_1")
_AS_DECLARED = -1  # num_occurrences of an argument that is not bound to a call yet


def add(level: Any, routine: Routine) -> None:
    """Declare the routine in a SimpleCatalogProto level; CatalogError when it lacks what its kind needs."""
    if routine.kind == "procedure":
        _add_procedure(level, routine)
    elif routine.kind == "table":
        _add_table_function(level, routine)
    else:
        _add_function(level, routine)


def _add_function(level: Any, routine: Routine) -> None:
    mode = "AGGREGATE" if routine.kind == "aggregate" else "SCALAR"
    proto = level.custom_function.add(name_path=routine.path, mode=_ENUMS.Mode.Value(mode))
    proto.options.sql_name = routine.full_name
    proto.options.uses_upper_case_sql_name = False
    signature = proto.signature.add()
    for name, sql_type in routine.arguments:
        _add_argument(signature, name, sql_type)
    if _is_templated(routine):
        proto.group = TEMPLATED_GROUP
        proto.templated_sql_function_argument_name.extend(name for name, _ in routine.arguments)
        proto.parse_resume_location.input = routine.body
        _returns(signature, _ARBITRARY)
    elif routine.return_type is not None:
        proto.group = USER_GROUP
        _returns(signature, _FIXED, routine.return_type)
    else:
        raise CatalogError(f"{routine.full_name}: a function in {routine.language} needs a return type")


def _is_templated(routine: Routine) -> bool:
    if routine.language != "SQL" or not routine.body:
        return False
    return routine.return_type is None or any(sql_type is None for _, sql_type in routine.arguments)


def _add_table_function(level: Any, routine: Routine) -> None:
    proto = level.custom_tvf.add(name_path=routine.path, group=USER_GROUP)
    proto.options.uses_upper_case_sql_name = False
    for name, sql_type in routine.arguments:
        _add_argument(proto.signature, name, sql_type)
    _returns(proto.signature, _RELATION)
    if routine.return_columns:
        proto.type = _ENUMS.FIXED_OUTPUT_SCHEMA_TVF
        relation = proto.signature.return_type.options.relation_input_schema
        for column in routine.return_columns:
            relation.column.add(name=column.name, type=to_proto(column.type))
    elif routine.body:
        _describe_by_query(proto, [name for name, _ in routine.arguments], routine.body)
    else:
        raise CatalogError(f"{routine.full_name}: a table function needs its columns or its body")


def _describe_by_query(proto: Any, argument_names: list[str], query: str) -> None:
    proto.type = _ENUMS.TEMPLATED_SQL_TVF
    proto.argument_name.extend(argument_names)
    proto.parse_resume_location.input = query


def _add_procedure(level: Any, routine: Routine) -> None:
    proto = level.procedure.add(name_path=routine.path)
    modes = routine.modes or ("IN",) * len(routine.arguments)
    for (name, sql_type), mode in zip(routine.arguments, modes, strict=True):
        argument = _add_argument(proto.signature, name, sql_type)
        argument.options.procedure_argument_mode = _ENUMS.ProcedureArgumentMode.Value(mode)
    # Procedures return nothing, but the analyzer crashes on a signature that says so.
    _returns(proto.signature, _FIXED, SqlType("INT64"))


def _add_argument(signature: Any, name: str, sql_type: SqlType | None) -> Any:
    argument = signature.argument.add(num_occurrences=_AS_DECLARED)
    if name:
        argument.options.argument_name = name
    if sql_type is None:
        argument.kind = _ARBITRARY
    elif sql_type.kind == "TABLE":
        argument.kind = _RELATION
        if sql_type.fields:
            relation = argument.options.relation_input_schema
            for field in sql_type.fields:
                relation.column.add(name=field.name, type=to_proto(field.type))
    else:
        argument.kind = _FIXED
        argument.type.CopyFrom(to_proto(sql_type))
    return argument


def _returns(signature: Any, kind: int, sql_type: SqlType | None = None) -> None:
    signature.return_type.kind = kind
    signature.return_type.num_occurrences = _AS_DECLARED
    if sql_type is not None:
        signature.return_type.type.CopyFrom(to_proto(sql_type))


def add_extra_function(level: Any, function: ExtraFunction) -> None:
    """Declare one of BigQuery's own functions."""
    mode = _ENUMS.Mode.Value(function.mode)
    proto = level.custom_function.add(name_path=[part.lower() for part in function.path], group=EXTRA_GROUP, mode=mode)
    proto.options.sql_name = ".".join(function.path)
    if function.mode == "ANALYTIC":
        proto.options.supports_over_clause = True
        proto.options.window_ordering_support = _ENUMS.WindowOrderSupport.Value("ORDER_OPTIONAL")
    signature = proto.signature.add()
    for argument in function.arguments:
        _add_extra_argument(signature, argument)
    _set_type(signature.return_type, function.returns)


def add_extra_table_function(level: Any, function: ExtraTableFunction) -> None:
    """Declare one of BigQuery's own table functions."""
    proto = level.custom_tvf.add(name_path=[part.lower() for part in function.path], group=EXTRA_GROUP)
    for argument in function.arguments:
        added = _add_extra_argument(proto.signature, argument)
        if argument.optional:
            # The analyzer wants a default where a body is given: NULL, of some type where the type is open.
            added.options.default_value.SetInParent()
            if not isinstance(argument.type, SqlType):
                added.options.default_value_type.CopyFrom(to_proto(SqlType("INT64")))
    _returns(proto.signature, _RELATION)
    _describe_by_query(proto, [argument.name for argument in function.arguments], function.query)


def _add_extra_argument(signature: Any, argument: ExtraArgument) -> Any:
    proto = signature.argument.add()
    _set_type(proto, argument.type)
    if argument.name:
        proto.options.argument_name = argument.name
    if argument.optional:
        proto.options.cardinality = _ENUMS.OPTIONAL
    return proto


def _set_type(proto: Any, argument_type: ArgumentType) -> None:
    proto.num_occurrences = _AS_DECLARED
    if isinstance(argument_type, SqlType):
        proto.kind = _FIXED
        proto.type.CopyFrom(to_proto(argument_type))
    else:
        proto.kind = {"ANY": _ARBITRARY, "T": _SAME, "TABLE": _RELATION}[argument_type]
