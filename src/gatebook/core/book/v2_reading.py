"""The documents of version 2 back to Promise and Refusal."""

from gatebook.core.analysis import footprint as facts
from gatebook.core.book import records, v2
from gatebook.core.book.v1_reading import promise_with, refusal_with


def read_promise(document: v2.Promise) -> records.Promise:
    """Give the promise that a document holds. Raises ValueError."""
    return promise_with(document, _footprint(document.footprint))


def read_refusal(document: v2.Refusal) -> records.Refusal:
    """Give the refusal that a document holds. Raises ValueError."""
    return refusal_with(document, None if document.footprint is None else _footprint(document.footprint))


def _footprint(footprint: v2.Footprint) -> facts.Footprint:
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
