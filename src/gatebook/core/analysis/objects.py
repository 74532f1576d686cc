"""What a statement names beside tables: routines, models, datasets, connections, files and what protects data."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from gatebook.core.analysis.footprint import Resource, ResourceKind
from gatebook.core.analysis.lineage.session import Session
from gatebook.core.analysis.names import Names
from gatebook.core.analysis.options import options
from gatebook.googlesql import tree

_Named = Callable[[Any, Names], Iterable[Resource]]

_DROPPED = {
    "ASSIGNMENT": ResourceKind.CAPACITY,
    "CAPACITY": ResourceKind.CAPACITY,
    "FUNCTION": ResourceKind.ROUTINE,
    "MODEL": ResourceKind.MODEL,
    "PROCEDURE": ResourceKind.ROUTINE,
    "RESERVATION": ResourceKind.CAPACITY,
    "SCHEMA": ResourceKind.DATASET,
    "TABLE FUNCTION": ResourceKind.ROUTINE,
}
_GRANTED = {"SCHEMA": ResourceKind.DATASET, "DATASET": ResourceKind.DATASET, "PROJECT": ResourceKind.PROJECT}
_ENTITIES = {
    "ASSIGNMENT": ResourceKind.CAPACITY,
    "BI_CAPACITY": ResourceKind.CAPACITY,
    "CAPACITY": ResourceKind.CAPACITY,
    "ORGANIZATION": ResourceKind.PROJECT,
    "PROJECT": ResourceKind.PROJECT,
    "RESERVATION": ResourceKind.CAPACITY,
}
_SHARING = frozenset({"GrantStmt", "RevokeStmt"})
_EVERY_POLICY = "*"
_URI_OPTIONS = frozenset({"external_source", "model_path", "reference_file_schema_uri", "storage_uri", "uri", "uris"})
# Options of files that are read; those of EXPORT DATA and EXPORT MODEL are written.
_EXPORTS = frozenset({"ExportDataStmt", "ExportModelStmt"})


def resources_read(statement: Any, session: Session) -> Iterator[Resource]:
    """Give the connections, files and models that the statement itself names as what it reads."""
    names = session.names
    connection = tree.present(statement, "connection")
    if connection is not None:
        named = session.connections(connection.connection.full_name)
        yield from (Resource(ResourceKind.CONNECTION, name) for name in named)
    kind = tree.kind(statement)
    if kind == "ExportModelStmt":
        yield Resource(ResourceKind.MODEL, names.object(statement.model_name_path))
    if kind not in _EXPORTS:
        yield from _files(statement)


def resources_written(statement: Any, names: Names) -> Iterator[Resource]:
    """Give what the statement makes, changes, drops or exports to."""
    kind = tree.kind(statement)
    if kind in _EXPORTS:
        yield from _files(statement)
    rule = _RULES.get(kind)
    if rule is not None:
        yield from rule(statement, names)


def _files(statement: Any) -> Iterator[Resource]:
    for option in options(statement):
        if option.name.lower() in _URI_OPTIONS:
            yield from (Resource(ResourceKind.URI, text) for text in _texts(option.value))


def _texts(wrapped: Any) -> list[str]:
    """Give the strings of a literal; `*` for what is made when it runs."""
    node = tree.unwrap(wrapped)
    if node is None or tree.kind(node) != "Literal":
        return ["*"]
    value = node.value.value
    if value.HasField("array_value"):
        return [element.string_value for element in value.array_value.element]
    return [value.string_value]


def _object(kind: ResourceKind) -> _Named:
    def named(statement: Any, names: Names) -> Iterator[Resource]:
        yield Resource(kind, names.object(tree.field(statement, "name_path")))

    return named


def _dataset(statement: Any, names: Names) -> Iterator[Resource]:
    yield Resource(ResourceKind.DATASET, _whole_dataset(tree.field(statement, "name_path"), names))


def _whole_dataset(path: Iterable[str], names: Names) -> str:
    parts = [part for name in path for part in name.split(".")]
    return ".".join(parts if len(parts) > 1 else (names.project, *parts))


def _drop(statement: Any, names: Names) -> Iterator[Resource]:
    kind = _DROPPED.get(statement.object_type.upper())
    if kind is ResourceKind.DATASET:
        yield from _dataset(statement, names)
    elif kind is ResourceKind.CAPACITY:
        yield Resource(kind, ".".join(statement.name_path))
    elif kind is not None:
        yield Resource(kind, names.object(statement.name_path))


def shares_schema(statement: Any) -> bool:
    """Tell GRANT and REVOKE on a dataset."""
    kinds = tree.field(statement, "object_type_list") if tree.kind(statement) in _SHARING else ()
    return _GRANTED.get("".join(kinds).upper()) is ResourceKind.DATASET


def _grant(statement: Any, names: Names) -> Iterator[Resource]:
    what = "".join(statement.parent.object_type_list).upper()
    kind = _GRANTED.get(what)
    if kind is ResourceKind.DATASET:
        yield Resource(kind, _whole_dataset(statement.parent.name_path, names))
    elif kind is not None:
        yield Resource(kind, ".".join(statement.parent.name_path))


def _policy(statement: Any, names: Names) -> Iterator[Resource]:
    path = tree.field(statement, "target_name_path") or tree.field(statement, "name_path")
    name = _EVERY_POLICY if tree.field(statement, "is_drop_all") else tree.field(statement, "name") or _EVERY_POLICY
    yield Resource(ResourceKind.ROW_ACCESS_POLICY, f"{names.object(path)}.{name}")


def _index(statement: Any, names: Names) -> Iterator[Resource]:
    name = tree.field(statement, "name") or ".".join(tree.field(statement, "name_path"))
    yield Resource(ResourceKind.INDEX, f"{names.object(tree.field(statement, 'table_name_path'))}.{name}")


def _entity(statement: Any, names: Names) -> Iterator[Resource]:
    kind = _ENTITIES.get(statement.entity_type.upper())
    if kind is not None:
        path = ".".join(tree.field(statement, "name_path"))
        yield Resource(kind, path or (names.project if statement.entity_type.upper() == "PROJECT" else "organization"))


_RULES: Mapping[str, _Named] = {
    "AlterAllRowAccessPoliciesStmt": _policy,
    "AlterEntityStmt": _entity,
    "AlterExternalSchemaStmt": _dataset,
    "AlterIndexStmt": _index,
    "AlterModelStmt": _object(ResourceKind.MODEL),
    "AlterRowAccessPolicyStmt": _policy,
    "AlterSchemaStmt": _dataset,
    "CreateEntityStmt": _entity,
    "CreateExternalSchemaStmt": _dataset,
    "CreateFunctionStmt": _object(ResourceKind.ROUTINE),
    "CreateIndexStmt": _index,
    "CreateModelStmt": _object(ResourceKind.MODEL),
    "CreateProcedureStmt": _object(ResourceKind.ROUTINE),
    "CreateRowAccessPolicyStmt": _policy,
    "CreateSchemaStmt": _dataset,
    "CreateTableFunctionStmt": _object(ResourceKind.ROUTINE),
    "DropEntityStmt": _entity,
    "DropFunctionStmt": _object(ResourceKind.ROUTINE),
    "DropIndexStmt": _index,
    "DropRowAccessPolicyStmt": _policy,
    "DropStmt": _drop,
    "DropTableFunctionStmt": _object(ResourceKind.ROUTINE),
    "GrantStmt": _grant,
    "RevokeStmt": _grant,
    "UndropStmt": _dataset,
}
