"""Where all of a table is read, or its columns are moved without SQL: the columns by name, down to the leaves."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from gatebook.core.analysis.footprint import EVERYTHING, Footprint, Output, Source, Statement, TableRef
from gatebook.core.analysis.leaves import leaves
from gatebook.googlesql.catalog import Table

Known = Mapping[TableRef, Table]


def tables_to_know(footprint: Footprint, *, moved: bool) -> frozenset[TableRef]:
    """Give the tables whose schemas `spelled_out` needs; `moved`: no SQL says which columns go where."""
    statements = footprint.statements
    return frozenset(t for s in statements for t, column in s.columns_read if moved or column == EVERYTHING)


def spelled_out(footprint: Footprint, known: Known, *, moved: bool) -> Footprint:
    """Name the columns where all of a table are read, so that policies and the book find them.

    What is not known keeps the sign for all columns. `moved`: the statements are of a call without SQL, which gives the
    columns that it reads to its result or to the table that it writes.
    """
    return Footprint(tuple(_statement(statement, known, moved=moved) for statement in footprint.statements))


def _statement(statement: Statement, known: Known, *, moved: bool) -> Statement:
    if not statement.columns_read:
        return statement
    read = _named(statement.columns_read, known, moved=moved)
    if moved:
        outputs = tuple(_outputs(statement.columns_read, known))
    else:
        outputs = tuple(replace(output, sources=_named(output.sources, known)) for output in statement.outputs)
    return replace(statement, columns_read=read, outputs=outputs)


def _named(columns: Iterable[Source], known: Known, *, moved: bool = False) -> tuple[Source, ...]:
    named: set[Source] = set()
    for table, path in columns:
        schema = known.get(table)
        if schema is None or not (moved or path == EVERYTHING):
            named.add((table, path))
        else:
            named.update((table, leaf) for leaf in _leaves_below(schema, path) or (path,))
    return tuple(sorted(named))


def _outputs(columns: Iterable[Source], known: Known) -> Iterator[Output]:
    """Give the columns of the result by name; a copy of several tables has them from each."""
    found: dict[str, Output] = {}
    for table, path in columns:
        schema = known.get(table)
        for name, kind in _chosen(schema, path):
            sources = tuple((table, leaf) for leaf in _leaves_below(schema, name)) if schema else ()
            before = found.get(name.lower(), Output(name, kind))
            joined = tuple(sorted({*before.sources, *(sources or ((table, name),))}))
            found[name.lower()] = Output(before.name, kind, joined)
    return iter(found.values())


def _chosen(schema: Table | None, path: str) -> list[tuple[str, str]]:
    """Give the columns that a path stands for, with their types; a type that is not known is empty."""
    if schema is None:
        return [(path, "")]
    columns = [(column.name, str(column.type)) for column in schema.columns if not column.pseudo]
    if path == EVERYTHING:
        return columns
    return [(path, next((kind for name, kind in columns if name.lower() == path.lower()), ""))]


def _leaves_below(schema: Table, path: str) -> tuple[str, ...]:
    wanted = path.lower()
    found = leaves(schema)
    if path == EVERYTHING:
        return found
    return tuple(leaf for leaf in found if leaf.lower() == wanted or leaf.lower().startswith(f"{wanted}."))
