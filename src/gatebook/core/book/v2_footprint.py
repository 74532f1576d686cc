"""A Footprint in version 2 of the documents, there and back."""

from collections.abc import Iterable

from gatebook.core.analysis import footprint as facts
from gatebook.core.book import v1, v2
from gatebook.core.book.canonical import repeated
from gatebook.core.book.remembered import Remembered

_NO_USES = facts.Uses()


def _footprint_anew(footprint: facts.Footprint) -> v2.Footprint:
    numbers: dict[facts.TableRef, int] = {}

    def columns(sources: Iterable[facts.Source]) -> list[tuple[int, str]]:
        return [(numbers.setdefault(table, len(numbers)), path) for table, path in sources]

    def tables(named: Iterable[facts.TableRef]) -> list[int]:
        return [numbers.setdefault(table, len(numbers)) for table in named]

    def statement(of: facts.Statement) -> v2.Statement:
        uses = of.uses
        return v2.Statement(
            columns_read=columns(of.columns_read),
            columns_written=columns(of.columns_written),
            opaque=[v1.Opaque(detail=item.detail, reason=item.reason) for item in of.opaque],
            outputs=[v2.Output(name=item.name, sources=columns(item.sources), type=item.type) for item in of.outputs],
            resources_read=[(resource.kind, resource.name) for resource in of.resources_read],
            resources_written=[(resource.kind, resource.name) for resource in of.resources_written],
            tables_read=tables(of.tables_read),
            tables_written=tables(of.tables_written),
            traits=list(of.traits),
            type=of.type,
            uses=None
            if uses == _NO_USES
            else v2.Uses(
                group=columns(uses.group),
                join=columns(uses.join),
                order=columns(uses.order),
                predicate=columns(uses.predicate),
                window=columns(uses.window),
            ),
        )

    statements = [statement(one) for one in footprint.statements]
    return repeated(v2.Footprint(statements=statements, tables=[(t.project, t.dataset, t.table) for t in numbers]))


write_footprint = Remembered(_footprint_anew, at_most=512)


def read_footprint(footprint: v2.Footprint) -> facts.Footprint:
    """Give the footprint that a document holds. Raises ValueError, IndexError."""
    tables = [facts.TableRef(*names) for names in footprint.tables]
    return facts.Footprint(tuple(_statement(statement, tables) for statement in footprint.statements))


def _statement(statement: v2.Statement, tables: list[facts.TableRef]) -> facts.Statement:
    def columns(numbered: list[v2.Column]) -> tuple[facts.Source, ...]:
        return tuple((tables[number], path) for number, path in numbered)

    uses = statement.uses or v2.Uses()
    return facts.Statement(
        type=statement.type,
        tables_read=tuple(tables[number] for number in statement.tables_read),
        tables_written=tuple(tables[number] for number in statement.tables_written),
        columns_read=columns(statement.columns_read),
        columns_written=columns(statement.columns_written),
        outputs=tuple(facts.Output(item.name, item.type, columns(item.sources)) for item in statement.outputs),
        uses=facts.Uses(
            predicate=columns(uses.predicate),
            join=columns(uses.join),
            group=columns(uses.group),
            order=columns(uses.order),
            window=columns(uses.window),
        ),
        resources_read=_resources(statement.resources_read),
        resources_written=_resources(statement.resources_written),
        traits=tuple(facts.Trait(trait) for trait in statement.traits),
        opaque=tuple(facts.Opaque(item.reason, item.detail) for item in statement.opaque),
    )


def _resources(named: list[v2.Resource]) -> tuple[facts.Resource, ...]:
    return tuple(facts.Resource(facts.ResourceKind(kind), name) for kind, name in named)
